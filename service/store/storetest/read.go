package storetest

import (
	"crypto/rand"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"
	"pgregory.net/rapid"

	"github.com/vod-reproduction/vod/service/asset"
	"github.com/vod-reproduction/vod/service/store"
)

// list returns the titles of a page, and the total.
func list(t testing.TB, s *DB, q asset.Query) (titles []string, total int) {
	t.Helper()
	q.ProjectID = Project
	page, total, err := s.List(t.Context(), q)
	if err != nil {
		t.Fatalf("List(%+v): %v", q, err)
	}
	for _, a := range page {
		titles = append(titles, a.Title)
	}
	return titles, total
}

func (on suite) testListFilters(t *testing.T) {
	t.Parallel()
	clock := time.Date(2026, 1, 16, 8, 0, 0, 0, time.UTC)
	at := func(minutes int) time.Time { return clock.Add(time.Duration(minutes) * time.Minute) }
	now := clock
	s := on.open(t, store.Config{Now: func() time.Time { return now }})
	films, err := s.CreateCategory(t.Context(), Project, "films", 0)
	if err != nil {
		t.Fatal(err)
	}
	ids := make(map[string]string)
	for i, title := range []string{"one", "two", "three", "four"} {
		now = at(i)
		n := NewAsset()
		n.Title, n.Description = title, "about "+strings.ToUpper(title)+" 100%"
		n.Source.Key, n.Tags, n.VideoType = "in/"+title+".mov", "tag"+strconv.Itoa(i), []string{"MP4", "MOV"}[i%2]
		if title == "two" {
			n.CategoryID = films.ID
		}
		if title == "four" {
			n.Plan.Transcode = &asset.Transcode{}
		}
		ids[title] = s.MustAccept(t, n).ID
	}
	foreign := NewAsset()
	foreign.ProjectID = "another project"
	foreignID := s.MustAccept(t, foreign).ID
	last := s.MustBegin(t, ids["three"])
	if err := s.Finish(t.Context(), last, Ending(last)); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		query asset.Query
		want  string
		total int
	}{
		"all, newest first":  {asset.Query{}, "four three two one", 4},
		"ids":                {asset.Query{IDs: []string{ids["one"], ids["four"], foreignID, "unknown"}}, "four one", 2},
		"state":              {asset.Query{States: []asset.State{asset.Created, asset.Published}}, "three", 1},
		"category":           {asset.Query{CategoryID: films.ID}, "two", 1},
		"other category":     {asset.Query{CategoryID: asset.OtherCategory}, "four three one", 3},
		"text in title":      {asset.Query{Text: "HRE"}, "three", 1},
		"text in describing": {asset.Query{Text: "t two"}, "two", 1},
		"text is no pattern": {asset.Query{Text: "0%"}, "four three two one", 4},
		"no such text":       {asset.Query{Text: "t%two"}, "", 0},
		"search in title":    {asset.Query{Search: "HREE"}, "three", 1},
		"search in key":      {asset.Query{Search: "in/F"}, "four", 1},
		"search in tags":     {asset.Query{Search: "TAG1"}, "two", 1},
		"short search":       {asset.Query{Search: "w"}, "two", 1},
		"no such search":     {asset.Query{Search: "about"}, "", 0},
		"search and state":   {asset.Query{Search: "tag", States: []asset.State{asset.Created, asset.Published}}, "three", 1},
		"type":               {asset.Query{VideoTypes: []string{"MOV"}}, "four two", 2},
		"oldest first":       {asset.Query{Order: asset.OrderOldest, Size: 2}, "one two", 4},
		"by title":           {asset.Query{Order: asset.OrderTitle, Size: 3, Page: 1}, "two", 4},
		"search by title":    {asset.Query{Order: asset.OrderTitle, Search: "mov"}, "four one three two", 4},
		"largest first":      {asset.Query{Order: asset.OrderLargest, Size: 1}, "three", 4},
		"count to":           {asset.Query{CountTo: 2, Size: 3}, "four three two", 2},
		"counted":            {asset.Query{Counted: 4, Size: 3, Order: asset.OrderTitle, Search: "mov"}, "four one three", 4},
		"from":               {asset.Query{From: at(2)}, "four three", 2},
		"to":                 {asset.Query{To: at(1)}, "two one", 2},
		"from and to":        {asset.Query{From: at(1), To: at(1)}, "two", 1},
		"first page":         {asset.Query{Size: 3}, "four three two", 4},
		"second page":        {asset.Query{Size: 3, Page: 1}, "one", 4},
		"both states":        {asset.Query{States: []asset.State{asset.Created}, Transcode: []asset.StageState{asset.StageDone}}, "", 0},
		"either state": {asset.Query{States: []asset.State{asset.Created}, Transcode: []asset.StageState{asset.StageDone},
			AnyStatus: true, From: at(2)}, "three", 1},
		"transcoding waits": {asset.Query{Transcode: []asset.StageState{asset.StageWaiting}}, "four", 1},
		"not transcoded":    {asset.Query{Transcode: []asset.StageState{"", asset.StageNotDone}}, "three two one", 3},
		"not transcoded or created": {asset.Query{States: []asset.State{asset.Created}, Transcode: []asset.StageState{""},
			AnyStatus: true, From: at(1)}, "three two", 2},
		"text, behind the count": {asset.Query{Text: "0%", CountTo: 1, Size: 1, Page: 2}, "two", 1},
		"text by title":          {asset.Query{Text: "0%", Order: asset.OrderTitle, Size: 2}, "four one", 4},
		"beyond the end":         {asset.Query{Size: 3, Page: 2}, "", 4},
		"beyond all numbers":     {asset.Query{Size: 2, Page: math.MaxInt}, "", 4},
		"text beyond them":       {asset.Query{Size: 2, Page: math.MaxInt, Text: "0%"}, "", 4},
		"waiting beyond them":    {asset.Query{Size: 2, Page: math.MaxInt, Transcode: []asset.StageState{asset.StageWaiting}}, "", 1},
		"together":               {asset.Query{States: []asset.State{asset.Creating}, Text: "o", To: at(2)}, "two one", 2},
	} {
		t.Run(name, func(t *testing.T) {
			titles, total := list(t, s, c.query)
			if got := strings.Join(titles, " "); got != c.want || total != c.total {
				t.Errorf("got %q of %d, want %q of %d", got, total, c.want, c.total)
			}
		})
	}
	for _, q := range []asset.Query{{Page: -1}, {Size: -1}, {Size: asset.MaxPageSize + 1}} {
		if _, _, err := s.List(t.Context(), q); err == nil {
			t.Errorf("List(%+v) succeeded", q)
		}
	}
	for name, c := range map[string]struct {
		query asset.Query
		want  map[asset.State]int
		more  bool
	}{
		"all":           {asset.Query{}, map[asset.State]int{asset.Creating: 3, asset.CreateFailed: 0}, false},
		"capped":        {asset.Query{CountTo: 2}, map[asset.State]int{asset.Creating: 2}, false},
		"search":        {asset.Query{Search: "tag", States: []asset.State{asset.Published}}, map[asset.State]int{asset.Creating: 3}, false},
		"capped search": {asset.Query{Search: "tag", CountTo: 1}, nil, true},
		"none":          {asset.Query{VideoTypes: []string{"TS"}}, map[asset.State]int{asset.Creating: 0}, false},
	} {
		q := c.query
		q.ProjectID = Project
		counts, more, err := s.CountStates(t.Context(), q)
		if err != nil || more != c.more || c.want != nil && counts[asset.Creating] != c.want[asset.Creating] {
			t.Errorf("%s: CountStates = %v, %v, %v, want %v", name, counts, more, err, c.want)
		}
	}
	a, _, err := s.List(t.Context(), asset.Query{ProjectID: Project, CategoryID: films.ID})
	if err != nil || a[0].CategoryName != "films" {
		t.Errorf("category name %q, %v; want films", a[0].CategoryName, err)
	}
	if len(a[0].Request) > 0 {
		t.Error("a list reads the requests of its assets")
	}
}

