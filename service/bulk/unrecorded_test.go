package bulk_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vod-reproduction/vod/service/bulk"
)

// TestFullJournal fills the journal while calls go out. Every asset is then either in the journal or in the error, and
// the objects of the latter are ambiguous at the next start.
func TestFullJournal(t *testing.T) {
	t.Parallel()
	const n = 3000
	path := filepath.Join(t.TempDir(), "run.db")
	j := openJournal(t, path)
	defer func() { _ = j.Close() }()
	planText(t, j, lines(n))
	if err := j.Fill(t.Context()); err != nil {
		t.Fatal(err)
	}
	s := &script{}
	err := rerun(t, j, s, func(c *bulk.Config) { c.Concurrency, c.Rate, c.Burst = 16, 1e9, 1e6 })
	var unrecorded *bulk.UnrecordedError
	if !errors.As(err, &unrecorded) || !bulk.Unwritable(err) {
		t.Fatalf("the run ended with %v", err)
	}
	assets := map[string]string{} // titles by ID
	for _, item := range append(unrecorded.Items, items(t, j, bulk.Accepted)...) {
		assets[item.AssetID] = item.Request().Title
	}
	for title, calls := range s.calls {
		if id := "asset-of-" + strings.ReplaceAll(title, " ", "-"); assets[id] != title || calls != 1 {
			t.Errorf("the asset of %s, sent %d times, is lost", title, calls)
		}
	}
	if len(assets) != len(s.calls) || len(s.calls) == n {
		t.Errorf("%d assets are known after %d calls for %d objects", len(assets), len(s.calls), n)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	j = openJournal(t, path)
	ambiguous := map[string]bool{}
	for _, item := range items(t, j, bulk.Ambiguous) {
		ambiguous[item.Request().Title] = true
	}
	for _, item := range unrecorded.Items {
		if !ambiguous[item.Request().Title] {
			t.Errorf("%s is not ambiguous at the next start", item.Request().Title)
		}
	}
}
