package jobs

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/riverqueue/river"

	"github.com/vod-reproduction/vod/service/asset"
	"github.com/vod-reproduction/vod/service/store/storetest"
)

// atOnce is a backoff for tests that are not about waiting.
func atOnce(int) time.Duration { return 0 }

func TestWorkFinishes(t *testing.T) {
	t.Parallel()
	s := open(t, config{})
	plain, published := storetest.NewAsset(), storetest.NewAsset()
	published.AutoPublish = true
	ids := map[asset.State]string{asset.Created: s.MustAccept(t, plain).ID, asset.Published: s.MustAccept(t, published).ID}
	handled := start(t, s, finisher(s))
	for want, id := range ids {
		handled(id)
		if a := s.MustGet(t, id); a.State != want || a.Media == nil || a.Attempt != 1 {
			t.Errorf("state %s, media %v, attempt %d; want %s after one attempt", a.State, a.Media, a.Attempt, want)
		}
	}
}

// Every way in which an attempt can go wrong ends in words for the owner, and
// in no more attempts than it should.
func TestFailures(t *testing.T) {
	t.Parallel()
	const attempts = 3
	secret := errors.New("dial tcp 10.0.0.1:9000")
	for name, c := range map[string]struct {
		run          func() error
		wantAttempts int64
		wantCode     string
		wantReason   string
	}{
		"permanent":      {func() error { return asset.Permanent("VOD.10003", "The object does not exist.", secret) }, 1, "VOD.10003", "The object does not exist."},
		"wrapped":        {func() error { return fmt.Errorf("stat: %w", asset.Permanent("VOD.10138", "Denied.", nil)) }, 1, "VOD.10138", "Denied."},
		"temporary":      {func() error { return asset.Temporary("VOD.10076", "The store did not respond.", secret) }, attempts, "VOD.10076", "The store did not respond."},
		"unexplained":    {func() error { return secret }, attempts, "VOD.10051", "internal error"},
		"panic":          {func() error { panic(secret) }, attempts, "VOD.10051", "hit an internal error"},
		"false success":  {func() error { return nil }, attempts, "VOD.10051", "internal error"},
		"foreign cancel": {func() error { return context.Canceled }, attempts, "VOD.10051", "internal error"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t, config{Config: Config{MaxAttempts: attempts, Backoff: atOnce}})
			bad := s.MustAccept(t, storetest.NewAsset())
			handled := start(t, s, runFunc(func(ctx context.Context, a asset.Attempt) error {
				if a.Asset.ID != bad.ID {
					return s.Finish(ctx, a, storetest.Ending(a))
				}
				return c.run()
			}))
			for range c.wantAttempts {
				handled(bad.ID)
			}
			a := s.MustGet(t, bad.ID)
			if a.State != asset.CreateFailed || a.Attempt != c.wantAttempts || a.ErrorCode != c.wantCode || !strings.Contains(a.Reason, c.wantReason) {
				t.Errorf("state %s after %d attempts, %s %q", a.State, a.Attempt, a.ErrorCode, a.Reason)
			}
			if strings.Contains(a.Reason, "10.0.0.1") {
				t.Errorf("the reason shows an internal cause: %q", a.Reason)
			}
			neighbor := s.MustAccept(t, storetest.NewAsset())
			handled(neighbor.ID)
			if a := s.MustGet(t, neighbor.ID); a.State != asset.Created {
				t.Errorf("the neighbor is %s, want %s", a.State, asset.Created)
			}
		})
	}
}

func TestStopPutsWorkBack(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "vod.db")
	s := open(t, config{Config: Config{Grace: time.Millisecond, MaxAttempts: 1}, path: path})
	id := s.MustAccept(t, storetest.NewAsset()).ID
	working := make(chan struct{})
	start(t, s, runFunc(func(ctx context.Context, _ asset.Attempt) error {
		close(working)
		<-ctx.Done()
		return asset.Temporary("VOD.10076", "The store did not respond.", ctx.Err())
	}))
	<-working
	stop(t, s)
	if a := s.MustGet(t, id); a.State != asset.Creating || a.Reason != "" {
		t.Errorf("after Stop: %s, %q; want %s without a reason", a.State, a.Reason, asset.Creating)
	}
	if n := s.Count(t, `SELECT count(*) FROM river_job WHERE state = 'available' AND attempt = 0`); n != 1 {
		t.Error("the job did not go back into the queue, or lost an attempt")
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, config{Config: Config{MaxAttempts: 1}, path: path})
	start(t, s, finisher(s))(id)
	if a := s.MustGet(t, id); a.State != asset.Created || a.Attempt != 2 {
		t.Errorf("after the next start: %s in attempt %d, want %s in 2", a.State, a.Attempt, asset.Created)
	}
}

// When the database takes no write, nothing is lost and no attempt is used up.
func TestUnwritableRecordPutsWorkOff(t *testing.T) {
	t.Parallel()
	s := open(t, config{Config: Config{MaxAttempts: 1}})
	id := s.MustAccept(t, storetest.NewAsset()).ID
	s.RefuseWrites(t, "UPDATE", "asset")
	e := start(t, s, finisher(s))(id)
	if e.Kind != river.EventKindJobSnoozed || e.Job.Attempt != 0 {
		t.Errorf("event %s, attempt %d; want %s, 0", e.Kind, e.Job.Attempt, river.EventKindJobSnoozed)
	}
	if a := s.MustGet(t, id); a.State != asset.Creating {
		t.Errorf("state %s, want %s", a.State, asset.Creating)
	}
}

