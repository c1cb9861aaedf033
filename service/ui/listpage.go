package ui

import (
	"fmt"
	"net/http"
	"strconv"

	"github.com/vod-reproduction/vod/service/api"
	"github.com/vod-reproduction/vod/service/asset"
)

// listView is the list with its filters.
type listView struct {
	selection
	MayDump        bool
	Tabs           []tab
	Types          []string
	Categories     []choice
	Sorts          []choice
	Sizes          []int
	Rows           []row
	First, Last    int
	Total          string
	Previous, Next string // addresses; "" when there is no such page
	Everything     string // the address that selects all
	NothingAtAll   bool   // the project has no asset yet
	Bucket, Region string // of the project, for its first asset
}

// tab is a link that selects a state, with the number of assets in it.
type tab struct {
	Words, Tone string
	Href        string
	Count       string
	Current     bool
}

// row is one asset of the list.
type row struct {
	asset.Asset
	Status status
	Note   string // what is going on, or went wrong
	Cover  string // address of a picture
	Length string
}

func (u *ui) listPage(w http.ResponseWriter, r *http.Request, v api.Visitor) error {
	s, err := parseSelection(r)
	if err != nil {
		return err
	}
	counts, more, err := u.Assets.CountStates(r.Context(), s.withState("").query(v.Project))
	if err != nil {
		return err
	}
	all := 0
	for _, n := range counts {
		all += n
	}
	query := s.query(v.Project)
	if s.State == "" {
		query.Counted = min(all, query.CountTo)
	}
	assets, total, err := u.Assets.List(r.Context(), query)
	if err != nil {
		return err
	}
	categories, err := u.Assets.Categories(r.Context(), v.Project)
	if err != nil {
		return err
	}
	list := listView{
		selection: s, MayDump: v.MayDump, Everything: selection{}.href(u.Prefix), Sizes: pageSizes,
		Categories: append([]choice{{"", "All"}, {strconv.FormatInt(asset.OtherCategory, 10), asset.OtherName}}, categoryChoices(categories, s.Category)[1:]...),
	}
	for _, each := range sorts {
		list.Sorts = append(list.Sorts, each.choice)
	}
	for _, t := range asset.MediaTypes() {
		list.Types = append(list.Types, t.Name)
	}
	list.Tabs = append(list.Tabs, tab{Words: "All", Count: counted(all, more), Current: s.State == "", Href: s.withState("").href(u.Prefix)})
	for _, each := range statuses {
		list.Tabs = append(list.Tabs, tab{
			Words: each.Words, Tone: each.Tone, Count: counted(counts[each.State], more), Current: each.State == s.State,
			Href: s.withState(each.State).href(u.Prefix),
		})
	}
	origin := u.fill(&list, assets, total)
	if list.NothingAtAll {
		c, err := u.Service.Choices(r.Context(), v)
		if err != nil {
			return err
		}
		list.Region, list.Bucket = c.Region, "BUCKET"
		if len(c.Buckets) > 0 {
			list.Bucket = c.Buckets[0]
		}
	}
	page := view{Title: "Assets", Visitor: v, Body: list}
	if counts[asset.Creating] > 0 {
		page.Refresh = newRefresh(s.paused, s.withPaused(false).href(u.Prefix), s.withPaused(true).href(u.Prefix))
	}
	w.Header().Set("Content-Security-Policy", contentPolicy(origin, false))
	u.render(w, r, http.StatusOK, listTemplate, page)
	return nil
}

// fill sets the rows of a page, and returns the origin of their pictures.
func (u *ui) fill(v *listView, assets []asset.Asset, total int) (origin string) {
	for _, a := range assets {
		each := row{Asset: a, Status: statusOf(a), Note: note(a)}
		if probe := a.Results.Probe; probe != nil && probe.Duration > 0 {
			each.Length = clock(probe.Duration)
		}
		if frames := a.Results.Thumbnail; frames != nil && frames.Cover != "" {
			l := u.newLinks(a)
			if origin == "" {
				origin = l.Origin
			}
			if l.Origin == origin {
				each.Cover = l.to(frames.Cover)
			}
		}
		v.Rows = append(v.Rows, each)
	}
	v.First = (v.Page-1)*v.Size + 1
	v.Last = v.First + len(assets) - 1
	v.Total = counted(total, false)
	v.NothingAtAll = total == 0 && !v.Narrowed()
	if v.Page > 1 {
		v.Previous = v.withPage(v.Page - 1).href(u.Prefix)
	}
	if more := total > v.Last || total >= maxCounted && len(assets) == v.Size; more && v.Page < v.lastPage() {
		v.Next = v.withPage(v.Page + 1).href(u.Prefix)
	}
	return origin
}

// counted says so where the database stopped counting; more, where it may have stopped before.
func counted(n int, more bool) string {
	if n >= maxCounted {
		return strconv.Itoa(maxCounted) + "+"
	}
	if more {
		return strconv.Itoa(n) + "+"
	}
	return strconv.Itoa(n)
}

// note is the one thing worth knowing about an asset beside its state.
func note(a asset.Asset) string {
	if a.Reason != "" {
		return a.Reason
	}
	for _, s := range timeline(a, a.UpdatedAt) {
		switch {
		case s.State != asset.StageRunning:
		case s.Max > 0:
			return fmt.Sprintf("%s, %d %%", s.Name, s.Percent)
		default:
			return s.Name
		}
	}
	return ""
}
