package bulk_test

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/vod-reproduction/vod/service/bulk"
)

func openJournal(tb testing.TB, path string) *bulk.Journal {
	tb.Helper()
	j, err := bulk.Open(tb.Context(), path)
	if err != nil {
		tb.Fatal(err)
	}
	return j
}

// line is a valid line of a manifest.
func line(object, title string) string {
	return fmt.Sprintf(`{"video_type":"MP4","title":%q,"input":{"bucket":"media","location":"cn-north-4","object":%q}}`+"\n", title, object)
}

func lines(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(line(fmt.Sprintf("%d.mp4", i), fmt.Sprintf("clip %d", i)))
	}
	return b.String()
}

func planText(tb testing.TB, j *bulk.Journal, text string) bulk.Plan {
	tb.Helper()
	plan, err := j.Plan(tb.Context(), &bulk.Manifest{Reader: strings.NewReader(text)}, bulk.PlanOptions{})
	if err != nil {
		tb.Fatal(err)
	}
	return plan
}

func items(tb testing.TB, j *bulk.Journal, states ...bulk.State) []bulk.Item {
	tb.Helper()
	var all []bulk.Item
	for item, err := range j.Items(tb.Context(), states...) {
		if err != nil {
			tb.Fatal(err)
		}
		all = append(all, item)
	}
	return all
}

// TestJournalStates makes random moves, over random restarts, and compares the journal with a model: a move that is not
// allowed changes nothing, one that is made is never lost, and what was in flight at a restart is ambiguous.
func TestJournalStates(t *testing.T) {
	t.Parallel()
	const n = 12
	rapid.Check(t, func(rt *rapid.T) {
		path := filepath.Join(t.TempDir(), rapid.StringMatching(`[a-z]{12}`).Draw(rt, "name")+".db")
		j := openJournal(t, path)
		defer func() { _ = j.Close() }()
		planText(t, j, lines(n))
		model, keys, assets := map[int64]bulk.State{}, map[int64]string{}, map[int64]string{}
		for _, item := range items(t, j, bulk.Pending) {
			model[item.ID], keys[item.ID] = bulk.Pending, j.Key(item)
		}
		compare := func() {
			seen := items(t, j, bulk.States...)
			if len(seen) != n {
				rt.Fatalf("%d items, want %d", len(seen), n)
			}
			for _, item := range seen {
				if model[item.ID] != item.State || keys[item.ID] != j.Key(item) || assets[item.ID] != item.AssetID {
					rt.Fatalf("item %d is %s under %s with %q, want %s under %s with %q", item.ID,
						item.State, j.Key(item), item.AssetID, model[item.ID], keys[item.ID], assets[item.ID])
				}
			}
		}
		rt.Repeat(map[string]func(*rapid.T){
			"move": func(rt *rapid.T) {
				id := int64(rapid.IntRange(1, n).Draw(rt, "item"))
				from, to := rapid.SampledFrom(bulk.States).Draw(rt, "from"), rapid.SampledFrom(bulk.States).Draw(rt, "to")
				err := j.Record(id, from, to)
				allowed := model[id] == from && bulk.MayBecome(from, to)
				if (err == nil) != allowed {
					rt.Fatalf("item %d is %s; %s to %s: %v", id, model[id], from, to, err)
				}
				if allowed {
					model[id], assets[id] = to, ""
				}
			},
			"moves at once": func(rt *rapid.T) {
				var moves []bulk.Move
				for id := int64(1); id <= n; id++ {
					if to := rapid.SampledFrom(bulk.States).Draw(rt, "to"); bulk.MayBecome(model[id], to) {
						assets[id] = rapid.StringMatching(`[0-9a-f]{32}`).Draw(rt, "asset")
						moves = append(moves, bulk.NewMove(id, model[id], to, assets[id]))
						model[id] = to
					}
				}
				if err := errors.Join(j.RecordTogether(moves)...); err != nil {
					rt.Fatal(err)
				}
			},
			"one move of many": func(rt *rapid.T) {
				from, to := rapid.SampledFrom(bulk.States).Draw(rt, "from"), rapid.SampledFrom(bulk.States).Draw(rt, "to")
				first, last := int64(rapid.IntRange(1, n).Draw(rt, "first")), int64(rapid.IntRange(1, n).Draw(rt, "last"))
				var moves []bulk.Move
				for id := first; id <= last; id++ {
					moves = append(moves, bulk.NewMove(id, from, to, ""))
				}
				for i, err := range j.RecordTogether(moves) { // a wrong one takes some others with it
					switch id := first + int64(i); {
					case err != nil:
					case model[id] != from || !bulk.MayBecome(from, to):
						rt.Fatalf("item %d is %s and moved from %s to %s", id, model[id], from, to)
					default:
						model[id], assets[id] = to, ""
					}
				}
				compare()
			},
			"restart": func(rt *rapid.T) {
				if rapid.IntRange(0, 4).Draw(rt, "seldom") != 0 { // opening a file is slow
					return
				}
				if err := j.Close(); err != nil {
					rt.Fatal(err)
				}
				j = openJournal(t, path)
				for id, state := range model {
					if state == bulk.Sent {
						model[id] = bulk.Ambiguous
					}
				}
				compare()
			},
			"plan again": func(*rapid.T) { planText(t, j, lines(n)) },
		})
		compare()
	})
}

