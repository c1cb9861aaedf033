package asset

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// begin starts an attempt by hand.
func begin(t testing.TB, s *Store, id string) Attempt {
	t.Helper()
	a, ok, err := s.begin(t.Context(), id)
	if err != nil || !ok {
		t.Fatalf("begin = %v, %v", ok, err)
	}
	return a
}

// attemptWrites are all the ways in which an attempt changes the record.
var attemptWrites = map[string]func(context.Context, *Store, Attempt) error{
	"Progress": func(ctx context.Context, s *Store, a Attempt) error {
		return s.Progress(ctx, a, Stage{Name: "copy", State: StageRunning})
	},
	"SaveCursor": func(ctx context.Context, s *Store, a Attempt) error { return s.SaveCursor(ctx, a, []byte("c")) },
	"Finish": func(ctx context.Context, s *Store, a Attempt) error {
		return s.Finish(ctx, a, ending(a))
	},
	"Fail":    func(ctx context.Context, s *Store, a Attempt) error { return s.Fail(ctx, a, "VOD.10076", "no") },
	"setBack": func(ctx context.Context, s *Store, a Attempt) error { return s.setBack(ctx, a, "VOD.10076", "no") },
}

// A worker that was presumed dead wakes up: nothing it writes is taken.
func TestFence(t *testing.T) {
	t.Parallel()
	for name, write := range attemptWrites {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t, Config{})
			id := accept(t, s, newAsset()).ID
			zombie := begin(t, s, id)
			current := begin(t, s, id)
			if zombie.Number != 1 || current.Number != 2 {
				t.Fatalf("attempts are numbered %d and %d, want 1 and 2", zombie.Number, current.Number)
			}
			refused := func(a Attempt) {
				t.Helper()
				before := get(t, s, id)
				if err := write(t.Context(), s, a); !errors.Is(err, ErrStale) {
					t.Errorf("%s of attempt %d = %v, want ErrStale", name, a.Number, err)
				}
				if d := cmp.Diff(before, get(t, s, id)); d != "" {
					t.Errorf("a refused %s changed the asset (-before +after):\n%s", name, d)
				}
			}
			refused(zombie)
			if err := write(t.Context(), s, current); err != nil {
				t.Fatalf("%s of the current attempt: %v", name, err)
			}
			if !get(t, s, id).State.Terminal() {
				if err := s.Finish(t.Context(), current, ending(current)); err != nil {
					t.Fatal(err)
				}
			}
			refused(current) // ended: nobody writes any more
			if _, ok, err := s.begin(t.Context(), id); ok || err != nil {
				t.Errorf("begin on an ended asset = %v, %v", ok, err)
			}
		})
	}
}

func TestTimeline(t *testing.T) {
	t.Parallel()
	clock := time.Date(2026, 1, 16, 8, 0, 0, 0, time.UTC)
	s := open(t, Config{Now: func() time.Time { return clock }})
	id := accept(t, s, newAsset()).ID
	waiting := []Stage{{Name: "probe", State: StageWaiting}, {Name: "publish", State: StageWaiting}}
	expect := func(want ...Stage) {
		t.Helper()
		if d := cmp.Diff(append(want, waiting...), get(t, s, id).Stages); d != "" {
			t.Errorf("stages (-want +got):\n%s", d)
		}
	}
	progress := func(a Attempt, st Stage) {
		t.Helper()
		if err := s.Progress(t.Context(), a, st); err != nil {
			t.Fatal(err)
		}
	}
	started := clock
	a := begin(t, s, id)
	done := Stage{Name: "copy", State: StageDone, StartedAt: started, EndedAt: started, Bytes: 9, Total: 9, Percent: 100}
	progress(a, Stage{Name: "copy", State: StageRunning, StartedAt: started, Bytes: 3, Total: 9})
	progress(a, done)
	progress(a, Stage{Name: "verify", State: StageRunning, StartedAt: started})
	clock = clock.Add(time.Second)
	if err := s.setBack(t.Context(), a, "VOD.10076", "the store did not answer"); err != nil {
		t.Fatal(err)
	}
	expect(done, Stage{Name: "verify", State: StageFailed, StartedAt: started, EndedAt: clock, Error: "the store did not answer"})
	if got := get(t, s, id); got.State != Creating || got.Reason != "the store did not answer" || got.ErrorCode != "VOD.10076" {
		t.Errorf("between attempts: state %s, code %s, reason %q", got.State, got.ErrorCode, got.Reason)
	}

	a = begin(t, s, id)
	expect(done, Stage{Name: "verify", State: StageWaiting}) // what is done stays done
	progress(a, Stage{Name: "verify", State: StageRunning, StartedAt: clock})
	started = clock
	clock = clock.Add(time.Second)
	if err := s.Finish(t.Context(), a, ending(a)); err != nil {
		t.Fatal(err)
	}
	expect(done, Stage{Name: "verify", State: StageDone, StartedAt: started, EndedAt: clock, Percent: 100})
	got := get(t, s, id)
	if got.State != Created || got.Reason != "" || got.ErrorCode != "" || !got.FinishedAt.Equal(clock) {
		t.Errorf("finished: state %s, code %q, reason %q, finished at %v", got.State, got.ErrorCode, got.Reason, got.FinishedAt)
	}
	if d := cmp.Diff(media(), *got.Media); d != "" {
		t.Errorf("media (-want +got):\n%s", d)
	}
}

func TestCursorOutlivesItsAttempt(t *testing.T) {
	t.Parallel()
	s := open(t, Config{})
	id := accept(t, s, newAsset()).ID
	a := begin(t, s, id)
	if a.Cursor != nil {
		t.Errorf("cursor of the first attempt = %q, want nil", a.Cursor)
	}
	if err := s.SaveCursor(t.Context(), a, []byte("part 3")); err != nil {
		t.Fatal(err)
	}
	if a = begin(t, s, id); string(a.Cursor) != "part 3" {
		t.Errorf("cursor of the second attempt = %q, want %q", a.Cursor, "part 3")
	}
	if err := s.SaveCursor(t.Context(), a, nil); err != nil {
		t.Fatal(err)
	}
	if a = begin(t, s, id); a.Cursor != nil {
		t.Errorf("a forgotten cursor came back: %q", a.Cursor)
	}
}

func TestCleaned(t *testing.T) {
	t.Parallel()
	s := open(t, Config{})
	failed, unfinished := accept(t, s, newAsset()), accept(t, s, newAsset())
	if err := s.Fail(t.Context(), begin(t, s, failed.ID), "VOD.10003", "no such object"); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{unfinished.ID, failed.ID} {
		if list, err := s.Uncleaned(t.Context(), "", 10); err != nil || len(list) != 1 || list[0].ID != failed.ID {
			t.Errorf("Uncleaned = %d assets, %v; want only %s", len(list), err, failed.ID)
		}
		if err := s.MarkCleaned(t.Context(), id); err != nil {
			t.Fatal(err)
		}
	}
	if list, err := s.Uncleaned(t.Context(), "", 10); err != nil || len(list) != 0 {
		t.Errorf("Uncleaned = %d assets, %v; want none", len(list), err)
	}
}
