package store_test

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/vod-reproduction/vod/internal/sidebyside"
	"github.com/vod-reproduction/vod/service/asset"
	"github.com/vod-reproduction/vod/service/jobs"
	"github.com/vod-reproduction/vod/service/store"
	"github.com/vod-reproduction/vod/service/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// config is the configuration of a store with the real queue.
func config(path string) store.Config {
	return store.Config{DSN: path, Queue: jobs.New(jobs.Config{}).Connect}
}

func open(t testing.TB, path string) *storetest.DB {
	t.Helper()
	return storetest.Open(t, config(path))
}

func TestSQLite(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t testing.TB) store.Config { return config(filepath.Join(t.TempDir(), "vod.db")) })
}

func TestOpenAgain(t *testing.T) {
	t.Parallel()
	// A path that means something else in a URL, in SQL and to SQLite.
	path := filepath.Join(t.TempDir(), "a b?mode=memory#%41'x.db")
	s := open(t, path)
	id := s.MustAccept(t, storetest.NewAsset()).ID
	if second, err := store.Open(t.Context(), config(path)); !errors.Is(err, store.ErrInUse) || !strings.Contains(err.Error(), path) {
		t.Errorf("second Open = %v, %v; want ErrInUse with the path", second, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, path).MustGet(t, id)
}

func TestOpenSettings(t *testing.T) {
	t.Parallel()
	s := open(t, "")
	for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1"} {
		var got string
		if err := s.Write.QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&got); err != nil || got != want {
			t.Errorf("%s = %s, %v; want %s", pragma, got, err, want)
		}
	}
}

// A look at the database writes: what only reads would find a full disk in order.
func TestPingWrites(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "vod.db")
	s := open(t, path)
	if _, err := s.KeyCheck(t.Context(), []byte("sealed")); err != nil {
		t.Fatal(err)
	}
	size := func() int64 {
		t.Helper()
		if err := s.Ping(t.Context()); err != nil {
			t.Fatal(err)
		}
		log, err := os.Stat(path + "-wal")
		if err != nil {
			t.Fatal(err)
		}
		return log.Size()
	}
	if first, second := size(), size(); second <= first {
		t.Errorf("the log of the database has %d bytes, and after another look %d", first, second)
	}
}

// Requests lie in the data file, and what callers write into them is theirs alone.
func TestDataFileIsPrivate(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "vod.db")
	open(t, path)
	files, err := filepath.Glob(path + "*")
	if err != nil || len(files) < 3 {
		t.Fatalf("the database has %q, %v", files, err)
	}
	for _, file := range files {
		if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s is %v, %v", file, info.Mode(), err)
		}
	}
}

func TestOpenMissingDirectory(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "missing", "vod.db")
	if s, err := store.Open(t.Context(), config(path)); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("Open = %v, %v; want an error with the path", s, err)
	}
}

// Requests that wait for the writer at the same time are committed together, and yet each has its own outcome.
func TestAcceptTogether(t *testing.T) {
	t.Parallel()
	s := open(t, "")
	writer, err := s.Write.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	const each = 30
	impatient, giveUp := context.WithCancel(t.Context())
	var good, bad, gone sync.WaitGroup
	for i := range each {
		good.Go(func() {
			request := storetest.NewAsset()
			request.Idempotency.Key = fmt.Sprint("good ", i/2) // each key twice
			if id, _, err := s.Accept(t.Context(), request); err != nil || id == "" {
				t.Errorf("accept = %q, %v", id, err)
			}
		})
		bad.Go(func() {
			request := storetest.NewAsset()
			request.Idempotency.Key = fmt.Sprint("bad ", i)
			request.CategoryID = 4711
			if _, _, err := s.Accept(t.Context(), request); !errors.Is(err, asset.ErrNoCategory) {
				t.Errorf("accept with an unknown category = %v", err)
			}
		})
		gone.Go(func() {
			request := storetest.NewAsset()
			request.Idempotency.Key = fmt.Sprint("gone ", i)
			if _, _, err := s.Accept(impatient, request); !errors.Is(err, context.Canceled) {
				t.Errorf("accept for a caller that is gone = %v", err)
			}
		})
	}
	giveUp()
	gone.Wait() // they do not wait for the writer
	if err := writer.Rollback(); err != nil {
		t.Fatal(err)
	}
	good.Wait()
	bad.Wait()
	var assets, keys int
	if err := s.Write.QueryRowContext(t.Context(),
		`SELECT (SELECT count(*) FROM asset), (SELECT count(*) FROM idempotency)`).Scan(&assets, &keys); err != nil {
		t.Fatal(err)
	}
	if assets != each/2 || keys != each/2 {
		t.Errorf("%d assets and %d keys, want %d of both", assets, keys, each/2)
	}
	// A project's first four jobs come before the others.
	if first, next := s.Count(t, `SELECT count(*) FROM river_job WHERE priority = 1`), s.Count(t, `SELECT count(*) FROM river_job WHERE priority = 2`); first != 4 || next != each/2-4 {
		t.Errorf("%d jobs come first, and %d next; want 4 and %d", first, next, each/2-4)
	}
}

