// Package sqlite opens SQLite files and locks them for one process, in the one
// way that this service and its tools use.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	driver "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// Refused reports whether an error is of what was to be written, such as a value that is too large or breaks a constraint,
// and not of the file.
func Refused(err error) bool {
	return hasCode(err, sqlite3.SQLITE_TOOBIG, sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_MISMATCH)
}

// Full reports whether an error is that the disk of the file is full.
func Full(err error) bool { return hasCode(err, sqlite3.SQLITE_FULL) }

func hasCode(err error, codes ...int) bool {
	const primary = 0xff // the other bits say more
	fault, ok := errors.AsType[*driver.Error](err)
	return ok && slices.Contains(codes, fault.Code()&primary)
}

// Open opens the file at path with at most conns connections, on each of which
// the pragmas, such as "journal_mode(WAL)", are set. Any name of a file will do.
// A new file, and those that SQLite puts beside it, are for their owner alone.
// Every connection waits up to ten seconds for a lock, unless a pragma says
// otherwise.
func Open(ctx context.Context, path string, conns int, pragmas ...string) (*sql.DB, error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	file := filepath.ToSlash(absolute)
	if !strings.HasPrefix(file, "/") {
		file = "/" + file // a Windows drive
	}
	if !slices.ContainsFunc(pragmas, func(p string) bool { return strings.HasPrefix(p, "busy_timeout(") }) {
		pragmas = append([]string{"busy_timeout(10000)"}, pragmas...) // of two, the driver may set the wrong one last
	}
	// What cannot be created is SQLite's to explain.
	if f, err := os.OpenFile(absolute, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600); err == nil {
		_ = f.Close()
	}
	query := url.Values{"_pragma": pragmas}
	dsn := url.URL{Scheme: "file", Path: file, RawQuery: query.Encode()}
	base, err := driver.NewConnector(dsn.String())
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	db := sql.OpenDB(connector{base})
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	if err := db.PingContext(ctx); err != nil {
		_ = db.Close()
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	return db, nil
}
