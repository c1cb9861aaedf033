package asset

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"

	_ "modernc.org/sqlite" // registers the driver "sqlite"
)

// readers is how many queries may read at the same time.
const readers = 4

// openWriter opens the one connection that writes. River's SQLite driver asks
// for a single one, and so no write ever waits for another's lock; the price is
// that nothing may query s.write while a transaction on it is open.
func openWriter(ctx context.Context, path string) (*sql.DB, error) {
	// SQLite would let everyone read the file. Those that it keeps beside it take over its mode.
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the data file: %w", err)
	}
	if err := file.Close(); err != nil {
		return nil, fmt.Errorf("open the data file: %w", err)
	}
	return openDatabase(ctx, path, 1, "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)")
}

// openReaders opens the pool that only reads. Thanks to the write-ahead log it
// neither waits for the writer nor holds it up.
func openReaders(ctx context.Context, path string) (*sql.DB, error) {
	return openDatabase(ctx, path, readers, "query_only(1)")
}

func openDatabase(ctx context.Context, path string, conns int, pragmas ...string) (*sql.DB, error) {
	file := filepath.ToSlash(path)
	if file[0] != '/' {
		file = "/" + file // a Windows drive
	}
	// The lock waited for here is only that of a backup or of a curious person's sqlite3.
	query := url.Values{"_pragma": append([]string{"busy_timeout(10000)"}, pragmas...)}
	dsn := url.URL{Scheme: "file", Path: file, RawQuery: query.Encode()}
	db, err := sql.Open("sqlite", dsn.String())
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	if err := db.PingContext(ctx); err != nil {
		_ = db.Close()
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	return db, nil
}

// inTx runs fn in a write transaction, which is committed when fn gives nil.
// fn uses nothing but tx: the only other connection reads the state before it.
func (s *Store) inTx(ctx context.Context, fn func(*sql.Tx) error) error {
	return inTx(ctx, s.write, nil, fn)
}

// snapshot runs fn, which only reads, on one state of the record.
func (s *Store) snapshot(ctx context.Context, fn func(*sql.Tx) error) error {
	return inTx(ctx, s.read, &sql.TxOptions{ReadOnly: true}, fn)
}

func inTx(ctx context.Context, db *sql.DB, opts *sql.TxOptions, fn func(*sql.Tx) error) error {
	tx, err := db.BeginTx(ctx, opts)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // does nothing after Commit
	if err := fn(tx); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// now is the time written to the record: whole milliseconds of UTC.
func (s *Store) now() int64 { return msOf(s.cfg.Now()) }

// msOf stores a time; the zero time, "not yet", is 0.
func msOf(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// timeOf turns a stored time back.
func timeOf(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
