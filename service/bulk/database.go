package bulk

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"

	driver "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/vod-reproduction/vod/service/sqlite"
)

// schema keeps what never changes of an item apart from its status, which is small: counting the states of a million
// items, or finding the next to send, reads no bodies.
const schema = `
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS item (
	id       INTEGER PRIMARY KEY AUTOINCREMENT, -- never given twice: idempotency keys are made of it
	identity BLOB NOT NULL UNIQUE,
	line     INTEGER NOT NULL,
	plan     INTEGER NOT NULL, -- the last one that saw it
	version  TEXT NOT NULL,
	body     BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS status (
	id         INTEGER PRIMARY KEY,
	state      INTEGER NOT NULL,
	generation INTEGER NOT NULL DEFAULT 0,
	changed    INTEGER NOT NULL DEFAULT 0,
	asset_id   TEXT NOT NULL DEFAULT '',
	code       TEXT NOT NULL DEFAULT '',
	message    TEXT NOT NULL DEFAULT '',
	calls      INTEGER NOT NULL DEFAULT 0, -- whose outcome is open, or the one that was taken
	since      INTEGER NOT NULL DEFAULT 0, -- the first of them, in seconds
	until      INTEGER NOT NULL DEFAULT 0  -- when the last of them had gone out
);
CREATE TABLE IF NOT EXISTS fault (
	item INTEGER NOT NULL, number INTEGER NOT NULL,
	field TEXT NOT NULL, rule TEXT NOT NULL, message TEXT NOT NULL,
	PRIMARY KEY (item, number)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS past (
	item INTEGER NOT NULL, generation INTEGER NOT NULL, version TEXT NOT NULL, state INTEGER NOT NULL,
	asset_id TEXT NOT NULL, code TEXT NOT NULL, message TEXT NOT NULL
);
`

// addCalls brings a journal of format 1 up to date.
const addCalls = `
ALTER TABLE status ADD COLUMN calls INTEGER NOT NULL DEFAULT 0;
ALTER TABLE status ADD COLUMN since INTEGER NOT NULL DEFAULT 0;
ALTER TABLE status ADD COLUMN until INTEGER NOT NULL DEFAULT 0;
UPDATE meta SET value = '2' WHERE name = 'format';
`

// ErrInUse means that another run, of this process or another, has the journal.
var ErrInUse = errors.New("another run is using the journal")

// lock keeps other runs away from a journal, and leaves its readers alone. It is an exclusive transaction on an empty
// database beside the journal: the operating system ends it with the process. Every version takes this lock and no other;
// two that do not see each other's would send, and have billed, the same objects twice.
func lock(ctx context.Context, path string) (*sql.DB, error) {
	file := lockOf(path)
	if f, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600); err == nil { //nolint:gosec // the user's own choice
		_ = f.Close() // it was only made, so that it can be told from another one
	}
	before, missing := os.Stat(file)
	db, err := sqlite.Open(ctx, file, 1, "busy_timeout(0)")
	if err != nil {
		return nil, inUse(err)
	}
	if _, err := db.ExecContext(ctx, "BEGIN EXCLUSIVE"); err != nil {
		_ = db.Close()
		return nil, inUse(fmt.Errorf("lock journal %s: %w", path, err))
	}
	// A run that ends with Discard removes the file while others wait for it; another one may have its name by now.
	if now, err := os.Stat(file); missing != nil || err != nil || !os.SameFile(before, now) {
		_ = db.Close()
		return nil, fmt.Errorf("%w: its lock was removed; start again", ErrInUse)
	}
	return db, nil
}

func lockOf(path string) string { return path + ".lock" }

// inUse distinguishes a lock that is taken from other failures.
func inUse(err error) error {
	var fault *driver.Error
	if errors.As(err, &fault) && fault.Code()&primaryCode == sqlite3.SQLITE_BUSY {
		return fmt.Errorf("%w: %w", ErrInUse, err)
	}
	return err
}

// ErrNotJournal means that a file is something else than a journal.
var ErrNotJournal = errors.New("is not a journal of vod bulk")

// checkUsable refuses a file of another program, and a journal of another version or of something else than ties say, before a
// lock is made beside it and its journal_mode is changed.
func checkUsable(ctx context.Context, path string, ties []Tie) error {
	if info, err := os.Stat(path); err != nil || info.Size() == 0 {
		return nil // it is made
	}
	db, err := openReader(ctx, path)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }() // only read
	var tables, ours int
	if err := db.QueryRowContext(ctx, `SELECT count(*), count(*) FILTER (WHERE name = 'past') FROM sqlite_master`).Scan(&tables, &ours); err != nil {
		return notJournal(path, err)
	}
	switch {
	case tables == 0: // a start was interrupted
		return nil
	case ours == 0:
		return fmt.Errorf("open journal %s: it is the database of another program and %w", path, ErrNotJournal)
	}
	made := ""
	if err := db.QueryRowContext(ctx, `SELECT value FROM meta WHERE name = 'format'`).Scan(&made); err != nil {
		return fmt.Errorf("open journal %s: %w", path, err)
	}
	if err := checkFormat(made); err != nil {
		return fmt.Errorf("open journal %s: %w", path, err)
	}
	for _, tie := range ties {
		old := tie.Value
		if err := db.QueryRowContext(ctx, `SELECT value FROM meta WHERE name = ?`, tie.Name).Scan(&old); err != nil && !errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("open journal %s: %w", path, err)
		}
		if old != tie.Value {
			return &BoundError{Name: tie.Name, Old: old, New: tie.Value}
		}
	}
	return nil
}

// checkFormat refuses the schema of another version.
func checkFormat(made string) error {
	if made != format && made != formatBefore {
		return fmt.Errorf("it was made by another version (format %q, this one writes %q)", made, format)
	}
	return nil
}

// notJournal distinguishes a file that is no database from other failures.
func notJournal(path string, err error) error {
	var fault *driver.Error
	if errors.As(err, &fault) && fault.Code()&primaryCode == sqlite3.SQLITE_NOTADB {
		return fmt.Errorf("%s %w: %w", path, ErrNotJournal, err)
	}
	return err
}

// openWriter opens the one connection that writes. What it commits is on the disk when the commit returns.
func openWriter(ctx context.Context, path string) (*sql.DB, error) {
	db, err := sqlite.Open(ctx, path, 1, "journal_mode(WAL)", "synchronous(FULL)", "cache_size(-8192)", "wal_autocheckpoint(8000)")
	return db, notJournal(path, err)
}

// openReader opens a connection that neither waits for the writer nor holds it up.
func openReader(ctx context.Context, path string) (*sql.DB, error) {
	db, err := sqlite.Open(ctx, path, 1, "query_only(1)", "cache_size(-8192)")
	return db, notJournal(path, err)
}
