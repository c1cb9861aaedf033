package bulk

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// ErrInUse says that another run has the journal.
var ErrInUse = errors.New("another run is using the journal")

// lock keeps other runs, of this process or another, away from a journal, and leaves its readers alone. It is an
// exclusive transaction on an empty database beside the journal: the operating system ends it with the process.
func lock(ctx context.Context, path string) (*sql.DB, error) {
	db, err := openDatabase(ctx, path+".lock", "busy_timeout(0)")
	if err != nil {
		return nil, inUse(err)
	}
	if _, err := db.ExecContext(ctx, "BEGIN EXCLUSIVE"); err != nil {
		_ = db.Close()
		return nil, inUse(fmt.Errorf("lock journal %s: %w", path, err))
	}
	return db, nil
}

// inUse tells a lock that is taken from other failures.
func inUse(err error) error {
	var fault *sqlite.Error
	if errors.As(err, &fault) && fault.Code()&primaryCode == sqlite3.SQLITE_BUSY {
		return fmt.Errorf("%w: %w", ErrInUse, err)
	}
	return err
}