// The text filter and the search find a title exactly when strings.Contains does, in either case of letters, whatever
// characters SQL might take for its own.
func (on suite) testListText(t *testing.T) {
	t.Parallel()
	s := on.open(t, store.Config{})
	characters := rapid.SampledFrom([]rune(`ab%_\'"[]*?é影`))
	few := rapid.SampledFrom([]rune(`aB_"`)) // in which long texts repeat
	rapid.Check(t, func(rt *rapid.T) {
		n := NewAsset()
		n.ProjectID = rand.Text()
		if err := s.AuthorizeBucket(t.Context(), n.ProjectID, n.Source.Bucket); err != nil {
			rt.Fatal(err)
		}
		n.Title = rapid.OneOf(rapid.StringOfN(characters, 1, 12, -1), rapid.StringOfN(few, 8, 32, -1)).Draw(rt, "title")
		find := rapid.OneOf(rapid.StringOfN(characters, 1, 4, -1), rapid.StringOfN(few, 3, 10, -1)).Draw(rt, "find")
		s.MustAccept(t, n)
		for _, q := range []asset.Query{{Text: find}, {Search: find}, {Search: find, Order: asset.OrderTitle}} {
			q.ProjectID = n.ProjectID
			page, total, err := s.List(t.Context(), q)
			if found := total == 1; err != nil || found != strings.Contains(strings.ToLower(n.Title), strings.ToLower(find)) || len(page) != total {
				rt.Fatalf("%+v: found %v, %v", q, found, err)
			}
		}
	})
}

func (on suite) testListPagesAreStable(t *testing.T) {
	t.Parallel()
	fixed := time.Date(2026, 1, 16, 8, 0, 0, 0, time.UTC)
	s := on.open(t, store.Config{Now: func() time.Time { return fixed }}) // all in the same millisecond
	var want []string
	for range 25 {
		n := NewAsset()
		n.Title = rand.Text()
		s.MustAccept(t, n)
		want = append(want, n.Title)
	}
	slices.Reverse(want)
	var got []string
	for page := range 3 {
		titles, total := list(t, s, asset.Query{Page: page})
		if total != len(want) {
			t.Errorf("total %d, want %d", total, len(want))
		}
		got = append(got, titles...)
	}
	if !slices.Equal(got, want) {
		t.Errorf("pages gave %v, want %v", got, want)
	}
}

