package asset

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riversqlite"
)

const (
	// queueAttempts is the queue's own limit. It is out of reach, because the
	// record decides when to give up, and the queue could only drop the job.
	queueAttempts = 1 << 14
	// fetchEvery bounds how often the queue looks for work after it was told of some.
	fetchEvery = 10 * time.Millisecond
	// watchEvery is how often orphaned jobs are looked for.
	watchEvery = 30 * time.Second
)

// jobArgs is what the queue keeps of a job; everything else is in the asset's row.
type jobArgs struct {
	AssetID string `json:"asset_id"`
}

// Kind names the job in the queue's table; it never changes.
func (jobArgs) Kind() string { return "asset_create" }

// Work is what the jobs of the queue do.
type Work struct {
	Runner Runner
	// Clean removes what the attempts of an asset left that has failed, as far as
	// it can now; nil does nothing.
	Clean     func(ctx context.Context, a Asset)
	Notifier  Notifier  // nil: nobody is told of anything
	Preheater Preheater // nil: preheating fails
}

func newQueue(s *Store) (*river.Client[*sql.Tx], error) {
	workers, cfg := river.NewWorkers(), s.cfg
	if err := errors.Join(
		river.AddWorkerSafely(workers, &worker{store: s}),
		river.AddWorkerSafely(workers, &notifyWorker{store: s}),
		river.AddWorkerSafely(workers, &preheatWorker{store: s}),
	); err != nil {
		return nil, fmt.Errorf("register the workers: %w", err)
	}
	client, err := river.NewClient(riversqlite.New(s.write), &river.Config{
		FetchCooldown: fetchEvery,
		Logger:        cfg.Log,
		MaxAttempts:   queueAttempts,
		Queues: map[string]river.QueueConfig{
			river.QueueDefault: {MaxWorkers: cfg.Workers},
			queueNotify:        {MaxWorkers: eventConcurrency},
			queuePreheat:       {MaxWorkers: preheatConcurrency},
		},
		SoftStopTimeout: cfg.Grace,
		Workers:         workers,
	})
	if err != nil {
		return nil, fmt.Errorf("prepare the queue: %w", err)
	}
	return client, nil
}

// Start lets work be done until Stop, taking up at once
// what a process that died had in hand. ctx bounds only the start itself.
// Start is called once.
func (s *Store) Start(ctx context.Context, work Work) error {
	s.work = work
	// The lock on the data file proves that nobody works on these jobs and that
	// no leader is alive, so there is no need to wait until either times out.
	if _, err := s.write.ExecContext(ctx, `DELETE FROM river_leader`); err != nil {
		return fmt.Errorf("remove the former leader: %w", err)
	}
	if err := s.putBack(ctx, anyTime); err != nil {
		return err
	}
	if err := s.requeueLost(ctx); err != nil {
		return err
	}
	ctx = context.WithoutCancel(ctx)
	if err := s.river.Start(ctx); err != nil {
		return fmt.Errorf("start the queue: %w", err)
	}
	ctx, s.stopWatch = context.WithCancel(ctx)
	s.orphans.Go(func() { s.watchOrphans(ctx) })
	return nil
}

// Stop lets no further work begin, gives running work Config.Grace to end,
// then cancels its context and puts it back into the queue; a stop is no failure
// of an attempt. If ctx ends first, Stop gives its error, and what is still
// running is taken up again at the next Start.
func (s *Store) Stop(ctx context.Context) error {
	if s.stopWatch == nil {
		return nil // never started
	}
	s.stopWatch()
	s.orphans.Wait()
	if err := s.river.Stop(ctx); err != nil {
		return fmt.Errorf("stop the queue: %w", err)
	}
	return nil
}

// watchOrphans calls putBack until ctx is done.
func (s *Store) watchOrphans(ctx context.Context) {
	ticker := time.NewTicker(watchEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			// Work that was fetched a moment ago may not have begun yet.
			if err := s.putBack(ctx, time.Now().Add(-time.Minute)); err != nil && ctx.Err() == nil {
				s.cfg.Log.LogAttrs(ctx, slog.LevelError, "looking for orphaned jobs failed; it is tried again", slog.Any("error", err))
			}
		}
	}
}

// anyTime is later than every job, even if the clock was set back since.
var anyTime = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// putBack makes jobs available that are marked as running since before some
// time and that this process does not run: their process died, or their end
// could not be written.
func (s *Store) putBack(ctx context.Context, before time.Time) error {
	const sqlTime = "2006-01-02 15:04:05.000" // as the queue writes it
	running, err := json.Marshal(s.running.list())
	if err != nil {
		return fmt.Errorf("put jobs back: %w", err)
	}
	result, err := s.write.ExecContext(ctx, `
		UPDATE river_job SET state = 'available', scheduled_at = datetime('now', 'subsec')
		WHERE state = 'running' AND attempted_at <= ? AND id NOT IN (SELECT value FROM json_each(?))`,
		before.UTC().Format(sqlTime), string(running))
	if err != nil {
		return fmt.Errorf("put jobs back: %w", err)
	}
	n, err := result.RowsAffected()
	if err != nil {
		return fmt.Errorf("put jobs back: %w", err)
	}
	if n > 0 {
		s.cfg.Log.LogAttrs(ctx, slog.LevelInfo, "took up interrupted work", slog.Int64("jobs", n))
	}
	return nil
}

// requeueLost gives a new job to every asset that has not ended and whose job
// is gone, or was canceled by hand.
func (s *Store) requeueLost(ctx context.Context) error {
	err := s.inTx(ctx, func(tx *sql.Tx) error {
		lost, err := queryAll(ctx, tx, func(r *sql.Rows) (id string, err error) {
			err = r.Scan(&id)
			return id, err
		}, `SELECT a.id FROM asset a LEFT JOIN river_job j ON j.id = a.job_id
			WHERE a.state = 'OBS_CREATING' AND (j.id IS NULL OR j.state IN ('completed', 'cancelled', 'discarded'))`)
		if err != nil {
			return err
		}
		for _, id := range lost {
			job, err := s.river.InsertTx(ctx, tx, jobArgs{AssetID: id}, nil)
			if err != nil {
				return err
			}
			if _, err := tx.ExecContext(ctx, `UPDATE asset SET job_id = ? WHERE id = ?`, job.Job.ID, id); err != nil {
				return err
			}
			s.cfg.Log.LogAttrs(ctx, slog.LevelWarn, "queued again an asset without a job", slog.String("asset_id", id))
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("queue lost jobs again: %w", err)
	}
	return nil
}
