package bulk

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"
)

// format is the version of the schema. A journal of formatBefore is brought up to date; others are not touched.
const (
	format       = "2"
	formatBefore = "1"
)

// Journal is the record of one run, however often it is started: one SQLite file. It is safe for concurrent use.
type Journal struct {
	path  string
	fresh bool   // Open has made it
	run   string // begins every idempotency key of the journal
	lock  *sql.DB
	db    *sql.DB
	write *sql.Conn
	read  *sql.DB

	// writing is held by whoever uses write: the plan, or the committer for the time of one transaction.
	writing   sync.Mutex
	committer committer
}

// Tie is what a journal belongs to; Name is "service" or the like.
type Tie struct{ Name, Value string }

// Open opens the journal at path for a run, and makes it when it is not there. Items that the last run had in flight
// when it ended are Ambiguous afterwards. It returns ErrInUse when another run has the journal, and a BoundError when
// it has other ties. The caller closes it.
func Open(ctx context.Context, path string, ties ...Tie) (_ *Journal, err error) {
	j := &Journal{path: path}
	defer func() {
		if err != nil {
			_ = j.Close()
		}
	}()
	if err := checkUsable(ctx, path, ties); err != nil {
		return nil, err
	}
	if j.lock, err = lock(ctx, path); err != nil {
		return nil, err
	}
	_, missing := os.Stat(path)
	j.fresh = errors.Is(missing, fs.ErrNotExist)
	if j.db, err = openWriter(ctx, path); err != nil {
		return nil, err
	}
	if j.write, err = j.db.Conn(ctx); err != nil {
		return nil, fmt.Errorf("open journal %s: %w", path, err)
	}
	if err := j.prepare(ctx); err != nil {
		return nil, fmt.Errorf("open journal %s: %w", path, err)
	}
	for _, tie := range ties {
		if err := j.Bind(ctx, tie); err != nil {
			return nil, err
		}
	}
	if j.read, err = openReader(ctx, path); err != nil {
		return nil, err
	}
	j.committer.start(ctx, j)
	return j, nil
}

// OpenReader opens an existing journal to read it, also while a run uses it. The caller closes it.
func OpenReader(ctx context.Context, path string) (*Journal, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("open journal: %w", err)
	}
	read, err := openReader(ctx, path)
	if err != nil {
		return nil, err
	}
	j := &Journal{path: path, read: read}
	made := ""
	if err := read.QueryRowContext(ctx, `SELECT run.value, format.value FROM meta AS run JOIN meta AS format
		WHERE run.name = 'run' AND format.name = 'format'`).Scan(&j.run, &made); err != nil {
		_ = read.Close()
		return nil, fmt.Errorf("%s %w: %w", path, ErrNotJournal, err)
	}
	if made != format && made != formatBefore {
		_ = read.Close()
		return nil, fmt.Errorf("%s was made by another version of vod bulk (format %q, this one reads %q)", path, made, format)
	}
	return j, nil
}

// OpenCopy opens a copy of the journal at path, which it makes in dir, to try out what a run would do. The journal itself
// stays as it is, also when a run is using it. Every source is planned anew. The caller closes the copy.
func OpenCopy(ctx context.Context, path, dir string) (*Journal, error) {
	original, err := OpenReader(ctx, path)
	if err != nil {
		return nil, err
	}
	at := filepath.Join(dir, "copy.db")
	if _, err = original.read.ExecContext(ctx, "PRAGMA query_only = 0"); err == nil { // which stops every VACUUM
		_, err = original.read.ExecContext(ctx, "VACUUM INTO ?", at)
	}
	if closed := original.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return nil, fmt.Errorf("copy journal %s: %w", path, err)
	}
	j, err := Open(ctx, at)
	if err != nil {
		return nil, err
	}
	if _, err := j.write.ExecContext(ctx, "DELETE FROM meta WHERE name = 'plan'"); err != nil {
		_ = j.Close() // it is thrown away
		return nil, fmt.Errorf("copy journal %s: %w", path, err)
	}
	return j, nil
}

