package jobs

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riversqlite"
)

// sqliteDatabase belongs to one process: the lock on its file shows that no other
// one works on its jobs, and that no other leader is alive.
type sqliteDatabase struct{ db *sql.DB }

// sqlTime is how River writes times.
const sqlTime = "2006-01-02 15:04:05.000"

func (d sqliteDatabase) driver() riverdriver.Driver[*sql.Tx]    { return riversqlite.New(d.db) }
func (d sqliteDatabase) every() time.Duration                   { return 30 * time.Second }
func (d sqliteDatabase) beat(context.Context) ([]string, error) { return nil, nil }
func (d sqliteDatabase) leave(context.Context) error            { return nil }

// takeOver implements database. A job keeps its time, and so its place before all
// that came later. At the start there is no need to wait until the
// former process, or its leadership, times out.
func (d sqliteDatabase) takeOver(ctx context.Context, running []int64, starting bool) (int64, error) {
	before := time.Now().Add(-slowToBegin)
	if starting {
		before = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC) // also if the clock was set back since
		if _, err := d.db.ExecContext(ctx, `DELETE FROM river_leader`); err != nil {
			return 0, fmt.Errorf("remove the former leader: %w", err)
		}
	}
	ids, err := json.Marshal(running)
	if err != nil {
		return 0, err
	}
	result, err := d.db.ExecContext(ctx, `
		UPDATE river_job SET state = 'available'
		WHERE state = 'running' AND attempted_at <= $1 AND id NOT IN (SELECT value FROM json_each($2))`,
		before.UTC().Format(sqlTime), string(ids))
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// pending implements database.
func (sqliteDatabase) pending() string {
	return `SELECT kind, json(args) FROM river_job WHERE state NOT IN ('completed', 'cancelled', 'discarded') ORDER BY id`
}

// deferred implements database.
func (d sqliteDatabase) deferred(ctx context.Context) (*sql.Rows, error) {
	return d.db.QueryContext(ctx, `
		SELECT id, json_extract(metadata, '$.output') FROM river_job
		WHERE state = 'scheduled' AND json_extract(metadata, '$.output.on') <> ''`)
}

// wake implements database.
func (d sqliteDatabase) wake(ctx context.Context, ids []int64) (int64, error) {
	list, err := json.Marshal(ids)
	if err != nil {
		return 0, err
	}
	result, err := d.db.ExecContext(ctx, `
		UPDATE river_job SET state = 'available', scheduled_at = datetime('now', 'subsec')
		WHERE state IN ('scheduled', 'retryable') AND id IN (SELECT value FROM json_each($1))`, string(list))
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// hasten implements database.
func (d sqliteDatabase) hasten(ctx context.Context, most time.Duration) (int64, error) {
	result, err := d.db.ExecContext(ctx, `
		UPDATE river_job SET state = 'available', scheduled_at = datetime('now', 'subsec')
		WHERE state IN ('scheduled', 'retryable') AND scheduled_at > datetime('now', 'subsec', $1 || ' seconds')
			OR state = 'available' AND scheduled_at > datetime('now', 'subsec', $2 || ' seconds')`, most.Seconds(), min(most, nearlyDue).Seconds())
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// move implements database.
func (d sqliteDatabase) move(ctx context.Context, id int64, queue string) error {
	_, err := d.db.ExecContext(ctx, `UPDATE river_job SET queue = $1 WHERE id = $2`, queue, id)
	return err
}

// advance implements database.
func (d sqliteDatabase) advance(ctx context.Context, project string, done int64) error {
	const of = `FROM river_job j JOIN asset a ON a.id = json_extract(j.args, '$.asset_id') WHERE a.project_id = $1 AND j.id <> $2`
	return advance(ctx, d.db, of, project, done)
}

// live implements database.
func (d sqliteDatabase) live(ctx context.Context, tx *sql.Tx, ids []int64) ([]int64, error) {
	list, err := json.Marshal(ids)
	if err != nil {
		return nil, err
	}
	return scanIDs(tx.QueryContext(ctx, `
		SELECT id FROM river_job
		WHERE id IN (SELECT value FROM json_each($1)) AND state NOT IN ('completed', 'cancelled', 'discarded')`, string(list)))
}
