package store_test

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"

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

func BenchmarkAccept(b *testing.B) {
	for _, parallel := range []bool{false, true} {
		b.Run(fmt.Sprintf("parallel=%v", parallel), func(b *testing.B) {
			s := open(b, "")
			one := func() {
				n := storetest.NewAsset()
				n.Idempotency.Key = rand.Text()
				if _, _, err := s.Accept(b.Context(), n); err != nil {
					b.Error(err)
				}
			}
			if !parallel {
				for b.Loop() {
					one()
				}
				return
			}
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					one()
				}
			})
		})
	}
}
