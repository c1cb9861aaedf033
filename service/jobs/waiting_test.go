package jobs

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/riverqueue/river"

	"github.com/vod-reproduction/vod/service/asset"
	"github.com/vod-reproduction/vod/service/store/storetest"
)

// forAnHour is a backoff for tests in which nothing but a reason brings deferred work back.
func forAnHour(int) time.Duration { return time.Hour }

// clock is a clock that a test sets.
type clock struct{ ahead atomic.Int64 }

func (c *clock) now() time.Time          { return time.Now().Add(time.Duration(c.ahead.Load())) }
func (c *clock) set(ahead time.Duration) { c.ahead.Store(int64(ahead)) }

// hurry lets all that waits have waited for long enough to be tried before its time.
func (w *waiting) hurry() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for id, waiter := range w.jobs {
		waiter.earliest = time.Time{}
		w.jobs[id] = waiter
	}
}

// What waits for something outside is tried again without end for a day, however often the clock is set, and then fails.
func TestDeferral(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		most  time.Duration
		clock time.Duration
		ends  bool
	}{
		"at first":            {DefaultMaxDeferral, 0, false},
		"the clock jumps":     {DefaultMaxDeferral, 48 * time.Hour, false},
		"the clock goes back": {time.Nanosecond, -48 * time.Hour, false},
		"too long":            {time.Nanosecond, 48 * time.Hour, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var now clock
			s := open(t, config{Config: Config{MaxAttempts: 2, MaxDeferral: c.most, Backoff: atOnce, Now: now.now}})
			id := s.MustAccept(t, storetest.NewAsset()).ID
			now.set(c.clock)
			handled := start(t, s, runFunc(func(context.Context, asset.Attempt) error {
				return asset.Unavailable(asset.OnStore, "VOD.10105", "waits", errors.New("503"))
			}))
			if c.ends {
				handled(id)
				if a := s.MustGet(t, id); a.State != asset.CreateFailed || a.ErrorCode != "VOD.10105" {
					t.Errorf("state %s, code %s", a.State, a.ErrorCode)
				}
				return
			}
			for range 4 { // more than MaxAttempts
				if e := handled(id); e.Kind != river.EventKindJobSnoozed || e.Job.Attempt != 0 {
					t.Fatalf("the job is %s, attempt %d", e.Kind, e.Job.Attempt)
				}
			}
			if a := s.MustGet(t, id); a.State != asset.Creating || a.Reason != "waits" {
				t.Errorf("state %s, reason %q", a.State, a.Reason)
			}
		})
	}
}

// deferOnce defers the first attempt at an asset.
func deferOnce(s *place, on asset.Dependency) Runner {
	return runFunc(func(ctx context.Context, a asset.Attempt) error {
		if a.Number == 1 {
			return asset.Unavailable(on, "VOD.10105", "waits", errors.New("503"))
		}
		return s.Finish(ctx, a, storetest.Ending(a))
	})
}

// What a newer version has accepted waits for a process that knows all of it; the work on others goes on.
func TestWorkOfNewerVersion(t *testing.T) {
	t.Parallel()
	s := open(t, config{Config: Config{Workers: 1, MaxAttempts: 1, MaxDeferral: time.Nanosecond}})
	newer, known := s.MustAccept(t, storetest.NewAsset()).ID, s.MustAccept(t, storetest.NewAsset()).ID
	s.Execute(t, `UPDATE asset SET plan = '{"hologram": true}' WHERE id = '`+newer+`'`)
	handled := start(t, s, finisher(s))
	e := handled(newer)
	if e.Kind != river.EventKindJobSnoozed {
		t.Errorf("the job is %s", e.Kind)
	}
	handled(known)
	if a := s.MustGet(t, newer); a.State != asset.Creating || a.Attempt != 0 || a.Reason != "" {
		t.Errorf("state %s, attempt %d, reason %q", a.State, a.Attempt, a.Reason)
	}
	s.Execute(t, `UPDATE asset SET plan = '{}' WHERE id = '`+newer+`'`) // as if this process were of that version
	if _, err := s.Client.db.wake(t.Context(), []int64{e.Job.ID}); err != nil {
		t.Fatal(err)
	}
	handled(newer)
	if a := s.MustGet(t, newer); a.State != asset.Created {
		t.Errorf("state %s", a.State)
	}
}

