//go:build unix

package jobs

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vod-reproduction/vod/internal/servicetest"
	"github.com/vod-reproduction/vod/service/asset"
	"github.com/vod-reproduction/vod/service/endpoint"
	"github.com/vod-reproduction/vod/service/store/storetest"
)

func TestPostgres(t *testing.T) {
	t.Parallel()
	server := servicetest.StartPostgres(t)
	t.Run("work", func(t *testing.T) { testSharedWork(t, server.Create(t)) })
	t.Run("a process that slept", func(t *testing.T) { testSleeper(t, server.Create(t)) })
	t.Run("a process that fell asleep in a transaction", func(t *testing.T) { testSleeperWithLocks(t, server.Create(t)) })
	t.Run("its own orphans", func(t *testing.T) { testOwnOrphans(t, server.Create(t)) })
	t.Run("another configuration", func(t *testing.T) { testDigest(t, server.Create(t)) })
}

// Work that was accepted or deferred under a clock that was ahead does not wait until the right one gets there; what waits
// for good reason goes on waiting.
func TestClockAheadBeforeStart(t *testing.T) {
	t.Parallel()
	for name, path := range map[string]string{"SQLite": "", "PostgreSQL": servicetest.StartPostgres(t).Create(t)} {
		t.Run(name, func(t *testing.T) {
			s, zone := open(t, config{path: path}), ""
			if path != "" {
				zone = "Z" // a time without a zone is the server's
			}
			accept := func(state string, ahead time.Duration) string {
				id := s.MustAccept(t, storetest.NewAsset()).ID
				s.Execute(t, `UPDATE river_job SET state = $1, scheduled_at = $2 WHERE id = (SELECT job_id FROM asset WHERE id = $3)`,
					state, time.Now().UTC().Add(ahead).Format(sqlTime)+zone, id)
				return id
			}
			ids := []string{accept("available", time.Minute), accept("scheduled", 48*time.Hour), accept("retryable", 48*time.Hour)}
			accept("scheduled", endpoint.MaxRetryAfter)
			accept("available", 4*time.Second)
			if n, err := s.Client.db.hasten(t.Context(), longestPause); n != int64(len(ids)) || err != nil {
				t.Errorf("%d jobs of a clock that was ahead, %v; want %d", n, err, len(ids))
			}
			handled := start(t, s, finisher(s))
			for _, id := range ids {
				handled(id)
			}
			if n := s.Count(t, `SELECT count(*) FROM river_job WHERE state = 'scheduled'`); n != 1 {
				t.Errorf("%d jobs wait for a day, want 1", n)
			}
		})
	}
}

// Two processes share the work: each asset is worked on once.
func testSharedWork(t *testing.T, url string) {
	var attempts atomic.Int64
	places := []*place{open(t, config{path: url}), open(t, config{path: url})}
	ids := make([]string, 40)
	for i := range ids {
		ids[i] = places[i%2].MustAccept(t, storetest.NewAsset()).ID
	}
	done := make(chan struct{}, len(ids))
	for _, p := range places {
		start(t, p, runFunc(func(ctx context.Context, a asset.Attempt) error {
			attempts.Add(1)
			defer func() { done <- struct{}{} }()
			return p.Finish(ctx, a, storetest.Ending(a))
		}))
	}
	for range ids {
		<-done
	}
	for _, id := range ids {
		if a := places[0].MustGet(t, id); a.State != asset.Created || a.Attempt != 1 {
			t.Errorf("%s is %s in attempt %d", id, a.State, a.Attempt)
		}
	}
	if n := attempts.Load(); n != int64(len(ids)) {
		t.Errorf("%d attempts at %d assets", n, len(ids))
	}
}

