package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"

	"github.com/vod-reproduction/vod/service/sqlite"
)

// sqliteDialect keeps everything in one file of one process.
var sqliteDialect = dialect{
	open: openSQLite, migrations: "migrations/sqlite",
	alone:   func(_ context.Context, _ *sql.DB, fn func() error) error { return fn() }, // the lock keeps others away
	reading: sql.TxOptions{ReadOnly: true},
}

// sqliteReaders is how many queries may read at the same time.
const sqliteReaders = 4

// openSQLite opens one connection that writes and a pool that reads. River's
// SQLite driver asks for a single one, and so no write ever waits for another's
// lock; the price is that nothing may query the writer while a transaction on it
// is open. Thanks to the write-ahead log, readers neither wait for the writer nor
// hold it up.
func openSQLite(ctx context.Context, path string) (c connections, err error) {
	defer func() {
		if err != nil {
			err = errors.Join(err, c.close())
			c = connections{}
		}
	}()
	lock, err := sqlite.Lock(path + ".lock")
	if errors.Is(err, sqlite.ErrInUse) {
		return c, fmt.Errorf("%w: %w: stop it, or choose another data directory", ErrInUse, err)
	}
	if err != nil {
		return c, err
	}
	c.lock = lock
	// SQLite would let everyone read the file. Those that it keeps beside it take over its mode.
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err == nil {
		err = file.Close()
	}
	if err != nil {
		return c, fmt.Errorf("open the data file: %w", err)
	}
	if c.write, err = sqlite.Open(ctx, path, 1, "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)"); err != nil {
		return c, err
	}
	c.read, err = sqlite.Open(ctx, path, sqliteReaders, "query_only(1)")
	return c, err
}