// prepare makes the tables, names the run, and settles what a crash left behind.
func (j *Journal) prepare(ctx context.Context) error {
	return j.transact(ctx, func() error {
		if _, err := j.write.ExecContext(ctx, schema); err != nil {
			return err
		}
		for name, value := range map[string]string{"format": format, "run": rand.Text()} {
			if _, err := j.write.ExecContext(ctx, "INSERT OR IGNORE INTO meta VALUES (?, ?)", name, value); err != nil {
				return err
			}
		}
		made := ""
		if err := j.write.QueryRowContext(ctx, "SELECT value FROM meta WHERE name = 'format'").Scan(&made); err != nil {
			return err
		}
		if err := checkFormat(made); err != nil {
			return err
		}
		if made == formatBefore {
			if _, err := j.write.ExecContext(ctx, addCalls); err != nil {
				return err
			}
		}
		if err := j.write.QueryRowContext(ctx, "SELECT value FROM meta WHERE name = 'run'").Scan(&j.run); err != nil {
			return err
		}
		// Nobody knows how long after its entry the call went out.
		_, err := j.write.ExecContext(ctx, "UPDATE status SET state = ?, code = ?, message = ?, until = max(until, ?) WHERE state = ?",
			Ambiguous, CodeInterrupted, "the run ended while the call was in flight", time.Now().Unix(), Sent)
		return err
	})
}

// Fresh reports whether Open has made the journal, so that nothing was sent from it before.
func (j *Journal) Fresh() bool { return j.fresh }

// CodeInterrupted is the code of an Ambiguous item whose run ended before the response came.
const CodeInterrupted = "INTERRUPTED"

// Close ends the use of the journal. Everything recorded is safe already.
func (j *Journal) Close() error {
	j.committer.stop()
	var errs []error
	if j.read != nil {
		errs = append(errs, j.read.Close())
	}
	if j.write != nil {
		errs = append(errs, j.write.Close())
	}
	for _, db := range []*sql.DB{j.db, j.lock} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(errs...)
}

// key names one dump to a server that honors Idempotency-Key. It is fixed when the item is planned and is the same in
// every run of the journal; generation counts the times that a person asked for one more asset.
func (j *Journal) key(id, generation int64) string {
	return j.run + "-" + strconv.FormatInt(id, 10) + "-" + strconv.FormatInt(generation, 10)
}

// transact runs fn in a write transaction of its own. It is not cut short by the end of ctx once it has begun.
func (j *Journal) transact(ctx context.Context, fn func() error) error {
	j.writing.Lock()
	defer j.writing.Unlock()
	ctx = context.WithoutCancel(ctx)
	// Nobody else writes. IMMEDIATE would begin a transaction in the database of temporary tables as well.
	if _, err := j.write.ExecContext(ctx, "BEGIN"); err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	err := fn()
	if err == nil {
		if _, err = j.write.ExecContext(ctx, "COMMIT"); err == nil {
			return nil
		}
	}
	if _, undo := j.write.ExecContext(ctx, "ROLLBACK"); undo != nil {
		return errors.Join(err, undo)
	}
	return err
}

// Bind ties a new journal to what its items are dumped into, and refuses another one for an old journal: what is done
// there would be taken as done here.
func (j *Journal) Bind(ctx context.Context, tie Tie) error {
	old := ""
	err := j.transact(ctx, func() error {
		if _, err := j.write.ExecContext(ctx, "INSERT OR IGNORE INTO meta VALUES (?, ?)", tie.Name, tie.Value); err != nil {
			return err
		}
		return j.write.QueryRowContext(ctx, "SELECT value FROM meta WHERE name = ?", tie.Name).Scan(&old)
	})
	if err != nil {
		return fmt.Errorf("journal %s: %w", j.path, err)
	}
	if old != tie.Value {
		return &BoundError{Name: tie.Name, Old: old, New: tie.Value}
	}
	return nil
}

// BoundError is a journal that belongs to another service or source.
type BoundError struct{ Name, Old, New string }

// Error returns both.
func (e *BoundError) Error() string {
	return fmt.Sprintf("the journal belongs to %s %s, not to %s", e.Name, e.Old, e.New)
}

// Counts is the number of items in each state.
type Counts map[State]int64

// Total is the number of all items.
func (c Counts) Total() int64 {
	total := int64(0)
	for _, n := range c {
		total += n
	}
	return total
}

// Counts counts the items of each state.
func (j *Journal) Counts(ctx context.Context) (Counts, error) {
	columns, numbers := make([]string, len(States)), make([]int64, len(States))
	into := make([]any, len(States))
	for i, state := range States {
		columns[i], into[i] = fmt.Sprintf("count(*) FILTER (WHERE state = %d)", state), &numbers[i]
	}
	// GROUP BY would sort all of them.
	if err := j.read.QueryRowContext(ctx, "SELECT "+strings.Join(columns, ", ")+" FROM status").Scan(into...); err != nil {
		return nil, fmt.Errorf("count the items: %w", err)
	}
	counts := Counts{}
	for i, n := range numbers {
		if n > 0 {
			counts[States[i]] = n
		}
	}
	return counts, nil
}
