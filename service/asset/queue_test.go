package asset

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/riverqueue/river"
)

// atOnce is a backoff for tests that are not about waiting.
func atOnce(int) time.Duration { return 0 }

func TestWorkFinishes(t *testing.T) {
	t.Parallel()
	s := open(t, Config{})
	plain, published := newAsset(), newAsset()
	published.AutoPublish = true
	ids := map[State]string{Created: accept(t, s, plain).ID, Published: accept(t, s, published).ID}
	handled := start(t, s, finisher(s))
	for want, id := range ids {
		handled(id)
		if a := get(t, s, id); a.State != want || a.Media == nil || a.Attempt != 1 {
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
		"permanent":      {func() error { return Permanent("VOD.10003", "The object does not exist.", secret) }, 1, "VOD.10003", "The object does not exist."},
		"wrapped":        {func() error { return fmt.Errorf("stat: %w", Permanent("VOD.10138", "Denied.", nil)) }, 1, "VOD.10138", "Denied."},
		"temporary":      {func() error { return Temporary("VOD.10076", "The store did not answer.", secret) }, attempts, "VOD.10076", "The store did not answer."},
		"unexplained":    {func() error { return secret }, attempts, "VOD.10051", "internal error"},
		"panic":          {func() error { panic(secret) }, attempts, "VOD.10051", "fault of its own"},
		"false success":  {func() error { return nil }, attempts, "VOD.10051", "internal error"},
		"foreign cancel": {func() error { return context.Canceled }, attempts, "VOD.10051", "internal error"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t, Config{MaxAttempts: attempts, Backoff: atOnce})
			bad := accept(t, s, newAsset())
			handled := start(t, s, runFunc(func(ctx context.Context, a Attempt) error {
				if a.Asset.ID != bad.ID {
					return s.Finish(ctx, a, ending(a))
				}
				return c.run()
			}))
			for range c.wantAttempts {
				handled(bad.ID)
			}
			a := get(t, s, bad.ID)
			if a.State != CreateFailed || a.Attempt != c.wantAttempts || a.ErrorCode != c.wantCode || !strings.Contains(a.Reason, c.wantReason) {
				t.Errorf("state %s after %d attempts, %s %q", a.State, a.Attempt, a.ErrorCode, a.Reason)
			}
			if strings.Contains(a.Reason, "10.0.0.1") {
				t.Errorf("the reason shows an internal cause: %q", a.Reason)
			}
			neighbor := accept(t, s, newAsset())
			handled(neighbor.ID)
			if a := get(t, s, neighbor.ID); a.State != Created {
				t.Errorf("the neighbor is %s, want %s", a.State, Created)
			}
		})
	}
}

func TestStopPutsWorkBack(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "vod.db")
	s := open(t, Config{Path: path, Grace: time.Millisecond, MaxAttempts: 1})
	id := accept(t, s, newAsset()).ID
	working := make(chan struct{})
	start(t, s, runFunc(func(ctx context.Context, _ Attempt) error {
		close(working)
		<-ctx.Done()
		return Temporary("VOD.10076", "The store did not answer.", ctx.Err())
	}))
	<-working
	stop(t, s)
	if a := get(t, s, id); a.State != Creating || a.Reason != "" {
		t.Errorf("after Stop: %s, %q; want %s without a reason", a.State, a.Reason, Creating)
	}
	if n := count(t, s, `SELECT count(*) FROM river_job WHERE state = 'available' AND attempt = 0`); n != 1 {
		t.Error("the job did not go back into the queue, or lost an attempt")
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, Config{Path: path, MaxAttempts: 1})
	start(t, s, finisher(s))(id)
	if a := get(t, s, id); a.State != Created || a.Attempt != 2 {
		t.Errorf("after the next start: %s in attempt %d, want %s in 2", a.State, a.Attempt, Created)
	}
}

// When the record takes no write, nothing is lost and no attempt is used up.
func TestUnwritableRecordPutsWorkOff(t *testing.T) {
	t.Parallel()
	s := open(t, Config{MaxAttempts: 1})
	id := accept(t, s, newAsset()).ID
	refuseWrites(t, s, "UPDATE", "asset")
	e := start(t, s, finisher(s))(id)
	if e.Kind != river.EventKindJobSnoozed || e.Job.Attempt != 0 {
		t.Errorf("event %s, attempt %d; want %s, 0", e.Kind, e.Job.Attempt, river.EventKindJobSnoozed)
	}
	if a := get(t, s, id); a.State != Creating {
		t.Errorf("state %s, want %s", a.State, Creating)
	}
}

// The clock was set back while the service was down.
func TestStartPutsBackWorkOfTheFuture(t *testing.T) {
	t.Parallel()
	s := open(t, Config{})
	id := accept(t, s, newAsset()).ID
	execute(t, s, `UPDATE river_job SET state = 'running', attempt = 1, attempted_at = datetime('now', '+1 day')`)
	start(t, s, finisher(s))(id)
	if a := get(t, s, id); a.State != Created {
		t.Errorf("state %s, want %s", a.State, Created)
	}
}

func TestAssetThatKillsTheServiceIsGivenUp(t *testing.T) {
	t.Parallel()
	s := open(t, Config{})
	poison, unlucky := accept(t, s, newAsset()).ID, accept(t, s, newAsset()).ID
	set := `UPDATE river_job SET attempt = ? WHERE id = (SELECT job_id FROM asset WHERE id = ?)`
	execute(t, s, set, maxCrashes, poison)
	execute(t, s, set, maxCrashes-1, unlucky)
	handled := start(t, s, finisher(s))
	handled(poison)
	if a := get(t, s, poison); a.State != CreateFailed || !strings.Contains(a.Reason, "25 times") {
		t.Errorf("poison: %s, %q", a.State, a.Reason)
	}
	handled(unlucky)
	if a := get(t, s, unlucky); a.State != Created {
		t.Errorf("unlucky: %s, %q", a.State, a.Reason)
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
			s := open(t, Config{})
			accept(t, s, newAsset())
			execute(t, s, c.damage)
			for range 2 { // the second one finds nothing to do
				if err := errors.Join(s.putBack(t.Context(), time.Now().Add(-time.Minute)), s.requeueLost(t.Context())); err != nil {
					t.Fatal(err)
				}
				if n := count(t, s, `SELECT count(*) FROM river_job WHERE state = 'available'`); n != c.jobs {
					t.Errorf("%d jobs are available, want %d", n, c.jobs)
				}
			}
		})
	}
}

func TestPutBackLeavesRunningWorkAlone(t *testing.T) {
	t.Parallel()
	s := open(t, Config{})
	id := accept(t, s, newAsset()).ID
	working, finish := make(chan struct{}), make(chan struct{})
	handled := start(t, s, runFunc(func(ctx context.Context, a Attempt) error {
		close(working)
		<-finish
		return s.Finish(ctx, a, ending(a))
	}))
	<-working
	if err := s.putBack(t.Context(), anyTime); err != nil {
		t.Error(err)
	}
	if n := count(t, s, `SELECT count(*) FROM river_job WHERE state = 'running'`); n != 1 {
		t.Error("put back a job that this process runs")
	}
	close(finish)
	handled(id)
	if a := get(t, s, id); a.State != Created || a.Attempt != 1 {
		t.Errorf("%s in attempt %d, want %s in 1", a.State, a.Attempt, Created)
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
