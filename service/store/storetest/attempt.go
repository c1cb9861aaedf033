package storetest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vod-reproduction/vod/service/asset"
	"github.com/vod-reproduction/vod/service/store"
)

// attemptWrites are all the ways in which an attempt changes the database.
var attemptWrites = map[string]func(context.Context, *DB, asset.Attempt) error{
	"Progress": func(ctx context.Context, s *DB, a asset.Attempt) error {
		return s.Progress(ctx, a, asset.Stage{Name: "copy", State: asset.StageRunning})
	},
	"SaveCursor": func(ctx context.Context, s *DB, a asset.Attempt) error { return s.SaveCursor(ctx, a, []byte("c")) },
	"Finish": func(ctx context.Context, s *DB, a asset.Attempt) error {
		return s.Finish(ctx, a, Ending(a))
	},
	"Fail": func(ctx context.Context, s *DB, a asset.Attempt) error { return s.Fail(ctx, a, "VOD.10076", "no") },
	"Reschedule": func(ctx context.Context, s *DB, a asset.Attempt) error {
		return s.Reschedule(ctx, a, "VOD.10076", "no")
	},
}

// What a newer version has accepted is left to it, unchanged, where this one does not know all that was asked for.
func (on suite) testNewer(t *testing.T) {
	t.Parallel()
	s := on.open(t, store.Config{})
	for name, newer := range map[string]string{
		"a stage":         `plan = '{"hologram": {"depth": 3}}'`,
		"a setting":       `plan = '{"thumbnail": {"type": "time", "cover": 1, "max_length": 480, "depth": 3}}'`,
		"a type of media": `video_type = 'HOLO'`,
	} {
		id := s.MustAccept(t, Everything()).ID
		before := s.MustGet(t, id)
		upload, err := s.CreateUpload(t.Context(), NewAsset(), "film.mp4")
		if err != nil {
			t.Fatal(err)
		}
		s.Execute(t, `UPDATE asset SET `+newer+` WHERE id = '`+id+`'`)
		s.Execute(t, `UPDATE upload SET `+newer+` WHERE asset_id = '`+upload.ID+`'`)
		if _, _, err := s.Begin(t.Context(), id); !errors.Is(err, asset.ErrNewer) {
			t.Errorf("%s: Begin = %v", name, err)
		}
		if err := s.ConfirmUpload(t.Context(), Project, upload.ID); !errors.Is(err, asset.ErrNewer) {
			t.Errorf("%s: ConfirmUpload = %v", name, err)
		}
		s.Execute(t, `UPDATE asset SET (plan, video_type) = (SELECT plan, video_type FROM asset WHERE id = '`+s.MustAccept(t, Everything()).ID+`') WHERE id = '`+id+`'`)
		if d := cmp.Diff(before, s.MustGet(t, id)); d != "" {
			t.Errorf("%s: the asset has changed (-before +after):\n%s", name, d)
		}
	}
}

// A worker that was presumed dead wakes up: nothing it writes is taken.
func (on suite) testFencingToken(t *testing.T) {
	t.Parallel()
	for name, write := range attemptWrites {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := on.open(t, store.Config{})
			id := s.MustAccept(t, NewAsset()).ID
			zombie := s.MustBegin(t, id)
			current := s.MustBegin(t, id)
			if zombie.Number != 1 || current.Number != 2 {
				t.Fatalf("attempts are numbered %d and %d, want 1 and 2", zombie.Number, current.Number)
			}
			refused := func(a asset.Attempt) {
				t.Helper()
				before := s.MustGet(t, id)
				if err := write(t.Context(), s, a); !errors.Is(err, asset.ErrStale) {
					t.Errorf("%s of attempt %d = %v, want ErrStale", name, a.Number, err)
				}
				if d := cmp.Diff(before, s.MustGet(t, id)); d != "" {
					t.Errorf("a refused %s changed the asset (-before +after):\n%s", name, d)
				}
			}
			refused(zombie)
			if err := write(t.Context(), s, current); err != nil {
				t.Fatalf("%s of the current attempt: %v", name, err)
			}
			if !s.MustGet(t, id).State.Terminal() {
				if err := s.Finish(t.Context(), current, Ending(current)); err != nil {
					t.Fatal(err)
				}
			}
			refused(current) // ended: nobody writes any more
			if _, ok, err := s.Begin(t.Context(), id); ok || err != nil {
				t.Errorf("begin on an ended asset = %v, %v", ok, err)
			}
		})
	}
}

