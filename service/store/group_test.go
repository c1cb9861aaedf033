package store

import (
	"database/sql"
	"errors"
	"path/filepath"
	"slices"
	"testing"
)

// Of the writes that share a transaction those are undone that fail or panic after they wrote, and no others.
func TestGroupUndoesOnlyWhatFails(t *testing.T) {
	t.Parallel()
	s := &Store{dialect: sqliteDialect}
	var err error
	if s.connections, err = openSQLite(t.Context(), filepath.Join(t.TempDir(), "vod.db")); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	if _, err := s.write.ExecContext(t.Context(), `CREATE TABLE word (word TEXT PRIMARY KEY) STRICT`); err != nil {
		t.Fatal(err)
	}
	insert := func(tx *writeTx, words ...string) error {
		for _, word := range words {
			if _, err := tx.ExecContext(t.Context(), `INSERT INTO word VALUES ($1)`, word); err != nil {
				return err
			}
		}
		return nil
	}
	refused := errors.New("refused")
	writes := map[string]*groupedWrite{
		"good":             {fn: func(tx *writeTx) error { return insert(tx, "a", "b") }},
		"fails":            {fn: func(tx *writeTx) error { return errors.Join(insert(tx, "c"), refused) }},
		"panics":           {fn: func(tx *writeTx) error { _ = insert(tx, "d"); panic("bug") }},
		"a statement does": {fn: func(tx *writeTx) error { return insert(tx, "e", "a") }},
		"good again":       {fn: func(tx *writeTx) error { return insert(tx, "c", "f") }},
	}
	for _, name := range []string{"good", "fails", "panics", "a statement does", "good again"} {
		writes[name].done = make(chan struct{})
		s.group.join(writes[name])
	}
	s.commitGroup(t.Context())
	for name, w := range writes {
		<-w.done
		if bad := w.err != nil || w.panicked != nil; bad == (name == "good" || name == "good again") {
			t.Errorf("%s: %v, panic %v", name, w.err, w.panicked)
		}
	}
	if !errors.Is(writes["fails"].err, refused) || writes["panics"].panicked != "bug" {
		t.Errorf("the errors are %v and %v", writes["fails"].err, writes["panics"].panicked)
	}
	got, err := queryAll(t.Context(), s.read, func(r *sql.Rows) (word string, err error) { return word, r.Scan(&word) }, `SELECT word FROM word ORDER BY word`)
	if want := []string{"a", "b", "c", "f"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, %v; want %v", got, err, want)
	}
}
