package ui

import (
	"context"
	"net/http"

	"github.com/vod-reproduction/vod/service/api"
	"github.com/vod-reproduction/vod/service/asset"
)

// action is what a visitor can do with an asset.
type action struct {
	Name     string // in the path
	Words    string // on the button
	Question string
	Danger   bool
	may      func(v api.Visitor) bool
	fits     func(a asset.Asset) bool // as it is now
	// do returns the ID of the asset to show afterwards; "" is the list.
	do func(ctx context.Context, s *api.Server, v api.Visitor, a asset.Asset) (next string, err error)
}

// actions are all of them, in the order of their buttons.
var actions = []action{
	{
		Name: "publish", Words: "Publish", Question: "The file gets an address, and everyone who has it can fetch the file.",
		may:  func(v api.Visitor) bool { return v.MayPublish },
		fits: func(a asset.Asset) bool { return a.State == asset.Created && !a.Blocked },
		do: func(ctx context.Context, s *api.Server, v api.Visitor, a asset.Asset) (string, error) {
			return a.ID, s.Publish(ctx, v, a.ID)
		},
	},
	{
		Name: "unpublish", Words: "Unpublish", Question: "The file's address stops working at once. The file is kept and can be published again.",
		may:  func(v api.Visitor) bool { return v.MayPublish },
		fits: func(a asset.Asset) bool { return a.State == asset.Published },
		do: func(ctx context.Context, s *api.Server, v api.Visitor, a asset.Asset) (string, error) {
			return a.ID, s.Unpublish(ctx, v, a.ID)
		},
	},
	{
		Name: "retry", Words: "Retry", Question: "The same request is sent again, and becomes a new asset. This one stays as it is.",
		may:  func(v api.Visitor) bool { return v.MayDump },
		fits: func(a asset.Asset) bool { return a.State == asset.CreateFailed && !a.Uploaded() }, // its file is gone
		do: func(ctx context.Context, s *api.Server, v api.Visitor, a asset.Asset) (string, error) {
			// Under this key a second click leads to the asset of the first.
			again, err := s.Dump(ctx, v, a.Request, "retry-of-"+a.ID)
			for err == nil && again.State == "" { // it was deleted since
				again, err = s.Dump(ctx, v, a.Request, "retry-of-"+a.ID+"-"+again.ID)
			}
			return again.ID, err
		},
	},
	{
		Name: "delete", Words: "Delete", Question: "The asset and all files that were made for it are deleted at once, and nobody can bring them back. Its source stays in its bucket.", Danger: true,
		may:  func(v api.Visitor) bool { return v.MayDelete },
		fits: func(asset.Asset) bool { return true },
		do: func(ctx context.Context, s *api.Server, v api.Visitor, a asset.Asset) (string, error) {
			return "", s.Delete(ctx, v, a.ID)
		},
	},
}

// actionsFor returns what the visitor may do with the asset as it is now.
func actionsFor(v api.Visitor, a asset.Asset) (offered []action) {
	for _, each := range actions {
		if each.may(v) && each.fits(a) {
			offered = append(offered, each.about(a))
		}
	}
	return offered
}

// check refuses what the visitor may not do, and what the asset is not in the state for.
func (c action) check(v api.Visitor, a asset.Asset) error {
	switch {
	case !c.may(v):
		return errNotPermitted
	case !c.fits(a):
		return errNotNow
	}
	return nil
}

// confirmView asks whether to do it.
type confirmView struct {
	action
	Asset   asset.Asset
	Refused *api.Refusal // why it was not done; nil before it was tried
}

// chosen returns the asset and the action that the path names.
func (u *ui) chosen(r *http.Request, v api.Visitor) (a asset.Asset, chosen action, err error) {
	for _, each := range actions {
		if each.Name == r.PathValue("action") {
			a, err = u.get(r, v)
			return a, each.about(a), err
		}
	}
	return a, chosen, errNotFound
}

func (u *ui) confirmPage(w http.ResponseWriter, r *http.Request, v api.Visitor) error {
	a, chosen, err := u.chosen(r, v)
	if err != nil {
		return err
	}
	if err := chosen.check(v, a); err != nil {
		return err
	}
	u.render(w, r, http.StatusOK, confirmTemplate, view{Title: chosen.Words, Visitor: v, Body: confirmView{action: chosen, Asset: a}})
	return nil
}

func (u *ui) act(w http.ResponseWriter, r *http.Request, v api.Visitor) error {
	a, chosen, err := u.chosen(r, v)
	if err != nil {
		return err
	}
	if err := chosen.check(v, a); err != nil {
		return err
	}
	next, err := chosen.do(r.Context(), u.Service, v, a)
	if refusal, ok := api.RefusalOf(err); ok {
		u.render(w, r, refusal.Status, confirmTemplate, view{Title: chosen.Words, Visitor: v, Body: confirmView{chosen, a, &refusal}})
		return nil
	}
	if err != nil {
		return err
	}
	to := u.Prefix + "/"
	if next != "" {
		to = u.assetPath(next)
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// AssetPath is where the page of an asset is.
func AssetPath(prefix, id string) string { return prefix + "/assets/" + id }

func (u *ui) assetPath(id string) string { return AssetPath(u.Prefix, id) }

// button is one thing that a page offers to do with its asset.
type button struct {
	Href, Words     string
	Primary, Danger bool
	Confirm         bool // it asks first
}

// buttons are what the visitor may do with the asset as it is now. About a failed one the first is what helps.
func (u *ui) buttons(v api.Visitor, a asset.Asset) []button {
	var list []button
	for _, each := range actionsFor(v, a) {
		list = append(list, button{Href: u.assetPath(a.ID) + "/" + each.Name, Words: each.Words, Danger: each.Danger, Confirm: true})
	}
	if a.State != asset.CreateFailed || a.Uploaded() || !v.MayDump {
		return list
	}
	edit := button{Href: u.Prefix + dumpPath + "?from=" + a.ID, Words: "Dump again with changes"}
	if remedyOf(a).change {
		edit.Primary = true
		return append([]button{edit}, list...)
	}
	list[0].Primary = true
	return append([]button{list[0], edit}, list[1:]...)
}

// about returns an action in words for an asset.
func (c action) about(a asset.Asset) action {
	if c.Name == "retry" && remedyOf(a).change {
		c.Words = "Retry unchanged"
		c.Question = "It fails in the same way unless the file in the bucket was replaced. " + c.Question
	}
	return c
}
