package store

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
)

// JobKind is a kind of work.
type JobKind int

// The work that the database enqueues.
const (
	JobProcess JobKind = iota // an asset, by its ID
	JobWebhook                // the delivery of an event, by its ID
	JobPreheat                // a preheating task, by its ID
	JobRemove                 // the removal of the files of a deleted asset, by its ID
)

// Job is work on one thing.
type Job struct {
	Kind JobKind
	ID   string
	// Project is whose work it is. Behind is how many of its assets are not finished, up to mostBehind: the more, the later it
	// is this job's turn. Contended says that the project has nothing else to do, and others have. All three are of
	// JobProcess; JobWebhook and JobPreheat have Project.
	Project   string
	Behind    int
	Contended bool
}

// mostBehind bounds the count of what a project has in the queue.
const mostBehind = 64

// Queue takes jobs in the transaction that makes them necessary.
type Queue interface {
	// Enqueue adds jobs, each of which is worked on once at least after tx is committed,
	// and returns the queue's IDs of them.
	Enqueue(ctx context.Context, tx *sql.Tx, jobs ...Job) (ids []int64, err error)
	// Cancel stops a job: no work begins on it any more, and what runs is told to stop. It
	// is Live until that has stopped. One that has ended stays as it is.
	Cancel(ctx context.Context, tx *sql.Tx, id int64) error
	// Live returns those of some job IDs that are still to be worked on.
	Live(ctx context.Context, tx *sql.Tx, ids []int64) ([]int64, error)
	// Pending returns every job that is still to be worked on.
	Pending(ctx context.Context, tx *sql.Tx) ([]Job, error)
}

// enqueue adds one job to the queue.
func (s *Store) enqueue(ctx context.Context, tx *writeTx, job Job) (id int64, err error) {
	ids, err := s.queue.Enqueue(ctx, tx.Tx, job)
	if err != nil {
		return 0, err
	}
	return ids[0], nil
}

// requeueBatch is how many assets are held against the queue at a time.
const requeueBatch = 500

// keeper is a table with a row for every job of a kind that must be done.
type keeper struct {
	kind                  JobKind
	table, id, unfinished string
}

// keepers are the tables that know of jobs which the queue may have lost.
var keepers = []keeper{
	{JobProcess, "asset", "id", "state = 'OBS_CREATING'"},
	{JobRemove, "deletion", "asset_id", "removed = 0"},
}

// Requeue enqueues a new job for every asset that has not ended, and for every
// deleted one that still has files, whose job is gone from the queue, or was
// cancelled by hand.
func (s *Store) Requeue(ctx context.Context) error {
	for _, k := range keepers {
		if err := s.requeueLost(ctx, k); err != nil {
			return fmt.Errorf("queue lost assets again: %w", err)
		}
	}
	return nil
}

func (s *Store) requeueLost(ctx context.Context, k keeper) error {
	type row struct {
		id  string
		job int64
	}
	query := `SELECT ` + k.id + `, job_id FROM ` + k.table + ` WHERE ` + k.unfinished + ` AND ` + k.id + ` > $1 ORDER BY ` + k.id + ` LIMIT $2` +
		s.dialect.forUpdate
	for after, more := "", true; more; {
		err := s.update(ctx, func(tx *writeTx) error {
			rows, err := queryAll(ctx, tx, func(r *sql.Rows) (a row, err error) {
				err = r.Scan(&a.id, &a.job)
				return a, err
			}, query, after, requeueBatch)
			if more = len(rows) == requeueBatch; err != nil || len(rows) == 0 {
				return err
			}
			after = rows[len(rows)-1].id
			ids := make([]int64, len(rows))
			for i, a := range rows {
				ids[i] = a.job
			}
			live, err := s.queue.Live(ctx, tx.Tx, ids)
			if err != nil {
				return err
			}
			alive := make(map[int64]bool, len(live))
			for _, id := range live {
				alive[id] = true
			}
			for _, a := range rows {
				if alive[a.job] {
					continue
				}
				if err := s.requeue(ctx, tx, k, a.id); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) requeue(ctx context.Context, tx *writeTx, k keeper, id string) error {
	job, err := s.enqueue(ctx, tx, Job{Kind: k.kind, ID: id})
	if err != nil {
		return err
	}
	if err := k.assign(ctx, tx, id, job); err != nil {
		return err
	}
	s.cfg.Log.LogAttrs(ctx, slog.LevelWarn, "requeued an asset without a job", slog.String("asset_id", id))
	return nil
}

// assign notes which job does the work.
func (k keeper) assign(ctx context.Context, tx *writeTx, id string, job int64) error {
	_, err := tx.ExecContext(ctx, `UPDATE `+k.table+` SET job_id = $1 WHERE `+k.id+` = $2`, job, id) //nolint:gosec // names of ours
	return err
}
