package pipeline

import (
	"context"
	"strings"
	"testing"

	"github.com/vod-reproduction/vod/service/asset"
	"github.com/vod-reproduction/vod/service/jobs"
)

// runFunc is a jobs.Runner that leaves a mess.
type runFunc func(ctx context.Context, a asset.Attempt) error

func (f runFunc) Run(ctx context.Context, a asset.Attempt) error { return f(ctx, a) }

func TestCleanOrphans(t *testing.T) {
	t.Parallel()
	p := newPlace(t, faults{})
	write := func(key string) {
		if _, err := p.objects.Put(t.Context(), p.vod, key, "", strings.NewReader("copy")); err != nil {
			t.Error(err)
		}
	}
	good, bad := p.accept(p.request("good.mp4")), p.accept(p.request("bad.mp4"))
	elsewhere := p.request("bad.mp4") // its results went to a bucket that is gone
	elsewhere.StorageMode, elsewhere.OutputBucket, elsewhere.Plan = 1, "gone", everything
	gone := p.accept(elsewhere)
	p.startWork(jobs.Work{Runner: runFunc(func(ctx context.Context, a asset.Attempt) error {
		key := keyOf(a.Asset, a.Number)
		if a.Asset.ID != gone {
			write(key)
		}
		switch {
		case a.Number == 1:
			return asset.Temporary("VOD.10076", "not yet", nil)
		case a.Asset.ID == good:
			return p.assets.Finish(ctx, a, asset.Outcome{Media: asset.Media{Bucket: p.vod, Key: key}})
		}
		return asset.Permanent("VOD.10076", "never", nil)
	})})
	kept := p.ended(good).Media.Key
	p.ended(bad)
	p.ended(gone)
	write("assets/" + good + "/1/output/a.ts") // of no stage that was done
	write("assets/unrelated")
	if n := len(p.keys(p.vod)); n != 6 {
		t.Fatalf("%d objects before the cleaning, want 6", n)
	}
	for range 2 { // the second one has nothing to do
		if err := p.runner.CleanOrphans(t.Context()); err != nil {
			t.Fatal(err)
		}
		p.expectKeys(p.vod, kept, "assets/unrelated")
	}
	if left, err := p.assets.Orphaned(t.Context(), "", 10); err != nil || len(left) != 0 {
		t.Errorf("%d assets still wait to be cleaned, %v", len(left), err)
	}
}

// An attempt that was overtaken, and notices after the asset has ended, leaves nothing.
func TestOvertakenAttemptCleansUp(t *testing.T) {
	t.Parallel()
	p := newPlace(t, faults{})
	id := p.accept(p.request("film.mp4"))
	begin := func() asset.Attempt {
		a, ok, err := p.assets.Begin(t.Context(), id)
		if err != nil || !ok {
			t.Fatal(ok, err)
		}
		return a
	}
	slow, fast := begin(), begin()
	for _, a := range []asset.Attempt{slow, fast} {
		if _, err := p.objects.Put(t.Context(), p.vod, keyOf(a.Asset, a.Number), "", strings.NewReader("copy")); err != nil {
			t.Fatal(err)
		}
	}
	kept := keyOf(fast.Asset, fast.Number)
	if err := p.assets.Finish(t.Context(), fast, asset.Outcome{Media: asset.Media{Bucket: p.vod, Key: kept}}); err != nil {
		t.Fatal(err)
	}
	if err := p.runner.Run(t.Context(), slow); err == nil {
		t.Error("the overtaken attempt succeeded")
	}
	p.expectKeys(p.vod, kept)
}
