package ui

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/vod-reproduction/vod/service/asset"
)

func TestListShowsStates(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	all := scripts{}
	title := func(title string, run script) {
		all[s.accept(t, func(n *asset.New) { n.Title, n.AutoPublish = title, title == "published" })] = run
	}
	title("published", s.finishes(1_573_001_232))
	title("created", s.finishes(7))
	title("failed", s.fails("VOD.10003", "The object is not there."))
	title("copying", s.reports(asset.Stage{Name: "copy", State: asset.StageRunning, StartedAt: noon, Bytes: 42, Total: 100}))
	title("looking", s.reports(asset.Stage{Name: "stat", State: asset.StageRunning, StartedAt: noon}))
	title("retrying", func(context.Context, asset.Attempt) error {
		return asset.Temporary("VOD.10052", "The object store does not respond.", errors.New("connection refused"))
	})
	s.work(t, all)
	s.accept(t, func(n *asset.New) { n.Title = "fresh" })

	page := s.page(t, "/ui/")
	rows := page.all("tr")[1:]
	for i, want := range [][]string{
		{"fresh"}, {"retrying", "does not respond", "Processing"}, {"looking", "stat"}, {"copying", "copy, 42 %"},
		{"failed", "The object is not there.", "Failed"}, {"created", "Ready, not published", "7 B"},
		{"published", "Published", "MP4", "1.57 GB", "2026-05-01 12:00:00 UTC"},
	} {
		rows[i].wants(t, want...)
	}
	filters := page.all("nav")[1]
	filters.wants(t, "All 7", "Processing 4", "Failed 1", "Ready, not published 1", "Published 1")
	if got := filters.one(t, "a", "All").attr["aria-current"]; got != "page" {
		t.Errorf("the selected filter has aria-current %q", got)
	}
	failed := s.page(t, filters.one(t, "a", "Failed").attr["href"])
	if rows := failed.all("tr")[1:]; len(rows) != 1 || !strings.Contains(rows[0].text, "failed") {
		t.Errorf("the filter returns %d rows", len(rows))
	}
	failed.all("nav")[1].wants(t, "All 7", "Failed 1")
	s.page(t, rows[6].all("a")[0].attr["href"]).one(t, "h1", "published")
}

func TestListPages(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	const assets = 2*20 + 1
	for i := range assets {
		s.accept(t, func(n *asset.New) { n.Title = fmt.Sprintf("film %03d", i+1) })
	}
	seen := assets
	path := "/ui/"
	for number, want := range []string{"1–20 of 41", "21–40 of 41", "41–41 of 41"} {
		page := s.page(t, path)
		nav := page.all("nav")[2]
		nav.wants(t, want)
		for _, row := range page.all("tr")[1:] {
			row.wants(t, fmt.Sprintf("film %03d", seen)) // newest first, none twice
			seen--
		}
		if newer := strings.Contains(nav.text, "Previous"); newer != (number > 0) {
			t.Errorf("page %d has a previous one: %v", number+1, newer)
		}
		if number < 2 {
			path = nav.one(t, "a", "Next").attr["href"]
		} else if strings.Contains(nav.text, "Next") {
			t.Error("the last page has a next one")
		}
	}
	if seen != 0 {
		t.Errorf("%d assets were on no page", seen)
	}
	s.page(t, "/ui/?page=4").one(t, "p", "No asset here")
}

func TestListSearch(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.accept(t, func(n *asset.New) { n.Title = `Holiday & "sea" 100%` })
	s.accept(t, func(n *asset.New) { n.Tags = "sun,SEA" })
	s.accept(t, func(n *asset.New) { n.Source.Key = "2026/x_y.mov" })
	s.accept(t, nil)
	for text, want := range map[string]int{`"sea"`: 1, "sea": 2, "100%": 1, "%": 1, "&": 1, "": 4, id: 1, id[:31]: 0, "SEA": 2, "x_y": 1, "xay": 0, "2026/X": 1, "_": 1, "\"": 1, "a OR b": 0, "*": 0, "  sea ": 2} {
		page := s.page(t, "/ui/?q="+url.QueryEscape(text))
		if got := max(len(page.all("tr"))-1, 0); got != want {
			t.Errorf("search %q returns %d rows, want %d", text, got, want)
		}
		field := page.one(t, "form", "Title, object key").all("input")[0]
		if field.attr["value"] != strings.TrimSpace(text) {
			t.Errorf("the field shows %q after a search for %q", field.attr["value"], text)
		}
		kept := page.one(t, "a", "Failed").attr["href"]
		if u, err := url.Parse(kept); err != nil || u.Query().Get("q") != strings.TrimSpace(text) || u.Query().Get("state") != "OBS_CREATE_FAILED" {
			t.Errorf("the filter after a search for %q leads to %s", text, kept)
		}
	}
	page := s.page(t, "/ui/?state=OBS_CREATING&q=film")
	if hidden := page.one(t, "form", "Title, object key").all("input")[0]; hidden.attr["name"] != "state" || hidden.attr["value"] != "OBS_CREATING" {
		t.Errorf("a search forgets the state: %v", hidden.attr)
	}
}

func TestListRefusesWhatItCannotSelect(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for query, want := range map[string]string{
		"page=0": "from 1 to 1000", "page=-1": "from 1 to 1000", "page=x": "from 1 to 1000", "page=1001": "from 1 to 1000",
		"page=99999999999999999999": "from 1 to 1000", "state=published": "state", "state=%3Cscript%3E": "state",
		"q=" + strings.Repeat("ä", maxText+1): "128 characters",
	} {
		w := s.ask(t, project, http.MethodGet, "/ui/?"+query)
		if w.Code != http.StatusBadRequest {
			t.Errorf("GET ?%s = %d", query, w.Code)
		}
		parsePage(t, w.Body.String()).wants(t, "The address is not right", want)
	}
	s.page(t, "/ui/?page=1000&unknown=x&q="+url.QueryEscape(strings.Repeat("ä", maxText)))
}

func TestListRefreshesWhileAnAssetIsMade(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.accept(t, nil)
	page := s.page(t, "/ui/?q=film")
	if page.all("body")[0].attr["data-refresh"] != "3" || page.one(t, "noscript", "").all("meta")[0].attr["http-equiv"] != "refresh" {
		t.Error("the list does not renew itself")
	}
	still := s.page(t, page.one(t, "a", "Pause").attr["href"])
	if _, renews := still.all("body")[0].attr["data-refresh"]; renews || len(still.all("noscript")) != 0 {
		t.Error("the list renews itself though it is paused")
	}
	if got := still.one(t, "a", "Resume").attr["href"]; got != "/ui/?q=film" {
		t.Errorf("resuming leads to %s", got)
	}
	s.work(t, scripts{id: s.finishes(1)})
	if s.page(t, "/ui/?q=film").all("body")[0].attr["data-refresh"] != "" {
		t.Error("the list renews itself though nothing changes")
	}
}