func TestDeferredWorkBeginsWhenItsDependencyIsBack(t *testing.T) {
	t.Parallel()
	s := open(t, config{Config: Config{Backoff: forAnHour}})
	id := s.MustAccept(t, storetest.NewAsset()).ID
	var away atomic.Bool
	handled := startWork(t, s, Work{Runner: deferOnce(s, asset.OnStore), Check: map[asset.Dependency]func(context.Context) error{
		asset.OnStore: func(context.Context) error {
			if away.Load() {
				return errors.New("503")
			}
			return nil
		},
	}})
	handled(id)
	for _, down := range []bool{false, true, true, false} {
		if n := s.Count(t, `SELECT count(*) FROM river_job WHERE state = 'scheduled'`); n != 1 {
			t.Fatalf("%d jobs wait before the store is back", n)
		}
		away.Store(down)
		if err := s.Client.check(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	handled(id)
	if a := s.MustGet(t, id); a.State != asset.Created {
		t.Errorf("state %s", a.State)
	}
}

func TestDeferredWorkBeginsWhenThereIsRoom(t *testing.T) {
	t.Parallel()
	s := open(t, config{Config: Config{Backoff: forAnHour}})
	large := s.MustAccept(t, storetest.NewAsset()).ID
	handled := start(t, s, runFunc(func(ctx context.Context, a asset.Attempt) error {
		if a.Asset.ID == large && a.Number == 1 {
			return asset.Unavailable(asset.OnDisk, "VOD.10051", "no room", errors.New("no room"))
		}
		return s.Finish(ctx, a, storetest.Ending(a))
	}))
	handled(large)
	handled(s.MustAccept(t, storetest.NewAsset()).ID)
	handled(large)
	if a := s.MustGet(t, large); a.State != asset.Created {
		t.Errorf("state %s", a.State)
	}
}

// Of the assets that wait for room, those begin that fit into it together, although the disk never was without any.
func TestAssetsThatFitBegin(t *testing.T) {
	t.Parallel()
	s := open(t, config{Config: Config{Backoff: forAnHour}})
	var room atomic.Int64
	needs := map[string]int64{}
	for _, need := range []int64{70, 30, 40, 200} {
		needs[s.MustAccept(t, storetest.NewAsset()).ID] = need
	}
	handled := startWork(t, s, Work{
		Room: func() (int64, error) { return room.Load(), nil },
		Runner: runFunc(func(ctx context.Context, a asset.Attempt) error {
			if a.Number == 1 {
				return &asset.DeferredError{On: asset.OnDisk, Room: needs[a.Asset.ID]}
			}
			return s.Finish(ctx, a, storetest.Ending(a))
		}),
	})
	for id := range needs {
		handled(id)
	}
	for _, c := range []struct{ room, waiting int64 }{{29, 4}, {69, 3}, {110, 1}, {199, 1}, {200, 0}} {
		room.Store(c.room)
		if err := s.Client.check(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := s.Count(t, `SELECT count(*) FROM river_job WHERE state = 'scheduled'`); int64(n) != c.waiting {
			t.Fatalf("with room for %d, %d assets wait; want %d", c.room, n, c.waiting)
		}
		for id, need := range needs {
			if a := s.MustGet(t, id); need <= c.room && a.State != asset.Created {
				handled(id)
			}
		}
	}
}

// What a former process has deferred does not wait for the end of its pause when what it waited for is back.
func TestDeferredByFormerProcess(t *testing.T) {
	t.Parallel()
	for name, e := range map[string]*asset.DeferredError{
		"room":     {On: asset.OnDisk, Room: 10},
		"a look":   {On: asset.OnStore},
		"a try":    {On: asset.OnReviewer},
		"its time": {After: time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := config{Config: Config{Backoff: forAnHour}, path: filepath.Join(t.TempDir(), "vod.db")}
			former := open(t, c)
			id := former.MustAccept(t, storetest.NewAsset()).ID
			start(t, former, runFunc(func(context.Context, asset.Attempt) error { return e }))(id)
			stop(t, former)
			if err := former.Close(); err != nil {
				t.Fatal(err)
			}

			s := open(t, c)
			handled := startWork(t, s, Work{
				Runner: finisher(s),
				Room:   func() (int64, error) { return 10, nil },
				Check:  map[asset.Dependency]func(context.Context) error{asset.OnStore: func(context.Context) error { return nil }},
			})
			if err := s.Client.check(t.Context()); err != nil {
				t.Fatal(err)
			}
			if e.After > 0 {
				if n := s.Count(t, `SELECT count(*) FROM river_job WHERE state = 'scheduled'`); n != 1 {
					t.Error("the job does not wait for its time")
				}
				return
			}
			handled(id)
		})
	}
}

func TestClockSetBack(t *testing.T) {
	t.Parallel()
	var now clock
	s := open(t, config{Config: Config{Backoff: forAnHour, Now: now.now}})
	id := s.MustAccept(t, storetest.NewAsset()).ID
	handled := start(t, s, deferOnce(s, ""))
	handled(id)
	before := now.now()
	for _, ahead := range []time.Duration{24 * time.Hour, 0} {
		if n := s.Count(t, `SELECT count(*) FROM river_job WHERE state = 'scheduled'`); n != 1 {
			t.Fatalf("%d jobs wait before the clock was set back", n)
		}
		now.set(ahead)
		var err error
		if before, err = s.Client.checkClock(t.Context(), before, time.Second); err != nil {
			t.Fatal(err)
		}
	}
	handled(id)
	if a := s.MustGet(t, id); a.State != asset.Created {
		t.Errorf("state %s", a.State)
	}
}

// A database that takes no write of an attempt counts for nothing, also when it is back before the attempt is recorded.
func TestDatabaseAwayForOneWrite(t *testing.T) {
	t.Parallel()
	s := open(t, config{Config: Config{MaxAttempts: 1, Backoff: atOnce}})
	id := s.MustAccept(t, storetest.NewAsset()).ID
	handled := start(t, s, runFunc(func(ctx context.Context, a asset.Attempt) error {
		if a.Number > 1 {
			return s.Finish(ctx, a, storetest.Ending(a))
		}
		stopped, cancel := context.WithCancel(ctx)
		cancel()
		return s.Progress(stopped, a, asset.Stage{Name: asset.StageCopy, State: asset.StageRunning})
	}))
	if e := handled(id); e.Kind != river.EventKindJobSnoozed {
		t.Errorf("the job is %s", e.Kind)
	}
	handled(id)
	if a := s.MustGet(t, id); a.State != asset.Created {
		t.Errorf("state %s: %s", a.State, a.Reason)
	}
}

// A database that works, but never takes what is recorded of one asset, fails that asset with a word, and soon.
func TestDataRefused(t *testing.T) {
	t.Parallel()
	s := open(t, config{Config: Config{MaxAttempts: 3, Backoff: atOnce}})
	refused, fine := s.MustAccept(t, storetest.NewAsset()).ID, s.MustAccept(t, storetest.NewAsset()).ID
	s.Execute(t, `CREATE TRIGGER refuse BEFORE INSERT ON file WHEN new.asset_id = '`+refused+`' BEGIN SELECT RAISE(ABORT, 'no such file here'); END`)
	handled := start(t, s, runFunc(func(ctx context.Context, a asset.Attempt) error {
		file := asset.File{Name: "1.jpg", Key: a.Asset.ID}
		if err := s.Complete(ctx, a, asset.Stage{Name: asset.StageCopy}, nil, []asset.File{file}); err != nil {
			return err
		}
		return s.Finish(ctx, a, storetest.Ending(a))
	}))
	for range 3 {
		handled(refused)
	}
	handled(fine)
	if a := s.MustGet(t, refused); a.State != asset.CreateFailed || !strings.Contains(a.Reason, "database rejected") {
		t.Errorf("the asset is %s: %s", a.State, a.Reason)
	}
	if a := s.MustGet(t, fine); a.State != asset.Created {
		t.Errorf("the other asset is %s: %s", a.State, a.Reason)
	}
}

// An asset whose review finds time and again that what it needs is gone does not go to and fro without end.
func TestReviewReturns(t *testing.T) {
	t.Parallel()
	const most = 3
	s := open(t, config{Config: Config{MaxAttempts: most, Backoff: atOnce}})
	events, cancel := s.Client.river.Subscribe(river.EventKindJobCompleted)
	defer cancel()
	var returned atomic.Int64
	s.start(t, Work{Runner: runFunc(func(_ context.Context, a asset.Attempt) error {
		if !a.Reviewing {
			return asset.ErrAwaitsReview
		}
		returned.Add(1)
		return asset.ErrNeedsWork
	})})
	id := s.MustAccept(t, storetest.NewAsset()).ID
	soon(t, "the asset ends", events)
	if a := s.MustGet(t, id); a.State != asset.CreateFailed || a.ErrorCode != asset.CodeReviewFailed {
		t.Errorf("the asset is %s: %s %s", a.State, a.ErrorCode, a.Reason)
	}
	if n := returned.Load(); n != 1+most {
		t.Errorf("%d attempts at the review; want one that counts for nothing, and %d", n, most)
	}
}

// Assets that wait for their reviewer hold no worker. A reviewer that is away gets one try at a time, which counts for
// nothing; when it is back, all go on.
func TestReviewsHoldNoWorker(t *testing.T) {
	t.Parallel()
	const assets = 6
	s := open(t, config{Config: Config{Workers: 1, MaxAttempts: 1, Backoff: forAnHour}})
	var away atomic.Bool
	away.Store(true)
	asked, verdict := make(chan string, 100), make(chan struct{})
	events, cancel := s.Client.river.Subscribe(river.EventKindJobSnoozed, river.EventKindJobCompleted)
	defer cancel()
	plain := make(chan string, 1)
	s.start(t, Work{Runner: runFunc(func(ctx context.Context, a asset.Attempt) error {
		switch {
		case a.Asset.Plan.Review == nil:
			plain <- a.Asset.ID
		case !a.Reviewing:
			return asset.ErrAwaitsReview
		case away.Load():
			return asset.Unavailable(asset.OnReviewer, "VOD.10091", "waits for its review", errors.New("503"))
		default:
			asked <- a.Asset.ID
			select {
			case <-verdict:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return s.Finish(ctx, a, storetest.Ending(a))
	})})
	reviewed := storetest.NewAsset()
	reviewed.Plan.Review = &asset.ReviewJob{TemplateID: "t"}
	var ids []string
	for range assets {
		ids = append(ids, s.MustAccept(t, reviewed).ID)
	}
	for n := 0; n < assets; {
		if e := soon(t, "the assets wait", events); deferralOf(e.Job.Metadata).Times > 0 {
			n++
		}
	}
	for _, id := range ids {
		if a := s.MustGet(t, id); a.State != asset.Creating || a.Reason != "waits for its review" {
			t.Errorf("while the reviewer is away the asset is %s: %s", a.State, a.Reason)
		}
	}
	away.Store(false)
	s.Client.waiting.hurry()
	if err := s.Client.check(t.Context()); err != nil { // as every few seconds
		t.Fatal(err)
	}
	soon(t, "one asset is reviewed", asked)
	s.MustAccept(t, storetest.NewAsset())
	soon(t, "another asset is worked on meanwhile", plain)
	close(verdict)
	for _, id := range ids {
		for s.MustGet(t, id).State != asset.Created {
			soon(t, "the assets end", events)
		}
	}
}