// TestMoves holds the moves of a run against what may never happen.
func TestMoves(t *testing.T) {
	t.Parallel()
	for _, from := range bulk.States {
		for _, to := range bulk.States {
			if to == bulk.Sent && from != bulk.Pending && from != bulk.Ambiguous && bulk.MayBecome(from, to) {
				t.Errorf("%s may be sent again", from)
			}
			if (from == bulk.Done || from == bulk.Refused || from == bulk.Failed) && bulk.MayBecome(from, to) {
				t.Errorf("a run may turn %s into %s", from, to)
			}
			if from == bulk.Ambiguous && (to == bulk.Failed || to == bulk.Refused || to == bulk.Done) && bulk.MayBecome(from, to) {
				t.Errorf("ambiguous may become %s, which neither a call nor a look tells", to)
			}
		}
	}
}

// The lock is a transaction that every version takes, so that an upgrade cannot let two runs send the same objects.
func TestJournalLockOfOtherVersions(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "run.db")
	other, err := sql.Open("sqlite", path+".lock")
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := other.Close(); err != nil {
			t.Error(err)
		}
	}()
	other.SetMaxOpenConns(1)
	if _, err := other.ExecContext(t.Context(), "BEGIN EXCLUSIVE"); err != nil {
		t.Fatal(err)
	}
	if _, err := bulk.Open(t.Context(), path); !errors.Is(err, bulk.ErrInUse) {
		t.Errorf("beside a run of another version: %v, want ErrInUse", err)
	}
	if _, err := other.ExecContext(t.Context(), "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	j := openJournal(t, path)
	if _, err := other.ExecContext(t.Context(), "BEGIN EXCLUSIVE"); err == nil {
		t.Error("another version can start beside this run")
	}
	if err := j.Close(); err != nil {
		t.Error(err)
	}
}

