package jobs

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"

	"github.com/vod-reproduction/vod/service/store"
)

// postgresDatabase is shared by many processes. Each one that works on jobs has a
// row in the table node, and a job belongs to the process that fetched it last.
type postgresDatabase struct {
	db     store.Connection
	node   string        // the name of this process, River's client ID
	config func() string // digest of its configuration
}

const (
	// beatEvery is how often a process says that it is alive.
	beatEvery = 2 * time.Second
	// silence is how long a process may say nothing before its jobs go to others.
	silence = 15 * time.Second
	// forgetAfter is how long the row of a process outlives it.
	forgetAfter = 24 * time.Hour
)

func (d postgresDatabase) driver() riverdriver.Driver[*sql.Tx] {
	return riverdatabasesql.NewWithPgxListener(d.db.DB, d.db.Listen)
}

func (d postgresDatabase) every() time.Duration { return beatEvery }

// beat implements database. Times are those of the database, since the clocks of
// machines differ.
func (d postgresDatabase) beat(ctx context.Context) (others []string, err error) {
	if _, err := d.db.ExecContext(ctx, `
		INSERT INTO node (id, config, seen_at) VALUES ($1, $2, clock_timestamp())
		ON CONFLICT (id) DO UPDATE SET config = excluded.config, seen_at = excluded.seen_at`, d.node, d.config()); err != nil {
		return nil, err
	}
	rows, err := d.db.QueryContext(ctx, `
		SELECT id FROM node WHERE config <> $1 AND seen_at > clock_timestamp() - $2 * interval '1 second' ORDER BY id`,
		d.config(), silence.Seconds())
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // its error is that of rows.Err
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		others = append(others, name)
	}
	return others, rows.Err()
}

// takeOver implements database. An orphaned job goes on as a new row: the process
// that had it may only have slept, and what it writes about the old row when it
// wakes up reaches nothing. It keeps its time, and so its place before all that
// came later.
func (d postgresDatabase) takeOver(ctx context.Context, running []int64, starting bool) (int64, error) {
	if starting {
		if _, err := d.db.ExecContext(ctx, `DELETE FROM node WHERE seen_at < clock_timestamp() - $1 * interval '1 second'`,
			forgetAfter.Seconds()); err != nil {
			return 0, fmt.Errorf("forget dead processes: %w", err)
		}
	}
	var n int64
	err := d.db.QueryRowContext(ctx, `
		WITH orphan AS (
			DELETE FROM river_job WHERE state = 'running' AND CASE
				WHEN attempted_by[array_upper(attempted_by, 1)] = $1
				THEN attempted_at < clock_timestamp() - $3 * interval '1 second' AND id <> ALL ($4::bigint[])
				ELSE NOT EXISTS (SELECT 1 FROM node WHERE node.id = attempted_by[array_upper(attempted_by, 1)]
					AND seen_at > clock_timestamp() - $2 * interval '1 second')
				END
			RETURNING *
		), taken AS (
			INSERT INTO river_job (state, scheduled_at,
				args, attempt, attempted_at, attempted_by, created_at, errors, kind, max_attempts, metadata, priority, queue, tags)
			SELECT 'available', scheduled_at,
				args, attempt, attempted_at, attempted_by, created_at, errors, kind, max_attempts, metadata, priority, queue, tags
			FROM orphan RETURNING id, kind, args
		), moved AS (
			UPDATE asset SET job_id = taken.id FROM taken WHERE asset.id = taken.args->>'asset_id'
		), removed AS (
			UPDATE deletion SET job_id = taken.id FROM taken WHERE taken.kind = $5 AND deletion.asset_id = taken.args->>'asset_id'
		)
		SELECT count(*) FROM taken`,
		d.node, silence.Seconds(), slowToBegin.Seconds(), running, removeArgs{}.Kind()).Scan(&n)
	return n, err
}

// deferred implements database.
func (d postgresDatabase) deferred(ctx context.Context) (*sql.Rows, error) {
	return d.db.QueryContext(ctx, `
		SELECT id, (metadata->'output')::text FROM river_job WHERE state = 'scheduled' AND metadata->'output'->>'on' <> ''`)
}

// wake implements database.
func (d postgresDatabase) wake(ctx context.Context, ids []int64) (int64, error) {
	result, err := d.db.ExecContext(ctx, `
		UPDATE river_job SET state = 'available', scheduled_at = clock_timestamp()
		WHERE state IN ('scheduled', 'retryable') AND id = ANY ($1::bigint[])`, ids)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// hasten implements database.
func (d postgresDatabase) hasten(ctx context.Context, most time.Duration) (int64, error) {
	result, err := d.db.ExecContext(ctx, `
		UPDATE river_job SET state = 'available', scheduled_at = clock_timestamp()
		WHERE state IN ('scheduled', 'retryable') AND scheduled_at > clock_timestamp() + $1 * interval '1 second'
			OR state = 'available' AND scheduled_at > clock_timestamp() + $2 * interval '1 second'`, most.Seconds(), min(most, nearlyDue).Seconds())
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// move implements database.
func (d postgresDatabase) move(ctx context.Context, id int64, queue string) error {
	_, err := d.db.ExecContext(ctx, `UPDATE river_job SET queue = $1 WHERE id = $2`, queue, id)
	return err
}

// advance implements database.
func (d postgresDatabase) advance(ctx context.Context, project string, done int64) error {
	const of = `FROM river_job j JOIN asset a ON a.id = j.args->>'asset_id' WHERE a.project_id = $1 AND j.id <> $2`
	return advance(ctx, d.db.DB, of, project, done)
}

// leave implements database.
func (d postgresDatabase) leave(ctx context.Context) error {
	_, err := d.db.ExecContext(ctx, `DELETE FROM node WHERE id = $1`, d.node)
	return err
}

// pending implements database.
func (postgresDatabase) pending() string {
	return `SELECT kind, args::text FROM river_job WHERE state NOT IN ('completed', 'cancelled', 'discarded') ORDER BY id`
}

// live implements database.
func (d postgresDatabase) live(ctx context.Context, tx *sql.Tx, ids []int64) ([]int64, error) {
	return scanIDs(tx.QueryContext(ctx, `
		SELECT id FROM river_job WHERE id = ANY ($1::bigint[]) AND state NOT IN ('completed', 'cancelled', 'discarded')`, ids))
}