func (on suite) testTimeline(t *testing.T) {
	t.Parallel()
	clock := time.Date(2026, 1, 16, 8, 0, 0, 0, time.UTC)
	s := on.open(t, store.Config{Now: func() time.Time { return clock }})
	id := s.MustAccept(t, NewAsset()).ID
	waiting := []asset.Stage{{Name: "probe", State: asset.StageWaiting}, {Name: "publish", State: asset.StageWaiting}}
	expect := func(want ...asset.Stage) {
		t.Helper()
		if d := cmp.Diff(append(want, waiting...), s.MustGet(t, id).Stages); d != "" {
			t.Errorf("stages (-want +got):\n%s", d)
		}
	}
	progress := func(a asset.Attempt, st asset.Stage) {
		t.Helper()
		if err := s.Progress(t.Context(), a, st); err != nil {
			t.Fatal(err)
		}
	}
	started := clock
	a := s.MustBegin(t, id)
	done := asset.Stage{Name: "copy", State: asset.StageDone, StartedAt: started, EndedAt: started, Bytes: 9, Total: 9, Percent: 100}
	progress(a, asset.Stage{Name: "copy", State: asset.StageRunning, StartedAt: started, Bytes: 3, Total: 9})
	progress(a, done)
	progress(a, asset.Stage{Name: "verify", State: asset.StageRunning, StartedAt: started})
	clock = clock.Add(time.Second)
	if err := s.Reschedule(t.Context(), a, "VOD.10076", "the store did not respond"); err != nil {
		t.Fatal(err)
	}
	expect(done, asset.Stage{Name: "verify", State: asset.StageFailed, StartedAt: started, EndedAt: clock, Error: "the store did not respond"})
	if got := s.MustGet(t, id); got.State != asset.Creating || got.Reason != "the store did not respond" || got.ErrorCode != "VOD.10076" {
		t.Errorf("between attempts: state %s, code %s, reason %q", got.State, got.ErrorCode, got.Reason)
	}

	a = s.MustBegin(t, id)
	expect(done, asset.Stage{Name: "verify", State: asset.StageWaiting}) // what is done stays done
	progress(a, asset.Stage{Name: "verify", State: asset.StageRunning, StartedAt: clock})
	started = clock
	clock = clock.Add(time.Second)
	if err := s.Finish(t.Context(), a, Ending(a)); err != nil {
		t.Fatal(err)
	}
	expect(done, asset.Stage{Name: "verify", State: asset.StageDone, StartedAt: started, EndedAt: clock, Percent: 100})
	got := s.MustGet(t, id)
	if got.State != asset.Created || got.Reason != "" || got.ErrorCode != "" || !got.FinishedAt.Equal(clock) {
		t.Errorf("finished: state %s, code %q, reason %q, finished at %v", got.State, got.ErrorCode, got.Reason, got.FinishedAt)
	}
	if d := cmp.Diff(NewMedia(), *got.Media); d != "" {
		t.Errorf("media (-want +got):\n%s", d)
	}
}

func (on suite) testCursorOutlivesItsAttempt(t *testing.T) {
	t.Parallel()
	s := on.open(t, store.Config{})
	id := s.MustAccept(t, NewAsset()).ID
	a := s.MustBegin(t, id)
	if a.Cursor != nil {
		t.Errorf("cursor of the first attempt = %q, want nil", a.Cursor)
	}
	if err := s.SaveCursor(t.Context(), a, []byte("part 3")); err != nil {
		t.Fatal(err)
	}
	if a = s.MustBegin(t, id); string(a.Cursor) != "part 3" {
		t.Errorf("cursor of the second attempt = %q, want %q", a.Cursor, "part 3")
	}
	if err := s.SaveCursor(t.Context(), a, nil); err != nil {
		t.Fatal(err)
	}
	if a = s.MustBegin(t, id); a.Cursor != nil {
		t.Errorf("a forgotten cursor came back: %q", a.Cursor)
	}
}

func (on suite) testCleaned(t *testing.T) {
	t.Parallel()
	s := on.open(t, store.Config{})
	failed, unfinished := s.MustAccept(t, NewAsset()), s.MustAccept(t, NewAsset())
	if err := s.Fail(t.Context(), s.MustBegin(t, failed.ID), "VOD.10003", "no such object"); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{unfinished.ID, failed.ID} {
		if list, err := s.Orphaned(t.Context(), "", 10); err != nil || len(list) != 1 || list[0].ID != failed.ID {
			t.Errorf("Orphaned = %d assets, %v; want only %s", len(list), err, failed.ID)
		}
		if err := s.MarkCleaned(t.Context(), id); err != nil {
			t.Fatal(err)
		}
	}
	if list, err := s.Orphaned(t.Context(), "", 10); err != nil || len(list) != 0 {
		t.Errorf("Orphaned = %d assets, %v; want none", len(list), err)
	}
}

// The observer is called for every stage that ends, once its end is recorded, and of no other.
func (on suite) testStageEnded(t *testing.T) {
	t.Parallel()
	clock := time.Date(2026, 1, 16, 8, 0, 0, 0, time.UTC)
	var seen []string
	s := on.open(t, store.Config{Now: func() time.Time { return clock }, StageEnded: func(request, _ string, st asset.Stage) {
		seen = append(seen, fmt.Sprint(request, " ", st.Name, " ", st.State, " ", st.Duration()))
	}})
	expect := func(want ...string) {
		t.Helper()
		if d := cmp.Diff(want, seen); d != "" {
			t.Errorf("the observer was called (-want +got):\n%s", d)
		}
		seen = nil
	}
	id := s.MustAccept(t, NewAsset()).ID
	a := s.MustBegin(t, id)
	running := asset.Stage{Name: asset.StageCopy, State: asset.StageRunning, StartedAt: clock}
	if err := s.Progress(t.Context(), a, running); err != nil {
		t.Fatal(err)
	}
	expect()
	clock = clock.Add(3 * time.Second)
	if err := s.Reschedule(t.Context(), a, "VOD.10076", "once more"); err != nil {
		t.Fatal(err)
	}
	expect("req-1 copy failed 3s")
	if err := s.Complete(t.Context(), a, running, nil, nil); err != nil {
		t.Fatal(err)
	}
	expect("req-1 copy done 0s")
	stale := a
	a = s.MustBegin(t, id)
	if err := s.Complete(t.Context(), stale, running, nil, nil); !errors.Is(err, asset.ErrStale) {
		t.Fatal(err)
	}
	expect()
	if err := s.Fail(t.Context(), a, "VOD.10076", "never"); err != nil {
		t.Fatal(err)
	}
	expect("req-1 verify failed 0s", "req-1 probe not_done 0s", "req-1 publish not_done 0s")
}
