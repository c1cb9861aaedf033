package store

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
)

// maxGroup bounds how many writes one transaction takes, and so how long all others wait for the writer.
const maxGroup = 64

// group commits the writes of callers that wait at the same time in one transaction: one sync of the disk serves them
// all. None returns before it. A lone caller has a transaction of its own, at once.
type group struct {
	mu      sync.Mutex
	waiting []*groupedWrite
	leading bool // a goroutine is at work on those that wait
}

// groupedWrite is the write of one caller.
type groupedWrite struct {
	fn       func(tx *writeTx) error
	tx       writeTx
	err      error
	panicked any
	done     chan struct{} // closed once the write is committed or undone
}

// updateTogether is update for writes of which many come at the same time. Each is committed or undone by itself,
// whatever becomes of the others. A ctx that is done keeps a write from beginning; one that has begun is seen through,
// so fn must not use ctx.
func (s *Store) updateTogether(ctx context.Context, fn func(tx *writeTx) error) error {
	w := &groupedWrite{fn: fn, done: make(chan struct{})}
	if s.group.join(w) {
		go s.commitGroups()
	}
	select {
	case <-w.done:
	case <-ctx.Done():
		if s.group.leave(w) {
			return fmt.Errorf("begin: %w", context.Cause(ctx))
		}
		<-w.done
	}
	if w.panicked != nil {
		panic(w.panicked)
	}
	if w.err == nil {
		s.reportEnded(&w.tx)
	}
	return w.err
}

// join adds a write and reports whether the caller has to see to it that it is committed.
func (g *group) join(w *groupedWrite) (lead bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.waiting = append(g.waiting, w)
	lead, g.leading = !g.leading, true
	return lead
}

// leave takes back a write; false when it has begun.
func (g *group) leave(w *groupedWrite) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	for i, other := range g.waiting {
		if other == w {
			g.waiting = append(g.waiting[:i], g.waiting[i+1:]...)
			return true
		}
	}
	return false
}

// next takes those that have waited longest.
func (g *group) next() []*groupedWrite {
	g.mu.Lock()
	defer g.mu.Unlock()
	n := min(len(g.waiting), maxGroup)
	next := append([]*groupedWrite(nil), g.waiting[:n]...)
	g.waiting = append(g.waiting[:0], g.waiting[n:]...)
	return next
}

// idle reports whether nobody waits; the next one then leads.
func (g *group) idle() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.leading = len(g.waiting) > 0
	return !g.leading
}

// commitGroups runs until nobody waits. Between two transactions it lets go of the writer, which others wait for.
func (s *Store) commitGroups() {
	for !s.group.idle() {
		s.commitGroup(context.Background())
	}
}

// commitGroup commits those that wait once the writer is free.
func (s *Store) commitGroup(ctx context.Context) {
	tx, err := s.write.BeginTx(ctx, nil)
	writes := s.group.next()
	if err != nil {
		err = fmt.Errorf("begin: %w", err)
	} else {
		err = runGroup(ctx, tx, writes)
	}
	for _, w := range writes {
		if w.err == nil {
			w.err = err
		}
		close(w.done)
	}
}

// runGroup runs every write in a savepoint of its own, which is undone alone when the write fails, and commits the rest.
// An error is that of all that have none of their own.
func runGroup(ctx context.Context, tx *sql.Tx, writes []*groupedWrite) error {
	defer func() { _ = tx.Rollback() }() // does nothing after Commit
	unfinished := map[string]int{}
	for _, w := range writes {
		if _, err := tx.ExecContext(ctx, `SAVEPOINT one`); err != nil {
			return fmt.Errorf("begin: %w", err)
		}
		w.tx.Tx, w.tx.unfinished = tx, unfinished
		w.run()
		if w.err != nil || w.panicked != nil {
			if _, err := tx.ExecContext(ctx, `ROLLBACK TO one`); err != nil {
				return fmt.Errorf("undo one of the writes of a transaction: %w", err)
			}
		}
		if _, err := tx.ExecContext(ctx, `RELEASE one`); err != nil {
			return fmt.Errorf("end one of the writes of a transaction: %w", err)
		}
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// run keeps a panic for the goroutine of the caller: the others have nothing to do with it.
func (w *groupedWrite) run() {
	defer func() { w.panicked = recover() }()
	w.err = w.fn(&w.tx)
}
