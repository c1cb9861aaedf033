package ui

import (
	"crypto/rand"
	"net/http"
	"net/url"
	"regexp"
	"strconv"

	"github.com/vod-reproduction/vod/service/api"
	"github.com/vod-reproduction/vod/service/asset"
)

// dumpPath is where the form is that starts a dump.
const dumpPath = "/dump"

// maxFilled bounds the addresses that fill the form in, and so what is shown of them.
const maxFilled = 16 << 10

// formKey is what rand.Text returns.
var formKey = regexp.MustCompile(`^[2-7A-Z]{26,64}$`)

// dumpView is the form, with what was entered and what is wrong with it.
type dumpView struct {
	Groups  []dumpGroupView
	Key     string // under which a second click makes no second asset
	Notice  string
	Refused *api.Refusal
	Faults  []faultLink
	Others  []string // faults of no field
}

type dumpGroupView struct {
	Legend string
	Open   bool
	Fields []dumpFieldView
}

type dumpFieldView struct {
	dumpField
	Value       string
	Fault       string
	Suggestions []string
}

// faultLink leads from the head of the form to a field at fault.
type faultLink struct{ Path, Label, Fault string }

// dumpPage shows the form, filled in by the address, or with the request of the asset that "from" names.
func (u *ui) dumpPage(w http.ResponseWriter, r *http.Request, v api.Visitor) error {
	if !v.MayDump {
		return errNotPermitted
	}
	if len(r.URL.RawQuery) > maxFilled {
		return illegal("It fills in more than the form takes; fill it in by hand.")
	}
	values := r.URL.Query()
	if id := values.Get("from"); id != "" {
		r.SetPathValue("id", id)
		a, err := u.get(r, v)
		if err != nil {
			return err
		}
		values = valuesOf(a.Request)
	}
	return u.renderDump(w, r, v, http.StatusOK, dumpView{Key: rand.Text()}, values)
}

// dump sends the request that the form describes.
func (u *ui) dump(w http.ResponseWriter, r *http.Request, v api.Visitor) error {
	if err := form(w, r, maxForm); err != nil {
		return err
	}
	body, err := requestOf(r.PostForm)
	if err != nil {
		return err
	}
	key := r.PostForm.Get("key")
	if !formKey.MatchString(key) {
		key = rand.Text()
	}
	a, err := u.Service.Dump(r.Context(), v, body, "form-"+key)
	if refusal, ok := api.RefusalOf(err); ok {
		view := dumpView{Key: key, Refused: &refusal}
		if refusal.Status == http.StatusConflict {
			view.Key, view.Notice = rand.Text(), "This form was sent before, and its asset exists. Send it again to dump once more."
		}
		return u.renderDump(w, r, v, refusal.Status, view, r.PostForm)
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, u.assetPath(a.ID), http.StatusSeeOther)
	return nil
}

// resumeDump shows a form again that was sent without a session. Nothing of it was done.
func (u *ui) resumeDump(w http.ResponseWriter, r *http.Request, kept string) error {
	values, err := url.ParseQuery(kept)
	if err != nil {
		return errForm
	}
	v, ok := u.Service.Visitor(r)
	if !ok || !v.MayDump {
		return errNotPermitted
	}
	return u.renderDump(w, r, v, http.StatusOK, dumpView{Key: rand.Text(), Notice: "You are signed in again. Nothing was sent; look at the form and send it."}, values)
}

func (u *ui) renderDump(w http.ResponseWriter, r *http.Request, v api.Visitor, status int, form dumpView, values url.Values) error {
	choices, err := u.Service.Choices(r.Context(), v)
	if err != nil {
		return err
	}
	categories, err := u.Assets.Categories(r.Context(), v.Project)
	if err != nil {
		return err
	}
	if !values.Has("input.location") {
		values.Set("input.location", choices.Region)
	}
	if !values.Has("input.bucket") && len(choices.Buckets) == 1 {
		values.Set("input.bucket", choices.Buckets[0])
	}
	var faults map[string]string
	if form.Refused != nil {
		faults, form.Others = faultsOf(form.Refused.Fields)
	}
	for _, group := range dumpGroups {
		shown := dumpGroupView{Legend: group.Legend, Open: group.filled(values, faults)}
		for _, f := range group.Fields {
			field := dumpFieldView{dumpField: f, Value: values.Get(f.Path), Fault: faults[f.Path]}
			if f.suggestions != nil {
				field.Suggestions = f.suggestions(choices)
			}
			if f.Path == "category_id" {
				field.Choices = categoryChoices(categories, field.Value)
			}
			if field.Fault != "" {
				label := f.Label
				if len(form.Groups) > 0 {
					label = group.Legend + ": " + label
				}
				form.Faults = append(form.Faults, faultLink{f.Path, label, field.Fault})
			}
			shown.Fields = append(shown.Fields, field)
		}
		form.Groups = append(form.Groups, shown)
	}
	u.render(w, r, status, dumpTemplate, view{Title: "Dump a file", Visitor: v, Body: form})
	return nil
}

// categoryChoices are the categories of a project, and what was entered even when it is none of them.
func categoryChoices(categories []asset.Category, entered string) []choice {
	list, found := []choice{{"", asset.OtherName}}, entered == ""
	for _, c := range categories {
		id := strconv.FormatInt(c.ID, 10)
		list, found = append(list, choice{id, c.Name}), found || id == entered
	}
	if !found {
		list = append(list, choice{entered, entered})
	}
	return list
}
