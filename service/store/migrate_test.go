package store

import (
	"io/fs"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/vod-reproduction/vod/service/sqlite"
)

func TestMigrate(t *testing.T) {
	t.Parallel()
	one := &fstest.MapFile{Data: []byte(`CREATE TABLE one (id INTEGER); INSERT INTO one VALUES (1);`)}
	two := &fstest.MapFile{Data: []byte(`ALTER TABLE one ADD COLUMN name TEXT;`)}
	broken := &fstest.MapFile{Data: []byte(`DELETE FROM one; SELECT nonsense FROM nowhere;`)}
	db, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "x.db"), 1)
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
		err := migrate(t.Context(), db, step.files, "migrations")
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

// TestMigrationsOnlyAdd keeps the migrations of shared databases such that processes of the former version can go on until they
// are replaced: what they read and write stays. What is to go is first left unused for one version.
func TestMigrationsOnlyAdd(t *testing.T) {
	t.Parallel()
	adds := regexp.MustCompile(`^(CREATE (TABLE|INDEX|STATISTICS) |ANALYZE \w+$|ALTER TABLE \w+ (DROP CONSTRAINT \w+$|ADD COLUMN \w+ \w+( COLLATE "C")?( NOT NULL DEFAULT .+)?$))`)
	names, err := fs.Glob(migrations, "migrations/postgres/*.sql")
	if err != nil || len(names) < 2 {
		t.Fatal(names, err)
	}
	comment := regexp.MustCompile(`--.*`)
	for _, name := range names[1:] {
		text, err := fs.ReadFile(migrations, name)
		if err != nil {
			t.Fatal(err)
		}
		for statement := range strings.SplitSeq(comment.ReplaceAllString(string(text), ""), ";") {
			if statement = strings.Join(strings.Fields(statement), " "); statement != "" && !adds.MatchString(statement) {
				t.Errorf("%s: processes of the former version may not survive %q", name, statement)
			}
		}
	}
}

// Readers must not be able to write: they would wait for the writer, or hold it up.
func TestReadersOnlyRead(t *testing.T) {
	t.Parallel()
	c, err := openSQLite(t.Context(), filepath.Join(t.TempDir(), "x.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := c.close(); err != nil {
			t.Error(err)
		}
	}()
	if _, err := c.read.ExecContext(t.Context(), `CREATE TABLE t (n INTEGER)`); err == nil {
		t.Error("the reading pool can write")
	}
}
