package asset

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
)

func TestOpenAgain(t *testing.T) {
	t.Parallel()
	// A path that means something else in a URL, in SQL and to SQLite.
	path := filepath.Join(t.TempDir(), "a b?mode=memory#%41'x.db")
	s := open(t, Config{Path: path})
	id := accept(t, s, newAsset()).ID
	if second, err := Open(t.Context(), Config{Path: path}); !errors.Is(err, ErrInUse) || !strings.Contains(err.Error(), path) {
		t.Errorf("second Open = %v, %v; want ErrInUse with the path", second, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	get(t, open(t, Config{Path: path}), id)
}

func TestOpenSettings(t *testing.T) {
	t.Parallel()
	s := open(t, Config{})
	for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1"} {
		var got string
		if err := s.write.QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&got); err != nil || got != want {
			t.Errorf("%s = %s, %v; want %s", pragma, got, err, want)
		}
	}
	if _, err := s.read.ExecContext(t.Context(), `DELETE FROM asset`); err == nil {
		t.Error("the reading pool can write")
	}
}

// Requests lie in the data file, and what callers write into them is theirs alone.
func TestDataFileIsPrivate(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "vod.db")
	open(t, Config{Path: path})
	files, err := filepath.Glob(path + "*")
	if err != nil || len(files) < 3 {
		t.Fatalf("the record is %q, %v", files, err)
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
	if s, err := Open(t.Context(), Config{Path: path}); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("Open = %v, %v; want an error with the path", s, err)
	}
}

func TestStopWithoutStart(t *testing.T) {
	t.Parallel()
	if err := open(t, Config{}).Stop(t.Context()); err != nil {
		t.Errorf("Stop: %v", err)
	}
}

func TestMigrateRecord(t *testing.T) {
	t.Parallel()
	one := &fstest.MapFile{Data: []byte(`CREATE TABLE one (id INTEGER); INSERT INTO one VALUES (1);`)}
	two := &fstest.MapFile{Data: []byte(`ALTER TABLE one ADD COLUMN name TEXT;`)}
	broken := &fstest.MapFile{Data: []byte(`DELETE FROM one; SELECT nonsense FROM nowhere;`)}
	db, err := openWriter(t.Context(), filepath.Join(t.TempDir(), "x.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}()
	for _, step := range []struct {
		name    string
		files   fstest.MapFS
		wantErr string
		version int
	}{
		{"first", fstest.MapFS{"migrations/0001_one.sql": one}, "", 1},
		{"nothing new", fstest.MapFS{"migrations/0001_one.sql": one}, "", 1},
		{"gap", fstest.MapFS{"migrations/0001_one.sql": one, "migrations/0003_two.sql": two}, "expected number 2", 1},
		{"broken", fstest.MapFS{"migrations/0001_one.sql": one, "migrations/0002_two.sql": broken}, "0002_two.sql", 1},
		{"second", fstest.MapFS{"migrations/0001_one.sql": one, "migrations/0002_two.sql": two}, "", 2},
		{"older program", fstest.MapFS{"migrations/0001_one.sql": one}, "use the newer program", 2},
	} {
		err := migrateRecord(t.Context(), db, step.files)
		if (step.wantErr == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), step.wantErr) {
			t.Errorf("%s: %v, want %q", step.name, err, step.wantErr)
		}
		var version, rows int
		if err := db.QueryRowContext(t.Context(),
			`SELECT (SELECT max(version) FROM schema_version), (SELECT count(*) FROM one)`).Scan(&version, &rows); err != nil {
			t.Fatal(err)
		}
		if version != step.version || rows != 1 {
			t.Errorf("%s: version %d with %d rows, want %d with 1", step.name, version, rows, step.version)
		}
	}
}