func TestJournalInUse(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "run.db")
	j := openJournal(t, path)
	if _, err := bulk.Open(t.Context(), path); !errors.Is(err, bulk.ErrInUse) {
		t.Errorf("a second run gets %v", err)
	}
	reader, err := bulk.OpenReader(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if err := reader.Close(); err != nil {
		t.Error(err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	j = openJournal(t, path)
	if err := j.Close(); err != nil {
		t.Error(err)
	}
}

func TestBind(t *testing.T) {
	t.Parallel()
	j := openJournal(t, filepath.Join(t.TempDir(), "run.db"))
	defer func() { _ = j.Close() }()
	for _, step := range []struct {
		value string
		bound bool
	}{{"one", true}, {"one", true}, {"two", false}} {
		err := j.Bind(t.Context(), bulk.Tie{Name: "service", Value: step.value})
		var fault *bulk.BoundError
		if (err == nil) != step.bound || err != nil && !errors.As(err, &fault) {
			t.Errorf("bound to %s: %v", step.value, err)
		}
	}
}

// TestRefusedJournal leaves nothing beside a journal of something else, or of another version.
func TestRefusedJournal(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "run.db")
	service, source := bulk.Tie{Name: "service", Value: "one"}, bulk.Tie{Name: "source", Value: "list.jsonl"}
	open := func(ties ...bulk.Tie) error {
		t.Helper()
		j, err := bulk.Open(t.Context(), path, ties...)
		if err == nil {
			err = j.Close()
		}
		return err
	}
	if err := open(service); err != nil {
		t.Fatal(err)
	}
	if err := open(service, source); err != nil {
		t.Errorf("with one tie more: %v", err)
	}
	refuse := func(want string, ties ...bulk.Tie) {
		t.Helper()
		if err := os.Remove(path + ".lock"); err != nil {
			t.Fatal(err)
		}
		if err := open(ties...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("with %v: %v, want %s", ties, err, want)
		}
		if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
			t.Errorf("with %v: %v is left, %v", ties, left, err)
		}
		if err := os.WriteFile(path+".lock", nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	refuse("the journal belongs to service one, not to two", bulk.Tie{Name: "service", Value: "two"}, source)
	refuse("the journal belongs to source list.jsonl, not to other", service, bulk.Tie{Name: "source", Value: "other"})
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), "UPDATE meta SET value = '3' WHERE name = 'format'"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	refuse("another version", service, source)
}

// TestFormatBefore opens a journal that was made before calls had times, and refuses one that is yet to come.
func TestFormatBefore(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "run.db")
	j := openJournal(t, path)
	planText(t, j, lines(2))
	if err := j.Record(1, bulk.Pending, bulk.Sent); err != nil {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	change := func(statements string) {
		t.Helper()
		if _, err := db.ExecContext(t.Context(), statements); err != nil {
			t.Fatal(err)
		}
	}
	change(`ALTER TABLE status DROP COLUMN calls; ALTER TABLE status DROP COLUMN since; ALTER TABLE status DROP COLUMN until;
		UPDATE meta SET value = '1' WHERE name = 'format'`)
	reader, err := bulk.OpenReader(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if got := items(t, reader, bulk.States...); len(got) != 2 {
		t.Errorf("%d items can be read", len(got))
	}
	if err := reader.Close(); err != nil {
		t.Error(err)
	}
	for range 2 {
		j = openJournal(t, path)
		if got := items(t, j, bulk.Ambiguous); len(got) != 1 || got[0].ID != 1 {
			t.Errorf("ambiguous are %+v", got)
		}
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
	}
	change("UPDATE meta SET value = '3' WHERE name = 'format'")
	if _, err := bulk.Open(t.Context(), path); err == nil || !strings.Contains(err.Error(), "another version") {
		t.Errorf("a journal of format 3: %v", err)
	}
	if _, err := bulk.OpenReader(t.Context(), path); err == nil || !strings.Contains(err.Error(), "another version") {
		t.Errorf("reading a journal of format 3: %v", err)
	}
}

// TestNoJournal leaves alone what is none.
func TestNoJournal(t *testing.T) {
	t.Parallel()
	if _, err := bulk.OpenReader(t.Context(), filepath.Join(t.TempDir(), "none.db")); err == nil {
		t.Error("a journal that is not there was opened")
	}
}

// The database of another program is not taken for a journal: it stays as it is, and nothing is made beside it.
func TestOpenForeignDatabase(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "foreign.db")
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if _, err := db.ExecContext(t.Context(), "CREATE TABLE mine (a)"); err != nil {
		t.Fatal(err)
	}
	if _, err := bulk.Open(t.Context(), path); err == nil || !strings.Contains(err.Error(), "another program") {
		t.Errorf("Open gave %v", err)
	}
	tables, mode := 0, ""
	if err := db.QueryRowContext(t.Context(), "SELECT (SELECT count(*) FROM sqlite_master), journal_mode FROM pragma_journal_mode").
		Scan(&tables, &mode); err != nil || tables != 1 || mode != "delete" {
		t.Errorf("the database has %d tables and is in the mode %q (%v), want 1 and delete", tables, mode, err)
	}
	if files, err := os.ReadDir(filepath.Dir(path)); err != nil || len(files) != 1 {
		t.Errorf("there are %v, %v; want the database alone", files, err)
	}
}

// The titles and addresses of a run are its owner's alone.
func TestJournalIsPrivate(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "m.bulk.db")
	j := openJournal(t, path)
	defer func() { _ = j.Close() }()
	planText(t, j, lines(3))
	for _, name := range []string{path, path + "-wal", path + "-shm", path + ".lock"} {
		info, err := os.Stat(name)
		if err != nil {
			t.Error(err)
		} else if runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %s", name, info.Mode())
		}
	}
}
