package jobs

import (
	"context"
	"database/sql"
	"time"

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
	// wake makes those of some jobs available that wait for a time, and returns how many there were; nil stands for all.
	wake(ctx context.Context, ids []int64) (int64, error)
	// leave says that this process has stopped.
	leave(ctx context.Context) error
	// live returns those of some jobs that are still to be worked on.
	live(ctx context.Context, tx *sql.Tx, ids []int64) ([]int64, error)
	// pending is a query for kind and arguments, as JSON, of the jobs that are still to be worked on.
	pending() string
}

// slowToBegin is how long a job may be marked as running before it is known to
// this process: it was fetched, and did not begin yet.
const slowToBegin = time.Minute

// databaseOf returns what fits a connection, for a process of some name.
func databaseOf(db store.Connection, node, config string) database {
	if db.Listen == nil {
		return sqliteDatabase{db.DB}
	}
	return postgresDatabase{db: db, node: node, config: config}
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
