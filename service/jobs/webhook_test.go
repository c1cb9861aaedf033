package jobs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/riverqueue/river"

	"github.com/vod-reproduction/vod/service/asset"
	"github.com/vod-reproduction/vod/service/store/storetest"
)

// listener is a Notifier that hands on what it is told, and may refuse it first.
type listener struct {
	told   chan asset.Event
	refuse func(asset.Event) error
}

func (l *listener) Notify(ctx context.Context, e asset.Event, _ asset.Asset) error {
	if l.refuse != nil {
		if err := l.refuse(e); err != nil {
			return err
		}
	}
	select {
	case l.told <- e:
	case <-ctx.Done():
	}
	return ctx.Err()
}

// next returns the types of the next n events, sorted.
func (l *listener) next(t *testing.T, n int) (types []asset.EventType) {
	t.Helper()
	for range n {
		types = append(types, soon(t, fmt.Sprintf("%d events are told, after %v", n, types), l.told).Type)
	}
	slices.Sort(types)
	return types
}

// Every stage that ends is told of once, however often it is repeated, and so is the asset's end.
func TestEvents(t *testing.T) {
	t.Parallel()
	s := open(t, config{Config: Config{Backoff: atOnce}, wants: func(string, asset.EventType) bool { return true }})
	l := &listener{told: make(chan asset.Event)}
	runner := runFunc(func(ctx context.Context, a asset.Attempt) error {
		for _, stage := range []string{asset.StageThumbnail, asset.StageTranscode, asset.StageTranscode} {
			if err := s.Complete(ctx, a, asset.Stage{Name: stage}, nil, nil); err != nil {
				return err
			}
		}
		if a.Number == 1 {
			return asset.Temporary("VOD.10105", "once more", nil)
		}
		if err := s.Progress(ctx, a, asset.Stage{Name: asset.StageReview, State: asset.StageRunning}); err != nil {
			return err
		}
		return asset.Permanent("VOD.10105", "never", nil)
	})
	if err := s.Client.Start(t.Context(), s.Store, Work{Runner: runner, Notifier: l}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, s) })
	s.MustAccept(t, storetest.Everything())
	want := []asset.EventType{asset.EventCreated, asset.EventReviewed, asset.EventThumbnails, asset.EventTranscoded}
	if got := l.next(t, 4); !slices.Equal(got, want) {
		t.Errorf("told %v, want %v", got, want)
	}
	stop(t, s)
	if n := s.Count(t, `SELECT count(*) FROM event`); n != 4 {
		t.Errorf("%d events are on record, want 4", n)
	}
	if n := s.Count(t, `SELECT count(*) FROM event WHERE succeeded = 0`); n != 2 { // the review and the asset
		t.Errorf("%d events tell of a failure, want 2", n)
	}
}

// An event is abandoned when it was tried for three days. A clock that was set is no reason, and neither is time in which
// nobody tried.
func TestEventIsAbandoned(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		ahead     time.Duration // the clock, after the event was queued
		pauses    []time.Duration
		abandoned bool
	}{
		"the clock jumps ahead":               {1000 * time.Hour, []time.Duration{time.Second, time.Hour, 70 * time.Hour}, false},
		"tried for three days":                {73 * time.Hour, []time.Duration{time.Second, 72 * time.Hour}, true},
		"the clock has not come so far":       {71 * time.Hour, []time.Duration{40 * time.Hour, 40 * time.Hour}, false},
		"as it is after the clock went ahead": {1000 * time.Hour, []time.Duration{40 * time.Hour, 40 * time.Hour}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var now clock
			s := open(t, config{Config: Config{Now: now.now}, wants: func(_ string, t asset.EventType) bool { return t == asset.EventCreated }})
			tries := 0
			l := &listener{refuse: func(asset.Event) error {
				tries++
				return asset.Deferred("", "not now", c.pauses[tries-1], errors.New("503"))
			}}
			a := s.MustBegin(t, s.MustAccept(t, storetest.NewAsset()).ID)
			if err := s.Finish(t.Context(), a, storetest.Ending(a)); err != nil {
				t.Fatal(err)
			}
			events, cancel := s.Client.river.Subscribe(river.EventKindJobSnoozed, river.EventKindJobCancelled)
			defer cancel()
			now.set(c.ahead)
			s.start(t, Work{Runner: finisher(s), Notifier: l})
			for i := range c.pauses {
				e := soon(t, "a try", events)
				if last := i == len(c.pauses)-1; (e.Kind == river.EventKindJobCancelled) != (last && c.abandoned) {
					t.Fatalf("after try %d the job is %s", i+1, e.Kind)
				}
				if i == len(c.pauses)-1 {
					break
				}
				if _, err := s.Client.db.wake(t.Context(), []int64{e.Job.ID}); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// An event is told again until it is taken, given up when it never can be, and not recorded when nobody wants it.
func TestEventTries(t *testing.T) {
	t.Parallel()
	s := open(t, config{wants: func(_ string, t asset.EventType) bool { return t != asset.EventReviewed }})
	var mu sync.Mutex
	tries := map[asset.EventType]int{}
	given := make(chan struct{})
	l := &listener{told: make(chan asset.Event), refuse: func(e asset.Event) error {
		mu.Lock()
		defer mu.Unlock()
		tries[e.Type]++
		switch {
		case e.Type == asset.EventThumbnails:
			close(given)
			return asset.Permanent("", "gone", nil)
		case tries[e.Type] < 3:
			return asset.Deferred("", "not now", time.Millisecond, errors.New("503"))
		}
		return nil
	}}
	runner := runFunc(func(ctx context.Context, a asset.Attempt) error {
		for _, stage := range []string{asset.StageThumbnail, asset.StageReview} {
			if err := s.Complete(ctx, a, asset.Stage{Name: stage}, nil, nil); err != nil {
				return err
			}
		}
		return s.Finish(ctx, a, storetest.Ending(a))
	})
	if err := s.Client.Start(t.Context(), s.Store, Work{Runner: runner, Notifier: l}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, s) })
	s.MustAccept(t, storetest.Everything())
	if got := l.next(t, 1); got[0] != asset.EventCreated {
		t.Errorf("told %v", got)
	}
	<-given
	stop(t, s)
	mu.Lock()
	defer mu.Unlock()
	if tries[asset.EventCreated] != 3 || tries[asset.EventThumbnails] != 1 || tries[asset.EventReviewed] != 0 {
		t.Errorf("tries: %v", tries)
	}
}
