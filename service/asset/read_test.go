package asset

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// list gives the titles of a page, and the total.
func list(t testing.TB, s *Store, q Query) (titles []string, total int) {
	t.Helper()
	q.ProjectID = project
	page, total, err := s.List(t.Context(), q)
	if err != nil {
		t.Fatalf("List(%+v): %v", q, err)
	}
	for _, a := range page {
		titles = append(titles, a.Title)
	}
	return titles, total
}

func TestListFilters(t *testing.T) {
	t.Parallel()
	clock := time.Date(2026, 1, 16, 8, 0, 0, 0, time.UTC)
	at := func(minutes int) time.Time { return clock.Add(time.Duration(minutes) * time.Minute) }
	now := clock
	s := open(t, Config{Now: func() time.Time { return now }})
	films, err := s.CreateCategory(t.Context(), project, "films", 0)
	if err != nil {
		t.Fatal(err)
	}
	ids := make(map[string]string)
	for i, title := range []string{"one", "two", "three", "four"} {
		now = at(i)
		n := newAsset()
		n.Title, n.Description = title, "about "+strings.ToUpper(title)+" 100%"
		if title == "two" {
			n.CategoryID = films.ID
		}
		ids[title] = accept(t, s, n).ID
	}
	foreign := newAsset()
	foreign.ProjectID = "another project"
	foreignID := accept(t, s, foreign).ID
	last := begin(t, s, ids["three"])
	if err := s.Finish(t.Context(), last, ending(last)); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		query Query
		want  string
		total int
	}{
		"all, newest first":  {Query{}, "four three two one", 4},
		"ids":                {Query{IDs: []string{ids["one"], ids["four"], foreignID, "unknown"}}, "four one", 2},
		"state":              {Query{States: []State{Created, Published}}, "three", 1},
		"category":           {Query{CategoryID: films.ID}, "two", 1},
		"other category":     {Query{CategoryID: OtherCategory}, "four three one", 3},
		"text in title":      {Query{Text: "HRE"}, "three", 1},
		"text in describing": {Query{Text: "t two"}, "two", 1},
		"text is no pattern": {Query{Text: "0%"}, "four three two one", 4},
		"no such text":       {Query{Text: "t%two"}, "", 0},
		"from":               {Query{From: at(2)}, "four three", 2},
		"to":                 {Query{To: at(1)}, "two one", 2},
		"from and to":        {Query{From: at(1), To: at(1)}, "two", 1},
		"first page":         {Query{Size: 3}, "four three two", 4},
		"second page":        {Query{Size: 3, Page: 1}, "one", 4},
		"beyond the end":     {Query{Size: 3, Page: 2}, "", 4},
		"together":           {Query{States: []State{Creating}, Text: "o", To: at(2)}, "two one", 2},
	} {
		t.Run(name, func(t *testing.T) {
			titles, total := list(t, s, c.query)
			if got := strings.Join(titles, " "); got != c.want || total != c.total {
				t.Errorf("got %q of %d, want %q of %d", got, total, c.want, c.total)
			}
		})
	}
	for _, q := range []Query{{Page: -1}, {Size: -1}, {Size: MaxPageSize + 1}} {
		if _, _, err := s.List(t.Context(), q); err == nil {
			t.Errorf("List(%+v) succeeded", q)
		}
	}
	a, _, err := s.List(t.Context(), Query{ProjectID: project, CategoryID: films.ID})
	if err != nil || a[0].CategoryName != "films" {
		t.Errorf("category name %q, %v; want films", a[0].CategoryName, err)
	}
}

// The text filter finds a title exactly when strings.Contains does, whatever
// characters SQL might take for its own.
func TestListText(t *testing.T) {
	t.Parallel()
	s := open(t, Config{})
	text := rapid.StringOfN(rapid.SampledFrom([]rune(`ab%_\'"[]*?é影`)), 1, 4, -1)
	rapid.Check(t, func(rt *rapid.T) {
		n := newAsset()
		n.ProjectID = newID()
		n.Title = rapid.StringOfN(rapid.SampledFrom([]rune(`ab%_\'"[]*?é影`)), 1, 12, -1).Draw(rt, "title")
		find := text.Draw(rt, "find")
		accept(t, s, n)
		_, total, err := s.List(t.Context(), Query{ProjectID: n.ProjectID, Text: find})
		if found := total == 1; err != nil || found != strings.Contains(n.Title, find) {
			rt.Fatalf("found %v, %v", found, err)
		}
	})
}

func TestListPagesAreStable(t *testing.T) {
	t.Parallel()
	fixed := time.Date(2026, 1, 16, 8, 0, 0, 0, time.UTC)
	s := open(t, Config{Now: func() time.Time { return fixed }}) // all in the same millisecond
	var want []string
	for range 25 {
		n := newAsset()
		n.Title = newID()
		accept(t, s, n)
		want = append(want, n.Title)
	}
	slices.Reverse(want)
	var got []string
	for page := range 3 {
		titles, total := list(t, s, Query{Page: page})
		if total != len(want) {
			t.Errorf("total %d, want %d", total, len(want))
		}
		got = append(got, titles...)
	}
	if !slices.Equal(got, want) {
		t.Errorf("pages gave %v, want %v", got, want)
	}
}

func TestCountIsCapped(t *testing.T) {
	t.Parallel()
	s := open(t, Config{})
	for range 5 {
		accept(t, s, newAsset())
	}
	for most, want := range map[int]int{3: 3, 5: 5, MaxTotal: 5} {
		where, args := Query{ProjectID: project}.conditions()
		if n, err := countAssets(t.Context(), s.read, most, where, args); err != nil || n != want {
			t.Errorf("countAssets up to %d = %d, %v; want %d", most, n, err, want)
		}
	}
}
