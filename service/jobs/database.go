package jobs

import (
	"context"
	"database/sql"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"

	"github.com/vod-reproduction/vod/service/store"
)

// database is what the queue needs of its database beside River: who works on
// which jobs. It reads and writes River's own tables, because River offers no
// call for that, and they differ between databases.
type database interface {
	driver() riverdriver.Driver[*sql.Tx]
	// every is how often beat and takeOver are to be called.
	every() time.Duration
	// beat says that this process is alive, and returns the names of live ones
	// whose configuration is another.
	beat(ctx context.Context) (others []string, err error)
	// takeOver makes those jobs available that are marked as running and that
	// nobody runs, where running are the jobs of this process, and returns how
	// many there were. starting says that this process cannot have any.
	takeOver(ctx context.Context, running []int64, starting bool) (int64, error)
	// wake makes those of some jobs available that wait for a time, and returns how many there were.
	wake(ctx context.Context, ids []int64) (int64, error)
	// hasten makes all jobs due that wait for a time which is further away than most, and those that are available and have
	// a time further away than nearlyDue or most: the clock that it is from was ahead.
	hasten(ctx context.Context, most time.Duration) (int64, error)
	// move puts a job into another queue.
	move(ctx context.Context, id int64, queue string) error
	// advance takes a job of a project out of the lane, and puts the project's next one there if none is there or running.
	advance(ctx context.Context, project string, done int64) error
	// leave says that this process has stopped.
	leave(ctx context.Context) error
	// live returns those of some jobs that are still to be worked on.
	live(ctx context.Context, tx *sql.Tx, ids []int64) ([]int64, error)
	// deferred returns ID and deferral, as JSON, of the jobs that wait for something outside.
	deferred(ctx context.Context) (*sql.Rows, error)
	// pending is a query for kind and arguments, as JSON, of the jobs that are still to be worked on.
	pending() string
}

// slowToBegin is how long a job may be marked as running before it is known to
// this process: it was fetched, and did not begin yet.
const slowToBegin = time.Minute

// databaseOf returns what fits a connection, for a process of some name.
func databaseOf(db store.Connection, node string, config func() string) database {
	switch db.Kind {
	case store.SQLite:
		return sqliteDatabase{db.DB}
	case store.PostgreSQL:
		return postgresDatabase{db: db, node: node, config: config}
	}
	panic("jobs: no queue on a database of the kind " + string(db.Kind))
}

// scanIDs reads a column of IDs.
func scanIDs(rows *sql.Rows, err error) (ids []int64, _ error) {
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // its error is that of rows.Err
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

// advance does what database.advance says, where of selects all jobs of a project but one.
func advance(ctx context.Context, db *sql.DB, of, project string, done int64) error {
	if _, err := db.ExecContext(ctx, `UPDATE river_job SET queue = $1 WHERE id = $2 AND queue = $3`, river.QueueDefault, done, queueLane); err != nil {
		return err
	}
	//nolint:gosec // of is a constant of each database
	_, err := db.ExecContext(ctx,
		`UPDATE river_job SET queue = $3 WHERE state = 'available' AND id = (
			SELECT j.id `+of+` AND j.state = 'available' AND j.queue = $4 ORDER BY j.priority, j.scheduled_at, j.id LIMIT 1
		) AND NOT EXISTS (SELECT 1 `+of+` AND (j.queue = $3 AND j.state = 'available' OR j.queue IN ($3, $4) AND j.state = 'running'))`,
		project, done, queueLane, river.QueueDefault)
	return err
}
