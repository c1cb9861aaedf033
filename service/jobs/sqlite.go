package jobs

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/riverqueue/river/riverdriver/riversqlite"
)

// What reads and writes River's own tables is in this file: River offers no call
// for it, and the tables differ between databases.

// sqlTime is how River writes times.
const sqlTime = "2006-01-02 15:04:05.000"

func driver(db *sql.DB) *riversqlite.Driver { return riversqlite.New(db) }

// removeLeader ends the leadership of a process that is known to be dead.
func removeLeader(ctx context.Context, db *sql.DB) error {
	if _, err := db.ExecContext(ctx, `DELETE FROM river_leader`); err != nil {
		return fmt.Errorf("remove the former leader: %w", err)
	}
	return nil
}

// release makes the jobs available that are marked as running since before some
// time, except the ones given, and returns how many there were.
func release(ctx context.Context, db *sql.DB, before time.Time, except []int64) (int64, error) {
	ids, err := json.Marshal(except)
	if err != nil {
		return 0, err
	}
	result, err := db.ExecContext(ctx, `
		UPDATE river_job SET state = 'available', scheduled_at = datetime('now', 'subsec')
		WHERE state = 'running' AND attempted_at <= $1 AND id NOT IN (SELECT value FROM json_each($2))`,
		before.UTC().Format(sqlTime), string(ids))
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// live returns those of some jobs that are still to be worked on.
func live(ctx context.Context, tx *sql.Tx, ids []int64) (alive []int64, err error) {
	list, err := json.Marshal(ids)
	if err != nil {
		return nil, err
	}
	rows, err := tx.QueryContext(ctx, `
		SELECT id FROM river_job
		WHERE id IN (SELECT value FROM json_each($1)) AND state NOT IN ('completed', 'cancelled', 'discarded')`, string(list))
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // its error is that of rows.Err
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		alive = append(alive, id)
	}
	return alive, rows.Err()
}