func (on suite) testCountIsCapped(t *testing.T) {
	t.Parallel()
	s := on.open(t, store.Config{})
	first := s.MustAccept(t, NewAsset()).ID
	for _, total := range []int{asset.MaxTotal, asset.MaxTotal + 5} {
		have := s.Count(t, `SELECT count(*) FROM asset`)
		s.Execute(t, `
			WITH RECURSIVE counter (n) AS (SELECT CAST($1 AS BIGINT) UNION ALL SELECT n + 1 FROM counter WHERE n < $2)
			INSERT INTO asset (id, project_id, title, description, category_id, tags, video_type, source_bucket, source_key, source_region,
				storage_mode, output_bucket, output_path, auto_publish, request, request_id, state, created_at, updated_at)
			SELECT 'copy ' || n, project_id, title, description, category_id, tags, video_type, source_bucket, source_key, source_region,
				storage_mode, output_bucket, output_path, auto_publish, request, request_id, state, created_at, updated_at
			FROM counter, asset WHERE id = $3`, have+1, total, first)
		if titles, counted := list(t, s, asset.Query{}); counted != asset.MaxTotal || len(titles) != asset.DefaultPageSize {
			t.Errorf("of %d assets %d are counted, and %d listed", total, counted, len(titles))
		}
	}
}

func (on suite) testBacklog(t *testing.T) {
	t.Parallel()
	now := time.UnixMilli(1795442074626).UTC()
	s := on.open(t, store.Config{Now: func() time.Time { return now }})
	s.MustAccept(t, NewAsset())
	now = now.Add(time.Minute)
	done := s.MustBegin(t, s.MustAccept(t, NewAsset()).ID)
	other := NewAsset()
	other.ProjectID = "another project"
	s.MustAccept(t, other)
	if err := s.Finish(t.Context(), done, Ending(done)); err != nil {
		t.Fatal(err)
	}
	want := []asset.Backlog{{ProjectID: Project, Assets: 1, Age: time.Minute}, {ProjectID: "another project", Assets: 1}}
	if got, err := s.Backlog(t.Context()); err != nil || cmp.Diff(want, got) != "" {
		t.Errorf("Backlog: %v\n%s", err, cmp.Diff(want, got))
	}
}

// The states of transcoding find the same assets whether few have them or, in another project, very many.
func (on suite) testListTranscodes(t *testing.T) {
	t.Parallel()
	const very = 1001
	s := on.open(t, store.Config{})
	transcoded := NewAsset()
	transcoded.Plan.Transcode = &asset.Transcode{}
	for title, n := range map[string]asset.New{"plain": NewAsset(), "transcoded": transcoded} {
		n.Title = title
		s.MustAccept(t, n)
	}
	waiting, none, done := []asset.StageState{asset.StageWaiting}, []asset.StageState{""}, []asset.StageState{asset.StageDone}
	look := func(when string) {
		t.Helper()
		for name, c := range map[string]struct {
			query asset.Query
			want  string
		}{
			"waiting":             {asset.Query{Transcode: waiting}, "transcoded"},
			"waiting, by title":   {asset.Query{Transcode: waiting, Order: asset.OrderTitle}, "transcoded"},
			"waiting, by a text":  {asset.Query{Transcode: waiting, Text: "code"}, "transcoded"},
			"waiting, searched":   {asset.Query{Transcode: waiting, Search: "code"}, "transcoded"},
			"done":                {asset.Query{Transcode: done}, ""},
			"not":                 {asset.Query{Transcode: none}, "plain"},
			"not, or waiting":     {asset.Query{Transcode: []asset.StageState{"", asset.StageWaiting}, Order: asset.OrderTitle}, "plain transcoded"},
			"waiting, or failed":  {asset.Query{Transcode: waiting, States: []asset.State{asset.CreateFailed}, AnyStatus: true}, "transcoded"},
			"waiting, and failed": {asset.Query{Transcode: waiting, States: []asset.State{asset.CreateFailed}}, ""},
		} {
			titles, total := list(t, s, c.query)
			if got := strings.Join(titles, " "); got != c.want || total != len(titles) {
				t.Errorf("%s, %s: got %q of %d, want %q", name, when, got, total, c.want)
			}
			q := c.query
			q.ProjectID = Project
			counts, more, err := s.CountStates(t.Context(), q)
			if !c.query.AnyStatus && len(q.States) == 0 && (err != nil || more || counts[asset.Creating] != total) {
				t.Errorf("%s, %s: CountStates = %v, %v, %v", name, when, counts, more, err)
			}
		}
	}
	look("of few")
	transcoded.ProjectID = "another project"
	var all errgroup.Group
	all.SetLimit(16)
	for range very {
		all.Go(func() error {
			_, _, err := s.Accept(t.Context(), transcoded)
			return err
		})
	}
	if err := all.Wait(); err != nil {
		t.Fatal(err)
	}
	look("of many")
}
