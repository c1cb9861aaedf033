package store_test

import (
	"database/sql"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/vod-reproduction/vod/internal/servicetest"
)

// An operator makes backups with the sqlite3 of the machine, from 3.37 on as docs/operation.md says: it refuses a database
// when it cannot parse all of its schema.
func TestOlderSQLiteParsesSchema(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "vod.db")
	rows, err := open(t, path).Write.QueryContext(t.Context(), `SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	read := 0
	for ; rows.Next(); read++ {
		var name, text string
		if err := rows.Scan(&name, &text); err != nil {
			t.Fatal(err)
		}
		if since := newerThan337(text); since != "" {
			t.Errorf("%s needs SQLite %s: %s", name, since, text)
		}
	}
	if err := rows.Err(); err != nil || read < 20 {
		t.Errorf("%d parts of the schema, %v", read, err)
	}

	if _, err := exec.LookPath("sqlite3"); err != nil {
		servicetest.SkipShort(t, "this machine has no sqlite3")
	}
	backup := filepath.Join(t.TempDir(), "backup.db")
	if out, err := exec.CommandContext(t.Context(), "sqlite3", path, "VACUUM INTO '"+backup+"'").CombinedOutput(); err != nil {
		t.Fatalf("backup: %v: %s", err, out)
	}
	db, err := sql.Open("sqlite", backup)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	copied := 0
	if err := db.QueryRowContext(t.Context(), `SELECT count(*) FROM sqlite_schema WHERE sql IS NOT NULL`).Scan(&copied); err != nil || copied != read {
		t.Errorf("the backup has %d parts of the schema, %v; want %d", copied, err, read)
	}
}

// The sqlite3 of the machine that runs the tests may be newer than 3.37.
func TestNewerThan337(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"CREATE TABLE t (a TEXT PRIMARY KEY, b INTEGER AS (length(a)) STORED, CHECK (b > -1)) STRICT":                                  "",
		"CREATE TABLE t (a TEXT) -- not a -> 'b'\n":                                                                                    "",
		"CREATE VIEW v AS SELECT 'FULL JOIN', a1_000, sum(a) OVER (PARTITION BY b ORDER BY c) FROM t LEFT JOIN u WHERE a IS NOT b":     "",
		"CREATE VIEW v AS SELECT group_concat(a, ' ') FROM (SELECT trim(a) AS a FROM t ORDER BY b) WHERE EXISTS (SELECT 1 ORDER BY 1)": "",
		"CREATE TRIGGER r DELETE ON t BEGIN SELECT RAISE(ABORT, 'it''s in use'), RAISE(IGNORE); END":                                   "",

		"CREATE INDEX i ON t (a -> '$.b')":                                                   "3.38",
		"CREATE INDEX i ON t (a->>'b')":                                                      "3.38",
		"CREATE VIEW v AS SELECT 1 FROM t RIGHT JOIN u":                                      "3.39",
		"CREATE VIEW v AS SELECT 1 FROM t\nfull outer join u":                                "3.39",
		"CREATE VIEW v AS SELECT a IS DISTINCT FROM b FROM t":                                "3.39",
		"CREATE VIEW v AS SELECT a IS NOT DISTINCT FROM b FROM t":                            "3.39",
		"CREATE VIEW v AS SELECT group_concat(trim(coalesce(a, ''), ' ') ORDER BY b) FROM t": "3.44",
		"CREATE VIEW v AS SELECT (SELECT json_group_array (DISTINCT a ORDER BY a)) FROM t":   "3.44",
		"CREATE TABLE t (a INTEGER CHECK (a < 1_000))":                                       "3.46",
		"CREATE TRIGGER r DELETE ON t BEGIN SELECT RAISE(ABORT, 'no ' || old.a || ')'); END": "3.47",
		"CREATE TRIGGER r DELETE ON t BEGIN SELECT raise(FAIL, format('no %d', old.a)); END": "3.47",
	} {
		if got := newerThan337(text); got != want {
			t.Errorf("%q is of %q, want %q", text, got, want)
		}
	}
}

// newerThan337 returns which version of SQLite brought what a statement is written with, or "" where 3.37 had it.
func newerThan337(statement string) string {
	statement = notCode.ReplaceAllStringFunc(statement, func(text string) string {
		if strings.HasPrefix(text, "'") {
			return "''"
		}
		return " "
	})
	for since, construct := range constructs {
		if construct.MatchString(statement) {
			return since
		}
	}
	for { // from the innermost parentheses outwards
		at := parentheses.FindStringSubmatchIndex(statement)
		if at == nil {
			return ""
		}
		name, inside := strings.ToUpper(statement[at[2]:at[3]]), strings.ToUpper(statement[at[4]:at[5]])
		switch {
		case name == "RAISE" && !plainRaise.MatchString(inside):
			return "3.47"
		case name != "" && name != "OVER" && orderBy.MatchString(inside) && !subquery.MatchString(inside):
			return "3.44"
		}
		statement = statement[:at[0]] + "nested" + statement[at[1]:]
	}
}

var (
	notCode    = regexp.MustCompile(`'(?:[^']|'')*'|--[^\n]*|(?s:/\*.*?\*/)`)
	constructs = map[string]*regexp.Regexp{
		"3.38": regexp.MustCompile(`->`),
		"3.39": regexp.MustCompile(`(?i)\b(?:RIGHT|FULL)\s+(?:OUTER\s+)?JOIN\b|\bIS\s+(?:NOT\s+)?DISTINCT\s+FROM\b`),
		"3.46": regexp.MustCompile(`(?i)\b\d+_[\d_]+\b|\b0x[\da-f]+_[\da-f_]+\b`),
	}
	parentheses = regexp.MustCompile(`(\w*)\s*\(([^()]*)\)`)
	plainRaise  = regexp.MustCompile(`^\s*(?:IGNORE|\w+\s*,\s*'')\s*$`)
	subquery    = regexp.MustCompile(`^\s*(?:SELECT|WITH)\b`)
	orderBy     = regexp.MustCompile(`\bORDER\s+BY\b`)
)