// The clock was set back while the service was down.
func TestStartPutsBackWorkOfTheFuture(t *testing.T) {
	t.Parallel()
	s := open(t, config{})
	id := s.MustAccept(t, storetest.NewAsset()).ID
	s.Execute(t, `UPDATE river_job SET state = 'running', attempt = 1, attempted_at = datetime('now', '+1 day')`)
	start(t, s, finisher(s))(id)
	if a := s.MustGet(t, id); a.State != asset.Created {
		t.Errorf("state %s, want %s", a.State, asset.Created)
	}
}

// An asset for which the process died many times waits, so that others get on; it ends only when it has been tried for as
// long as work may be deferred.
func TestAssetThatMayKillTheService(t *testing.T) {
	t.Parallel()
	var now clock
	s := open(t, config{Config: Config{Now: now.now}})
	id := s.MustAccept(t, storetest.NewAsset()).ID
	s.Execute(t, `UPDATE river_job SET attempt = $1`, manyCrashes)
	deferred := runFunc(func(context.Context, asset.Attempt) error { return asset.Deferred("", "", time.Hour, nil) })
	handled := start(t, s, deferred)
	again := func() asset.Asset {
		if n, err := s.Client.db.hasten(t.Context(), 0); n != 1 || err != nil {
			t.Fatalf("%d jobs wait, %v", n, err)
		}
		handled(id)
		return s.MustGet(t, id)
	}
	handled(id)
	if a := s.MustGet(t, id); !strings.Contains(a.Reason, "10 times") {
		t.Errorf("after the crashes: %s, %q", a.State, a.Reason)
	}
	if a := again(); a.Reason != "" {
		t.Errorf("after the pause: %s, %q", a.State, a.Reason)
	}
	now.set(DefaultMaxDeferral + time.Hour)
	s.Execute(t, `UPDATE river_job SET attempt = $1, metadata = json_set(json(metadata), '$.output.for', $2)`, manyCrashes+1, DefaultMaxDeferral)
	if a := again(); a.State != asset.CreateFailed || !strings.Contains(a.Reason, "11 times") {
		t.Errorf("after one more a day later: %s, %q", a.State, a.Reason)
	}
}

func TestLostJobs(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		damage string
		jobs   int // that are available afterwards
	}{
		"orphan":        {`UPDATE river_job SET state = 'running', attempted_at = datetime('now', '-2 minutes')`, 1},
		"just fetched":  {`UPDATE river_job SET state = 'running', attempted_at = datetime('now', 'subsec')`, 0},
		"waiting":       {`UPDATE river_job SET state = 'retryable'`, 0},
		"discarded":     {`UPDATE river_job SET state = 'discarded', finalized_at = datetime('now')`, 1},
		"cancelled":     {`UPDATE river_job SET state = 'cancelled', finalized_at = datetime('now')`, 1},
		"deleted":       {`DELETE FROM river_job`, 1},
		"nothing wrong": {`SELECT 1`, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t, config{})
			s.MustAccept(t, storetest.NewAsset())
			s.Execute(t, c.damage)
			for range 2 { // the second one finds nothing to do
				if err := errors.Join(s.Client.takeOver(t.Context(), false), s.Requeue(t.Context())); err != nil {
					t.Fatal(err)
				}
				if n := s.Count(t, `SELECT count(*) FROM river_job WHERE state = 'available'`); n != c.jobs {
					t.Errorf("%d jobs are available, want %d", n, c.jobs)
				}
			}
		})
	}
}

func TestTakeOverLeavesRunningWorkAlone(t *testing.T) {
	t.Parallel()
	s := open(t, config{})
	id := s.MustAccept(t, storetest.NewAsset()).ID
	working, finish := make(chan struct{}), make(chan struct{})
	handled := start(t, s, runFunc(func(ctx context.Context, a asset.Attempt) error {
		close(working)
		<-finish
		return s.Finish(ctx, a, storetest.Ending(a))
	}))
	<-working
	if err := s.Client.takeOver(t.Context(), true); err != nil {
		t.Error(err)
	}
	if n := s.Count(t, `SELECT count(*) FROM river_job WHERE state = 'running'`); n != 1 {
		t.Error("took a job over that this process runs")
	}
	close(finish)
	handled(id)
	if a := s.MustGet(t, id); a.State != asset.Created || a.Attempt != 1 {
		t.Errorf("%s in attempt %d, want %s in 1", a.State, a.Attempt, asset.Created)
	}
}

func TestBackoff(t *testing.T) {
	t.Parallel()
	for failures, most := range map[int]time.Duration{
		1: time.Second, 2: 2 * time.Second, 5: 16 * time.Second, 9: 256 * time.Second,
		10: 5 * time.Minute, 1000: 5 * time.Minute,
	} {
		for range 100 {
			if d := backoff(failures); d > most || d <= most*3/4-1 {
				t.Fatalf("backoff(%d) = %v, want within a quarter below %v", failures, d, most)
			}
		}
	}
}

// A failed asset is cleaned after its end is on record: before that, another attempt might still need the files.
func TestCleanedAfterTheEnd(t *testing.T) {
	t.Parallel()
	s := open(t, config{})
	id := s.MustAccept(t, storetest.NewAsset()).ID
	var state asset.State
	events, cancel := s.Client.river.Subscribe(river.EventKindJobCompleted)
	defer cancel()
	if err := s.Client.Start(t.Context(), s.Store, Work{
		Runner: runFunc(func(context.Context, asset.Attempt) error { return asset.Permanent("VOD.10003", "gone", nil) }),
		Clean:  func(_ context.Context, a asset.Asset) { state = s.MustGet(t, a.ID).State },
	}); err != nil {
		t.Fatal(err)
	}
	<-events
	stop(t, s)
	if got := s.MustGet(t, id).State; state != asset.CreateFailed || got != asset.CreateFailed {
		t.Errorf("cleaned in state %q; the asset is %s", state, got)
	}
}
