package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/vod-reproduction/vod/service/sqlite"
)

// sqliteDialect keeps everything in one file of one process.
var sqliteDialect = dialect{
	kind: SQLite, open: openSQLite, examine: examineSQLite, migrations: "migrations/sqlite",
	alone: func(ctx context.Context, _ *sql.DB, _ *slog.Logger, fn func(context.Context) error) error {
		return fn(ctx)
	}, // the lock keeps others away
	oneWriter: true, groups: 1,
	// Each name of a parameter is looked for among those of all.
	placeholder: func(query []byte, _ int) []byte { return append(query, '?') },
	reading:     sql.TxOptions{ReadOnly: true},
	search:      searchSQLite,
	contains:    containsSQLite,
	texts:       textsSQLite,
	indexText:   func(context.Context, *sql.DB) error { return nil },
	refuses:     sqlite.Refused,
	lost:        func(error) bool { return false },
	duplicate:   func(error) bool { return false }, // there is no other transaction that writes
	held:        func(error) bool { return false }, // as above
}

// searchSQLite asks the index for each three characters of the text, and has the few assets with all of these compared with
// it: the index takes three times as long to find the text itself. LIKE folds the case of A to Z only, and the index that of all
// letters; so a text with others is left to the index. The signs for kelvin and for a long s, which fold to k and s, are not
// found in longer texts.
func searchSQLite(args *params, text string) (from, cond, newest string) {
	parts := []string{text}
	if !strings.ContainsFunc(text, func(c rune) bool { return c >= utf8.RuneSelf }) {
		parts = cover(text)
	}
	for i, part := range parts { // the language of the index knows no escapes but for the quote
		parts[i] = `"` + strings.ReplaceAll(part, `"`, `""`) + `"`
	}
	cond = "asset_search MATCH " + args.add(strings.Join(parts, " AND "))
	if len(parts) > 1 {
		cond += " AND " + containsSQLite(args, searched, text)
	}
	return "FROM asset_search JOIN asset a ON a.seq = asset_search.rowid", cond, "asset_search.rowid DESC"
}

// cover splits a text of one byte a character, and three or more of them, into parts of three; the last two may overlap.
func cover(text string) (parts []string) {
	for i := 0; i < len(text); i += indexedSearch {
		at := min(i, len(text)-indexedSearch)
		parts = append(parts, text[at:at+indexedSearch])
	}
	return parts
}

// containsSQLite needs no lower: LIKE knows no case of A to Z, and lower no more letters.
func containsSQLite(args *params, expression, text string) string {
	return "(" + expression + ") LIKE " + args.add(part(text)) + ` ESCAPE '\'`
}

// sqliteReaders is how many queries may read at the same time.
const sqliteReaders = 4

// lockFile takes the lock of a data file.
func lockFile(path string) (io.Closer, error) {
	lock, err := sqlite.Lock(path + lockSuffix)
	if errors.Is(err, sqlite.ErrInUse) {
		return nil, fmt.Errorf("%w: %s", ErrInUse, path)
	}
	return lock, err
}

const lockSuffix = ".lock"

// CheckUnused returns ErrInUse while another process has a SQLite data file. It
// leaves nothing behind where there is none yet.
func CheckUnused(path string) error {
	if _, err := os.Stat(path + lockSuffix); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	lock, err := lockFile(path)
	if err != nil {
		return err
	}
	return lock.Close()
}

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
	if c.lock, err = lockFile(path); err != nil {
		c.lock = nil
		return c, err
	}
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
	c.groups = c.write
	c.read, err = sqlite.Open(ctx, path, sqliteReaders, "query_only(1)")
	return c, err
}

func examineSQLite(ctx context.Context, path string) error {
	db, err := sqlite.Open(ctx, path, 1)
	if err != nil {
		return err
	}
	var found string
	if err = db.QueryRowContext(ctx, `PRAGMA quick_check(1)`).Scan(&found); err == nil && found != "ok" {
		err = fmt.Errorf("%s is damaged: %s", path, found)
	}
	return errors.Join(err, db.Close())
}
