package ui

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"unicode/utf8"

	"github.com/vod-reproduction/vod/service/asset"
)

const (
	pageSize = 20
	// lastPage is where the database stops counting.
	lastPage = asset.MaxTotal / pageSize
	// maxText is how many characters a search may have.
	maxText = 48
)

// assetID is what is searched for as an id instead of as text.
var assetID = regexp.MustCompile(`^[0-9a-f]{32}$`)

// selection is what the list's address selects.
type selection struct {
	State  asset.State // "" is all
	Text   string
	Page   int // from 1
	paused bool
}

func parseSelection(r *http.Request) (selection, error) {
	v := r.URL.Query()
	s := selection{State: asset.State(v.Get("state")), Text: v.Get("q"), Page: 1, paused: paused(r)}
	if _, ok := statusByState(s.State); !ok && s.State != "" {
		return selection{}, illegal("state is not one that can be chosen; take a link of the list.")
	}
	if utf8.RuneCountInString(s.Text) > maxText {
		return selection{}, illegal(fmt.Sprintf("A search can have %d characters; take a shorter one.", maxText))
	}
	if p := v.Get("page"); p != "" {
		n, err := strconv.Atoi(p)
		if err != nil || n < 1 || n > lastPage {
			return selection{}, illegal(fmt.Sprintf("page is not a number from 1 to %d.", lastPage))
		}
		s.Page = n
	}
	return s, nil
}

func (s selection) withState(state asset.State) selection { s.State, s.Page = state, 1; return s }
func (s selection) withPage(page int) selection           { s.Page = page; return s }
func (s selection) withPaused(paused bool) selection      { s.paused = paused; return s }

// href is the address of the selection, with nothing in it that goes without saying.
func (s selection) href(prefix string) string {
	v := url.Values{}
	if s.State != "" {
		v.Set("state", string(s.State))
	}
	if s.Text != "" {
		v.Set("q", s.Text)
	}
	if s.Page > 1 {
		v.Set("page", strconv.Itoa(s.Page))
	}
	if s.paused {
		v.Set("refresh", "off")
	}
	u := url.URL{Path: prefix + "/", RawQuery: v.Encode()}
	return u.String()
}

func (s selection) query(project string, size int) asset.Query {
	q := asset.Query{ProjectID: project, Text: s.Text, Page: s.Page - 1, Size: size}
	if s.State != "" {
		q.States = []asset.State{s.State}
	}
	if assetID.MatchString(s.Text) {
		q.IDs, q.Text = []string{s.Text}, ""
	}
	return q
}

// listView is the list with its filters.
type listView struct {
	selection
	MaxText      int
	Filters      []filter
	Rows         []row
	First, Last  int
	Total        string
	Newer, Older string // addresses; "" when there is no such page
	Everything   string // the address that selects all
	NothingAtAll bool   // the project has no asset yet
}

// filter is a link that selects a state, with the number of assets in it.
type filter struct {
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
}

func (u *ui) listPage(w http.ResponseWriter, r *http.Request, project string) error {
	s, err := parseSelection(r)
	if err != nil {
		return err
	}
	v := listView{selection: s, MaxText: maxText, Everything: selection{Page: 1}.href(u.Prefix)}
	choices := append([]status{{Words: "All"}}, statuses...)
	changing := false
	for _, choice := range choices {
		assets, total, err := u.choose(r.Context(), project, s, choice.State)
		if err != nil {
			return err
		}
		f := filter{
			Words: choice.Words, Tone: choice.Tone, Count: counted(total), Current: choice.State == s.State,
			Href: s.withState(choice.State).href(u.Prefix),
		}
		v.Filters = append(v.Filters, f)
		if f.Current {
			u.fill(&v, assets, total)
		}
		changing = changing || choice.State == asset.Creating && total > 0
	}
	page := view{Title: "Assets", Project: project, Body: v}
	if changing {
		page.Refresh = newRefresh(s.paused, s.withPaused(false).href(u.Prefix), s.withPaused(true).href(u.Prefix))
	}
	u.render(w, r, http.StatusOK, listTemplate, page)
	return nil
}

// choose counts the assets of one state, and reads those of the page when it is the selected one.
func (u *ui) choose(ctx context.Context, project string, s selection, state asset.State) ([]asset.Asset, int, error) {
	if state == s.State {
		return u.Assets.List(ctx, s.query(project, pageSize))
	}
	return u.Assets.List(ctx, s.withState(state).query(project, 1))
}

func (u *ui) fill(v *listView, assets []asset.Asset, total int) {
	for _, a := range assets {
		v.Rows = append(v.Rows, row{Asset: a, Status: statusOf(a), Note: note(a)})
	}
	v.First = (v.Page-1)*pageSize + 1
	v.Last = v.First + len(assets) - 1
	v.Total = counted(total)
	v.NothingAtAll = total == 0 && v.State == "" && v.Text == ""
	if v.Page > 1 {
		v.Newer = v.withPage(v.Page - 1).href(u.Prefix)
	}
	if total > v.Page*pageSize && v.Page < lastPage {
		v.Older = v.withPage(v.Page + 1).href(u.Prefix)
	}
}

// counted says so where the database stopped counting.
func counted(total int) string {
	if total >= asset.MaxTotal {
		return strconv.Itoa(asset.MaxTotal) + "+"
	}
	return strconv.Itoa(total)
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
