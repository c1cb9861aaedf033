package ui

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/vod-reproduction/vod/service/asset"
)

const (
	// maxText is how many characters a search may have.
	maxText = 128
	// maxCounted is where the list stops counting, so that it costs the same however many assets there are.
	maxCounted = 1000
	// lastRow is how far the pages lead; what is older is found by its date.
	lastRow = asset.MaxTotal
	// dateFormat is that of date fields.
	dateFormat = "2006-01-02"
)

// pageSizes are the rows of a page that can be chosen; the first goes without saying.
var pageSizes = []int{20, 50, 100}

// sortChoice is an order of the list.
type sortChoice struct {
	choice
	order asset.Order
}

// sorts are the orders that can be chosen; the first goes without saying.
var sorts = []sortChoice{
	{choice{"", "Newest first"}, asset.OrderNewest},
	{choice{"oldest", "Oldest first"}, asset.OrderOldest},
	{choice{"title", "Title"}, asset.OrderTitle},
	{choice{"largest", "Largest first"}, asset.OrderLargest},
}

// assetID is what is searched for as an id instead of as text.
var assetID = regexp.MustCompile(`^[0-9a-f]{32}$`)

// selection is what the list's address selects.
type selection struct {
	State    asset.State // "" is all
	Text     string
	Type     string // "" is all
	Category string // an ID; "" is all
	From, To string // days in UTC, both included
	Sort     string
	Size     int
	Page     int // from 1
	paused   bool
}

func parseSelection(r *http.Request) (selection, error) {
	v := r.URL.Query()
	s := selection{
		State: asset.State(v.Get("state")), Text: strings.Trim(v.Get("q"), " "), Type: v.Get("type"), Category: v.Get("category"),
		From: v.Get("from"), To: v.Get("to"), Sort: v.Get("sort"), Size: pageSizes[0], Page: 1, paused: paused(r),
	}
	if _, ok := statusByState(s.State); !ok && s.State != "" {
		return selection{}, illegal("state is not one that can be chosen; take a link of the list.")
	}
	if utf8.RuneCountInString(s.Text) > maxText {
		return selection{}, illegal(fmt.Sprintf("A search can have %d characters; take a shorter one.", maxText))
	}
	if !utf8.ValidString(s.Text) || strings.ContainsRune(s.Text, 0) {
		return selection{}, illegal("The search is not text.")
	}
	if _, ok := asset.FindMediaType(s.Type); !ok && s.Type != "" {
		return selection{}, illegal("type is not one that can be chosen.")
	}
	if _, err := strconv.ParseInt(s.Category, 10, 64); err != nil && s.Category != "" {
		return selection{}, illegal("category is not the ID of one.")
	}
	for _, day := range []string{s.From, s.To} {
		if _, err := time.Parse(dateFormat, day); err != nil && day != "" {
			return selection{}, illegal("from and to are days, such as 2026-05-01.")
		}
	}
	if !slices.ContainsFunc(sorts, func(each sortChoice) bool { return each.Value == s.Sort }) {
		return selection{}, illegal("sort is not one that can be chosen.")
	}
	if size := v.Get("size"); size != "" {
		n, err := strconv.Atoi(size)
		if err != nil || !slices.Contains(pageSizes, n) {
			return selection{}, illegal("size is not one that can be chosen.")
		}
		s.Size = n
	}
	if p := v.Get("page"); p != "" {
		n, err := strconv.Atoi(p)
		if err != nil || n < 1 || n > s.lastPage() {
			return selection{}, illegal(fmt.Sprintf("page is not a number from 1 to %d.", s.lastPage()))
		}
		s.Page = n
	}
	return s, nil
}

func (s selection) lastPage() int { return lastRow / s.Size }

// Narrowed reports whether anything but the order is chosen.
func (s selection) Narrowed() bool {
	return s.State != "" || s.Text != "" || s.Type != "" || s.Category != "" || s.From != "" || s.To != ""
}

// Refined reports whether anything is chosen that the search field and the states do not show.
func (s selection) Refined() bool {
	return s.Type != "" || s.Category != "" || s.From != "" || s.To != "" || s.Sort != "" || s.Size != pageSizes[0]
}

func (s selection) withState(state asset.State) selection { s.State, s.Page = state, 1; return s }
func (s selection) withPage(page int) selection           { s.Page = page; return s }
func (s selection) withPaused(paused bool) selection      { s.paused = paused; return s }

// href is the address of the selection, with nothing in it that goes without saying.
func (s selection) href(prefix string) string {
	v := url.Values{}
	for name, value := range map[string]string{
		"state": string(s.State), "q": s.Text, "type": s.Type, "category": s.Category, "from": s.From, "to": s.To, "sort": s.Sort,
	} {
		if value != "" {
			v.Set(name, value)
		}
	}
	if s.Size != pageSizes[0] && s.Size != 0 {
		v.Set("size", strconv.Itoa(s.Size))
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

// query selects the assets of the page.
func (s selection) query(project string) asset.Query {
	q := asset.Query{ProjectID: project, Search: s.Text, CountTo: maxCounted, Page: s.Page - 1, Size: s.Size}
	if s.State != "" {
		q.States = []asset.State{s.State}
	}
	if s.Type != "" {
		q.VideoTypes = []string{s.Type}
	}
	q.CategoryID, _ = strconv.ParseInt(s.Category, 10, 64) // checked
	if from, err := time.Parse(dateFormat, s.From); err == nil {
		q.From = from
	}
	if to, err := time.Parse(dateFormat, s.To); err == nil {
		q.To = to.AddDate(0, 0, 1).Add(-time.Millisecond)
	}
	for _, each := range sorts {
		if each.Value == s.Sort {
			q.Order = each.order
		}
	}
	if assetID.MatchString(s.Text) {
		q.IDs, q.Search = []string{s.Text}, ""
	}
	return q
}
