package ui

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/vod-reproduction/vod/service/asset"
)

// A visitor sees what the own project stores; the disk who may fill it, and other projects who may oversee them.
func TestStorage(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	mine, theirs := s.accept(t, nil), s.accept(t, func(n *asset.New) { n.ProjectID, n.Source.Bucket = stranger, "foreign" })
	s.work(t, scripts{mine: s.finishes(2_000_000), theirs: s.finishes(3_000_000)})
	for who, want := range map[string]struct{ disk, others bool }{project: {disk: true}, reader: {}, overseer: {disk: true, others: true}} {
		response := s.ask(t, who, http.MethodGet, "/ui/storage")
		page := parsePage(t, response.Body.String())
		page.wants(t, project+" 1 2.00 MB 0 B")
		if want.disk {
			page.wants(t, "Total 500 GB", "Used 399 GB", "Free for new work 90.0 GB", "Reserved 10.0 GB", "Kept free 1.00 GB")
		} else if strings.Contains(page.text, "Reserved") {
			t.Errorf("%s sees the disk", who)
		}
		if strings.Contains(page.text, "3.00 MB") != want.others {
			t.Errorf("%s sees others: %v", who, !want.others)
		}
	}
	s.page(t, "/ui/").wants(t, "Storage")
}

// Usage is looked up seldom, however many ask.
func TestUsageIsKept(t *testing.T) {
	t.Parallel()
	var kept usage
	looks := 0
	look := func(context.Context) (map[string]asset.Usage, error) {
		looks++
		if looks == 1 {
			return nil, errors.New("the database is busy")
		}
		return map[string]asset.Usage{}, nil
	}
	for range 5 {
		if _, _, err := kept.get(t.Context(), look); err == nil || looks != 1 {
			t.Errorf("%d looks, %v; want one, which failed", looks, err)
		}
	}
	for range 2 {
		kept.at = kept.at.Add(-usageEvery - time.Second)
		_, _, _ = kept.get(t.Context(), look)
	}
	kept.took = time.Hour
	kept.at = kept.at.Add(-usageEvery - time.Second)
	if _, _, err := kept.get(t.Context(), look); err != nil || looks != 3 {
		t.Errorf("%d looks, %v; one that takes an hour is not repeated after a minute", looks, err)
	}
}