// A process that was silent for too long loses its work to another one, and
// changes nothing when it wakes up.
func testSleeper(t *testing.T, url string) {
	// It has one worker, so that the one that sleeps is all of it.
	sleeper, other := open(t, config{path: url, Config: Config{Workers: 1}}), open(t, config{path: url})
	asleep, wake, late := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	start(t, sleeper, runFunc(func(ctx context.Context, a asset.Attempt) error {
		close(asleep)
		<-wake
		err := sleeper.Finish(ctx, a, storetest.Ending(a))
		late <- err
		return err
	}))
	id := sleeper.MustAccept(t, storetest.NewAsset()).ID
	<-asleep
	sleeper.Client.stopOwner() // no sign of life from now on
	sleeper.Client.owner.Wait()
	handled := start(t, other, finisher(other))
	sleeper.Execute(t, `UPDATE node SET seen_at = seen_at - interval '20 seconds' WHERE id = $1`, sleeper.Client.cfg.Node)
	handled(id)
	if a := other.MustGet(t, id); a.State != asset.Created || a.Attempt != 2 {
		t.Fatalf("the asset is %s in attempt %d, want %s in 2", a.State, a.Attempt, asset.Created)
	}
	close(wake)
	if err := <-late; !errors.Is(err, asset.ErrStale) {
		t.Errorf("the sleeper's Finish = %v, want ErrStale", err)
	}
	stop(t, sleeper)
	if n := other.Count(t, `SELECT count(*) FROM river_job WHERE state <> 'completed'`); n != 0 {
		t.Errorf("the sleeper brought %d jobs back", n)
	}
	if n := other.Count(t, `SELECT count(*) FROM node WHERE id = $1`, sleeper.Client.cfg.Node); n != 0 {
		t.Error("the sleeper has stopped and is still listed")
	}
}

// A process that sleeps in the middle of a transaction has its rows locked, and loses its work all the same.
func testSleeperWithLocks(t *testing.T, url string) {
	sleeper, other := open(t, config{path: url}), open(t, config{path: url})
	id := sleeper.MustAccept(t, storetest.NewAsset()).ID
	tx, err := sleeper.Write.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }() // the server has ended it
	if _, err := tx.ExecContext(t.Context(), `UPDATE asset SET updated_at = updated_at WHERE id = $1`, id); err != nil {
		t.Fatal(err)
	}
	start(t, other, finisher(other))(id)
	if a := other.MustGet(t, id); a.State != asset.Created {
		t.Errorf("the asset is %s", a.State)
	}
}

// What a process fetched and never began is taken up again, what it runs is not.
func testOwnOrphans(t *testing.T, url string) {
	s := open(t, config{path: url})
	id := s.MustAccept(t, storetest.NewAsset()).ID
	if err := s.Client.beat(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		since   string
		running []int64
		taken   int64
	}{
		{"10 seconds", []int64{}, 0},
		{"2 minutes", []int64{int64(s.Count(t, `SELECT id FROM river_job`))}, 0},
		{"2 minutes", []int64{}, 1},
	} {
		s.Execute(t, `UPDATE river_job SET state = 'running', attempt = 3, attempted_by = ARRAY[$1], attempted_at = now() - $2::interval`,
			s.Client.cfg.Node, c.since)
		if n, err := s.Client.db.takeOver(t.Context(), c.running, false); n != c.taken || err != nil {
			t.Errorf("fetched %s ago, running %v: took over %d, %v; want %d", c.since, c.running, n, err, c.taken)
		}
	}
	if n := s.Count(t, `SELECT count(*) FROM river_job j JOIN asset a ON a.job_id = j.id WHERE a.id = $1 AND j.attempt = 3`, id); n != 1 {
		t.Error("the asset does not know its new job, or the job forgot its attempts")
	}
	if err := s.Delete(t.Context(), storetest.Project, id); err != nil {
		t.Fatal(err)
	}
	s.Execute(t, `UPDATE river_job SET state = 'running', attempted_by = ARRAY['dead'] WHERE kind = $1`, removeArgs{}.Kind())
	if n, err := s.Client.db.takeOver(t.Context(), []int64{}, false); n != 1 || err != nil {
		t.Errorf("of the removal took over %d, %v", n, err)
	}
	if n := s.Count(t, `SELECT count(*) FROM river_job j JOIN deletion d ON d.job_id = j.id WHERE d.asset_id = $1`, id); n != 1 {
		t.Error("the deleted asset does not know the new job of its removal")
	}
}

// Processes on one database say so when their configurations differ.
func testDigest(t *testing.T, url string) {
	var log bytes.Buffer
	one := open(t, config{path: url, Config: Config{Digest: func() string { return "one" }, Node: "first"}})
	two := open(t, config{path: url, Config: Config{Digest: func() string { return "two" }, Node: "second", Log: slog.New(slog.NewTextHandler(&log, nil))}})
	for range 2 {
		if err := errors.Join(one.Client.beat(t.Context()), two.Client.beat(t.Context())); err != nil {
			t.Fatal(err)
		}
	}
	if n := strings.Count(log.String(), "first"); n != 1 {
		t.Errorf("the other process is named %d times, want once:\n%s", n, log.String())
	}
}
