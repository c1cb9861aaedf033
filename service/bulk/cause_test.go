package bulk_test

import (
	"context"
	"errors"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/vod-reproduction/vod/client"
	"github.com/vod-reproduction/vod/service/bulk"
)

// filling fills the journal once so many calls have come, and gives IDs that need pages of their own.
type filling struct {
	script
	journal *bulk.Journal
	after   int
	once    sync.Once
}

func (f *filling) DumpBody(ctx context.Context, body []byte, options ...client.DumpOption) (string, error) {
	id, err := f.script.DumpBody(ctx, body, options...)
	f.mu.Lock()
	full := total(&f.script) >= f.after // calls that come back together may pass it together
	f.mu.Unlock()
	if full {
		f.once.Do(func() { err = errors.Join(err, f.journal.Fill(ctx)) })
	}
	return id + strings.Repeat("-", 5000), err
}

// TestFullJournal fills the journal while calls go out. Every asset is then either in the journal or in the error, and
// the objects of the latter are ambiguous at the next start.
func TestFullJournal(t *testing.T) {
	t.Parallel()
	const n, full = 200, 100
	path := filepath.Join(t.TempDir(), "run.db")
	j := openJournal(t, path)
	defer func() { _ = j.Close() }()
	planText(t, j, lines(n))
	s := &filling{journal: j, after: full}
	err := bulk.Run(t.Context(), j, bulk.Config{Service: s, Concurrency: 16, Rate: 1e9, Burst: 1e6})
	var unrecorded *bulk.UnrecordedError
	if !errors.As(err, &unrecorded) || !bulk.Unwritable(err) {
		t.Fatalf("the run ended with %v", err)
	}
	assets := map[string]string{} // titles by ID
	for _, item := range append(unrecorded.Items, items(t, j, bulk.Accepted)...) {
		assets[item.AssetID] = item.Request().Title
	}
	for title, calls := range s.calls {
		if calls != 1 || !slices.Contains(slices.Collect(maps.Values(assets)), title) {
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