// BenchmarkBesideSQLite accepts requests beside the least that records the same: a loop that inserts the same rows with
// prepared statements, 64 requests to a transaction, on the same disk.
func BenchmarkBesideSQLite(b *testing.B) {
	const callers, calls, turns = 64, 1280, 8
	loop := newLoop(b)
	bare := func(n int) {
		for done := 0; done < n; done += callers {
			loop.insert(b, min(callers, n-done))
		}
	}
	many, lone := open(b, ""), open(b, "")
	together := accepting(b, many, callers)
	b.Run("accept, 64 callers at once, beside a bare loop of inserts", func(b *testing.B) {
		sidebyside.CompareTurns(b, calls, turns, together, bare)
	})
	b.Run("accept, 64 callers at once, beside one caller", func(b *testing.B) {
		sidebyside.CompareTurns(b, calls, turns, together, accepting(b, lone, 1))
	})
}

// accepting accepts requests from several callers at once.
func accepting(b *testing.B, s *storetest.DB, callers int) sidebyside.Work {
	return func(n int) {
		var wg sync.WaitGroup
		for i := range callers {
			wg.Go(func() {
				for range (n + i) / callers {
					request := storetest.NewAsset()
					request.Idempotency.Key = rand.Text()
					if _, _, err := s.Accept(context.Background(), request); err != nil {
						b.Error(err)
					}
				}
			})
		}
		wg.Wait()
	}
}

// loop inserts copies of the rows that one accepted request leaves.
type loop struct {
	db   *sql.DB
	rows []copiedRow
}

type copiedRow struct {
	insert *sql.Stmt
	values []any
	fresh  []int // the columns that no two rows may share
}

func newLoop(b *testing.B) *loop {
	b.Helper()
	s := open(b, "")
	request := storetest.NewAsset()
	request.Idempotency.Key = rand.Text()
	s.MustAccept(b, request)
	l := &loop{db: s.Write}
	if _, err := l.db.ExecContext(b.Context(), `PRAGMA foreign_keys = 0`); err != nil {
		b.Fatal(err)
	}
	for _, table := range []string{"asset", "stage", "idempotency", "river_job"} {
		l.add(b, table)
	}
	return l
}

func (l *loop) add(b *testing.B, table string) {
	b.Helper()
	rows, err := l.db.QueryContext(b.Context(), `SELECT * FROM `+table)
	if err != nil {
		b.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		b.Fatal(err)
	}
	var all []copiedRow
	for rows.Next() {
		c := copiedRow{values: make([]any, len(columns))}
		targets := make([]any, len(columns))
		for i := range targets {
			targets[i] = &c.values[i]
			if name := columns[i]; name == "asset_id" || name == "key" || name == "id" && table == "asset" {
				c.fresh = append(c.fresh, i)
			}
		}
		if err := rows.Scan(targets...); err != nil {
			b.Fatal(err)
		}
		if _, number := c.values[0].(int64); number {
			c.values[0] = nil // SQLite numbers the copies
		}
		all = append(all, c)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		b.Fatal(err)
	}
	insert, err := l.db.PrepareContext(b.Context(), `INSERT INTO `+table+` VALUES (?`+strings.Repeat(", ?", len(columns)-1)+`)`)
	if err != nil {
		b.Fatal(err)
	}
	for _, c := range all {
		c.insert = insert
		l.rows = append(l.rows, c)
	}
}

// insert inserts the rows of n requests in one transaction.
func (l *loop) insert(b *testing.B, n int) {
	tx, err := l.db.BeginTx(b.Context(), nil)
	if err != nil {
		b.Fatal(err)
	}
	for range n {
		id := rand.Text()
		for _, row := range l.rows {
			for _, i := range row.fresh {
				row.values[i] = id
			}
			if _, err := tx.StmtContext(b.Context(), row.insert).ExecContext(b.Context(), row.values...); err != nil { //nolint:sqlclosecheck // closed with the transaction
				b.Fatal(err)
			}
		}
	}
	if err := tx.Commit(); err != nil {
		b.Fatal(err)
	}
}
