package sqlite_test

import (
	"errors"
	"path/filepath"
	"testing"

	"github.com/vod-reproduction/vod/service/sqlite"
)

// The pragmas of the caller count, also where there is a default.
func TestPragmas(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		pragmas []string
		timeout int // ms
		journal string
	}{
		"default":      {nil, 10_000, "delete"},
		"no waiting":   {[]string{"busy_timeout(0)"}, 0, "delete"},
		"among others": {[]string{"journal_mode(WAL)", "busy_timeout(7)"}, 7, "wal"},
		"others alone": {[]string{"journal_mode(WAL)"}, 10_000, "wal"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "x.db"), 1, c.pragmas...)
			if err != nil {
				t.Fatal(err)
			}
			defer func() {
				if err := db.Close(); err != nil {
					t.Error(err)
				}
			}()
			var timeout int
			var journal string
			if err := errors.Join(db.QueryRowContext(t.Context(), "PRAGMA busy_timeout").Scan(&timeout),
				db.QueryRowContext(t.Context(), "PRAGMA journal_mode").Scan(&journal)); err != nil {
				t.Fatal(err)
			}
			if timeout != c.timeout || journal != c.journal {
				t.Errorf("busy_timeout %d, journal_mode %s; want %d, %s", timeout, journal, c.timeout, c.journal)
			}
		})
	}
}

// A full disk is told from other faults, and from what a caller may not write.
func TestFull(t *testing.T) {
	t.Parallel()
	db, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "x.db"), 1, "max_page_count(4)")
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}()
	for _, c := range []struct {
		statement     string
		full, refused bool
	}{
		{"CREATE TABLE x (y BLOB NOT NULL)", false, false},
		{"INSERT INTO x VALUES (zeroblob(100000))", true, false},
		{"INSERT INTO x VALUES (NULL)", false, true},
	} {
		_, err := db.ExecContext(t.Context(), c.statement)
		if full, refused := sqlite.Full(err), sqlite.Refused(err); full != c.full || refused != c.refused {
			t.Errorf("%s: %v: full %v, refused %v", c.statement, err, full, refused)
		}
	}
}

func TestLock(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "x.lock")
	first, err := sqlite.Lock(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sqlite.Lock(path); !errors.Is(err, sqlite.ErrInUse) {
		t.Errorf("a second Lock = %v, want ErrInUse", err)
	}
	for range 2 { // closing twice is harmless
		if err := first.Close(); err != nil {
			t.Error(err)
		}
	}
	again, err := sqlite.Lock(path)
	if err != nil {
		t.Fatalf("after Close: %v", err)
	}
	if err := again.Close(); err != nil {
		t.Error(err)
	}
}
