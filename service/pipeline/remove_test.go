package pipeline

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vod-reproduction/vod/service/asset"
	"github.com/vod-reproduction/vod/service/object"
)

// remove deletes an asset and waits until its files are gone.
func (p *place) remove(id string) {
	p.Helper()
	if err := p.assets.Delete(p.Context(), project, id); err != nil {
		p.Fatal(err)
	}
	p.removed(id)
}

func (p *place) removed(id string) {
	p.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for timeout := time.After(time.Minute); ; { // only a broken service takes that long
		_, _, left, err := p.assets.Remains(p.Context(), id)
		if err != nil {
			p.Fatal(err)
		}
		if !left {
			return
		}
		select {
		case <-tick.C:
		case <-timeout:
			p.Fatalf("asset %s still has files", id)
		}
	}
}

// A deleted asset leaves nothing, though the store is away at first; what is the tenant's stays.
func TestRemove(t *testing.T) {
	t.Parallel()
	var met atomic.Int64
	p := newPlace(t, faults{remove: func(key string) error {
		if strings.HasPrefix(key, "assets/") && met.Add(1) <= 5 { // more than a place's attempts
			return fmt.Errorf("DELETE 10.0.0.1: %w", object.ErrUnavailable)
		}
		return nil
	}})
	p.put("film.mp4", film)
	inPlace := p.request("film.mp4")
	inPlace.StorageMode, inPlace.OutputBucket, inPlace.OutputPath, inPlace.Plan = 1, p.tenant, "out", everything // which cannot be done here
	own, kept, tenants := p.accept(p.request("film.mp4")), p.accept(p.request("film.mp4")), p.accept(inPlace)
	p.start(p.runner)
	p.ended(own)
	p.ended(tenants)
	keptKey := p.ended(kept).Media.Key
	p.put("out/"+tenants+"/1/1.jpg", film)
	p.put("out/of-the-tenant.jpg", film)
	p.remove(own)
	p.remove(tenants)
	p.expectKeys(p.vod, keptKey)
	p.expectKeys(p.tenant, "film.mp4", "out/of-the-tenant.jpg")
}

// Work that goes on while its asset is deleted leaves nothing either, and publishes nothing.
func TestRemoveRunning(t *testing.T) {
	t.Parallel()
	copied, deleted := make(chan struct{}), make(chan struct{})
	p := newPlace(t, faults{copy: func(_ int, c copyCall) (object.Info, error) {
		info, err := c.do()
		close(copied)
		<-deleted
		return info, err
	}})
	p.put("film.mp4", film)
	id := p.accept(p.request("film.mp4"))
	// What is written although the removal may have begun.
	p.start(runFunc(func(ctx context.Context, a asset.Attempt) error {
		err := p.runner.Run(ctx, a)
		_, e := p.objects.Put(context.WithoutCancel(ctx), p.vod, keyOf(a.Asset, a.Number), "", strings.NewReader("late"))
		if e != nil && !errors.Is(e, object.ErrNotFound) { // removed before it could be looked at
			t.Error(e)
		}
		return err
	}))
	<-copied
	if err := p.assets.Delete(t.Context(), project, id); err != nil {
		t.Fatal(err)
	}
	close(deleted)
	p.removed(id)
	p.expectKeys(p.vod)
}

// An attempt whose asset was removed before it noticed, as after a long stall of its process, cleans up behind itself.
func TestRemovedBeforeTheAttemptNotices(t *testing.T) {
	t.Parallel()
	p := newPlace(t, faults{})
	p.put("film.mp4", film)
	id := p.accept(p.request("film.mp4"))
	stalled, ok, err := p.assets.Begin(t.Context(), id)
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	p.start(p.runner)
	p.ended(id)
	p.remove(id)
	if _, err := p.objects.Put(t.Context(), p.vod, keyOf(stalled.Asset, stalled.Number), "", strings.NewReader("late")); err != nil {
		t.Fatal(err)
	}
	if err := p.runner.Run(t.Context(), stalled); err == nil {
		t.Error("the stalled attempt succeeded")
	}
	p.expectKeys(p.vod)
}
