package asset

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"
)

// listener is a Notifier that hands on what it is told, and may refuse it first.
type listener struct {
	told   chan Event
	wants  func(EventType) bool
	refuse func(Event) error
}

func (l *listener) Wants(_ string, t EventType) bool { return l.wants == nil || l.wants(t) }

func (l *listener) Notify(ctx context.Context, e Event, _ Asset) error {
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

// next gives the types of the next n events, sorted.
func (l *listener) next(t *testing.T, n int) (types []EventType) {
	t.Helper()
	for range n {
		select {
		case e := <-l.told:
			types = append(types, e.Type)
		case <-time.After(30 * time.Second): // only a broken queue waits this long
			t.Fatalf("only %v was told", types)
		}
	}
	slices.Sort(types)
	return types
}

// Every stage that ends is told of once, however often it is repeated, and so is the asset's end.
func TestEvents(t *testing.T) {
	t.Parallel()
	s := open(t, Config{Backoff: atOnce})
	l := &listener{told: make(chan Event)}
	runner := runFunc(func(ctx context.Context, a Attempt) error {
		for _, stage := range []string{StageThumbnail, StageTranscode, StageTranscode} {
			if err := s.Complete(ctx, a, Stage{Name: stage}, nil, nil); err != nil {
				return err
			}
		}
		if a.Number == 1 {
			return Temporary("VOD.10105", "once more", nil)
		}
		if err := s.Progress(ctx, a, Stage{Name: StageReview, State: StageRunning}); err != nil {
			return err
		}
		return Permanent("VOD.10105", "never", nil)
	})
	if err := s.Start(t.Context(), Work{Runner: runner, Notifier: l}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, s) })
	accept(t, s, everything())
	want := []EventType{EventCreated, EventReviewed, EventThumbnails, EventTranscoded}
	if got := l.next(t, 4); !slices.Equal(got, want) {
		t.Errorf("told %v, want %v", got, want)
	}
	stop(t, s)
	if n := count(t, s, `SELECT count(*) FROM event`); n != 4 {
		t.Errorf("%d events are on record, want 4", n)
	}
	if n := count(t, s, `SELECT count(*) FROM event WHERE succeeded = 0`); n != 2 { // the review and the asset
		t.Errorf("%d events tell of a failure, want 2", n)
	}
}

// An event is told again until it is taken, given up when it never can be, and not recorded when nobody wants it.
func TestEventTries(t *testing.T) {
	t.Parallel()
	s := open(t, Config{})
	var mu sync.Mutex
	tries := map[EventType]int{}
	given := make(chan struct{})
	l := &listener{told: make(chan Event), wants: func(t EventType) bool { return t != EventReviewed }, refuse: func(e Event) error {
		mu.Lock()
		defer mu.Unlock()
		tries[e.Type]++
		switch {
		case e.Type == EventThumbnails:
			close(given)
			return Permanent("", "gone", nil)
		case tries[e.Type] < 3:
			return Postpone("", "not now", time.Millisecond, errors.New("503"))
		}
		return nil
	}}
	runner := runFunc(func(ctx context.Context, a Attempt) error {
		for _, stage := range []string{StageThumbnail, StageReview} {
			if err := s.Complete(ctx, a, Stage{Name: stage}, nil, nil); err != nil {
				return err
			}
		}
		return s.Finish(ctx, a, ending(a))
	})
	if err := s.Start(t.Context(), Work{Runner: runner, Notifier: l}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, s) })
	accept(t, s, everything())
	if got := l.next(t, 1); got[0] != EventCreated {
		t.Errorf("told %v", got)
	}
	<-given
	stop(t, s)
	mu.Lock()
	defer mu.Unlock()
	if tries[EventCreated] != 3 || tries[EventThumbnails] != 1 || tries[EventReviewed] != 0 {
		t.Errorf("tries: %v", tries)
	}
}

// A project has no more than its share of tries under way.
func TestShares(t *testing.T) {
	t.Parallel()
	var s shares
	var leave func()
	for range perProject {
		l, ok := s.enter("deaf")
		if !ok {
			t.Fatal("there is no room for the first ones")
		}
		leave = l
	}
	if _, ok := s.enter("deaf"); ok {
		t.Error("a project has more than its share")
	}
	if _, ok := s.enter("other"); !ok {
		t.Error("another project has no room")
	}
	leave()
	if _, ok := s.enter("deaf"); !ok {
		t.Error("what was left is not free")
	}
}
