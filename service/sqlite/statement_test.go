package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/vod-reproduction/vod/service/sqlite"
)

func openNumbers(t *testing.T) *sql.Conn {
	t.Helper()
	db, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "a.db"), 1)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(conn.Close(), db.Close()); err != nil {
			t.Error(err)
		}
	})
	execute(t, conn, `CREATE TABLE number (n INTEGER PRIMARY KEY); INSERT INTO number VALUES (1), (2), (3)`)
	return conn
}

func execute(t *testing.T, conn *sql.Conn, query string, args ...any) {
	t.Helper()
	if _, err := conn.ExecContext(t.Context(), query, args...); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

// sum adds up the rows of a query; of the first, it runs the same query again while its own rows are open.
func sum(t *testing.T, conn *sql.Conn, query string, again bool) (total int) {
	t.Helper()
	rows, err := conn.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var n int
		if err := rows.Scan(&n); err != nil {
			t.Fatal(err)
		}
		total += n
		if again {
			total += sum(t, conn, query, false)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return total
}

const numbers = `SELECT n FROM number ORDER BY n`

// A statement that is kept is one of its own for each use, and as good as new after whatever happened to it.
func TestStatementsAreUsedAgain(t *testing.T) {
	t.Parallel()
	conn := openNumbers(t)
	if got, want := sum(t, conn, numbers, true), 6+3*6; got != want {
		t.Errorf("sum of a query within itself = %d, want %d", got, want)
	}
	var first int
	if err := conn.QueryRowContext(t.Context(), numbers).Scan(&first); err != nil || first != 1 { // left after one row
		t.Errorf("first = %d, %v", first, err)
	}
	if got := sum(t, conn, numbers, false); got != 6 {
		t.Errorf("sum after a row that was read alone = %d", got)
	}

	const insert = `INSERT INTO number VALUES (?)`
	if _, err := conn.ExecContext(t.Context(), insert, 3); !sqlite.Refused(err) {
		t.Errorf("insert of a number that is there = %v", err)
	}
	execute(t, conn, insert, 4)
	if _, err := conn.ExecContext(t.Context(), insert); err == nil {
		t.Error("an insert without its argument took the former one's")
	}
	if got := sum(t, conn, numbers, false); got != 10 {
		t.Errorf("sum = %d, want 10", got)
	}

	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := conn.ExecContext(gone, insert, 5); !errors.Is(err, context.Canceled) {
		t.Errorf("insert for a caller that is gone = %v", err)
	}
	execute(t, conn, insert, 5)

	const all = `SELECT * FROM number`
	if got := sum(t, conn, all, false); got != 15 {
		t.Errorf("sum = %d, want 15", got)
	}
	execute(t, conn, `ALTER TABLE number ADD COLUMN name TEXT`)
	rows, err := conn.QueryContext(t.Context(), all)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	if columns, err := rows.Columns(); err != nil || rows.Err() != nil || len(columns) != 2 {
		t.Errorf("columns after a change of the table = %v, %v", columns, err)
	}
}

// SQLite runs some pragmas while it compiles them: they are compiled each time.
func TestPragmasRunEachTime(t *testing.T) {
	t.Parallel()
	conn := openNumbers(t)
	for i := range 4 {
		only := i % 2
		execute(t, conn, fmt.Sprintf(`PRAGMA query_only = %d`, only))
		if got := sum(t, conn, `PRAGMA query_only`, false); got != only {
			t.Errorf("query_only = %d, want %d", got, only)
		}
		_, err := conn.ExecContext(t.Context(), `UPDATE number SET n = n`)
		if (err != nil) != (only == 1) {
			t.Errorf("write with query_only = %d: %v", only, err)
		}
	}
}

// More queries than a connection keeps push others out, and all of them work.
func TestManyStatements(t *testing.T) {
	t.Parallel()
	conn := openNumbers(t)
	for range 2 {
		for i := range 600 {
			if got := sum(t, conn, fmt.Sprintf(`SELECT n + %d FROM number WHERE n = 1`, i), false); got != i+1 {
				t.Fatalf("query %d = %d", i, got)
			}
		}
	}
}
