package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/bits"
	"strconv"
	"strings"
	"time"

	"github.com/vod-reproduction/vod/service/asset"
)

// writeTx is a transaction that writes, with the stages that end with it.
type writeTx struct {
	*sql.Tx
	ended   []stageOf
	request string // the ID of the request that created the asset of these stages
}

// stageOf is a stage of an asset.
type stageOf struct {
	assetID string
	asset.Stage
}

// update runs fn in a transaction that is committed when fn returns nil. fn uses
// nothing but tx: the readers see the state before it. After asset.ErrOutcomeUnknown, it may be committed.
func (s *Store) update(ctx context.Context, fn func(tx *writeTx) error) error {
	return s.updateIn(ctx, s.write, fn)
}

// updateIn is update on the connections of one of the pools.
func (s *Store) updateIn(ctx context.Context, db *sql.DB, fn func(tx *writeTx) error) error {
	var tx writeTx
	if err := inTx(ctx, db, nil, func(t *sql.Tx) error {
		tx.Tx = t
		return fn(&tx)
	}); err != nil {
		if commit, ok := errors.AsType[*commitError](err); ok && s.dialect.lost(commit.error) {
			return fmt.Errorf("%w: %w", asset.ErrOutcomeUnknown, err)
		}
		return err
	}
	s.reportEnded(&tx)
	return nil
}

// snapshot runs fn, which only reads, on one state of the database.
func (s *Store) snapshot(ctx context.Context, fn func(*sql.Tx) error) error {
	return inTx(ctx, s.read, &s.dialect.reading, fn)
}

func inTx(ctx context.Context, db *sql.DB, opts *sql.TxOptions, fn func(*sql.Tx) error) error {
	tx, err := db.BeginTx(ctx, opts)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // does nothing after Commit
	if err := fn(tx); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return &commitError{err}
	}
	return nil
}

// commitError is what a commit ends with that may have failed.
type commitError struct{ error }

func (e *commitError) Error() string { return "commit: " + e.error.Error() }
func (e *commitError) Unwrap() error { return e.error }

// querier is a *sql.DB, a *sql.Tx or a *writeTx.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// queryAll reads every row before it returns, so that the connection is free
// for the next query.
func queryAll[T any](ctx context.Context, q querier, scan func(*sql.Rows) (T, error), query string, args ...any) ([]T, error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // its error is that of rows.Err
	var all []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, errors.Join(err, rows.Err())
		}
		all = append(all, v)
	}
	return all, rows.Err()
}

// changed reports whether a statement reached any row.
func changed(result sql.Result) (bool, error) {
	n, err := result.RowsAffected()
	return n > 0, err
}

// params collects the arguments of a query that is put together piece by piece.
type params []any

// add returns the placeholder of a value.
func (p *params) add(v any) string {
	*p = append(*p, v)
	return "$" + strconv.Itoa(len(*p))
}

// addAll returns the placeholders of values, for an IN list.
func addAll[T any](p *params, values []T) string {
	marks := make([]string, len(values))
	for i, v := range values {
		marks[i] = p.add(v)
	}
	return strings.Join(marks, ",")
}

// paramsAtOnce bounds the parameters of a statement.
const paramsAtOnce = 1344

// insertRows inserts rows into a table, named with its columns: many with one statement, each of which has a cost of its own.
func (d *dialect) insertRows(ctx context.Context, tx *writeTx, into string, rows [][]any) error {
	for len(rows) > 0 {
		n := min(len(rows), paramsAtOnce/len(rows[0]))
		if n > 8 { // statements of a few forms, which stay compiled
			n = 1 << (bits.Len(uint(n)) - 1)
		}
		query, next := []byte("INSERT INTO "+into), " VALUES ("
		args := make([]any, 0, n*len(rows[0]))
		for _, row := range rows[:n] {
			for _, v := range row {
				args = append(args, v)
				query = d.placeholder(append(query, next...), len(args))
				next = ", "
			}
			next = "), ("
		}
		if _, err := tx.ExecContext(ctx, string(append(query, ')')), args...); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

// flag stores a boolean: not every database takes one for an integer.
func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// now is the time written to the database: whole milliseconds of UTC.
func (s *Store) now() int64 { return msOf(s.cfg.Now()) }

// msOf stores a time; the zero time, "not yet", is 0.
func msOf(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// timeOf turns a stored time back.
func timeOf(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
