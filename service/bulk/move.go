package bulk

import (
	"cmp"
	"context"
	"fmt"
	"math/bits"
	"runtime"
	"slices"
	"strings"
	"sync"
)

// move is one change of an item's state.
type move struct {
	id                     int64
	from, to               State
	assetID, code, message string
	at                     int64 // seconds
}

// entry is a move on its way to the disk.
type entry chan error

// wait returns when the move is on the disk, or with the reason why it is not.
func (e entry) wait() error {
	if err := <-e; err != nil {
		return fmt.Errorf("write the journal: %w", err)
	}
	return nil
}

// enter begins a move. Moves reach the disk in the order in which they are entered. An item makes one at a time.
func (j *Journal) enter(m move) (entry, error) {
	if !m.from.mayBecome(m.to) {
		return nil, fmt.Errorf("journal: an item that is %s cannot become %s", m.from, m.to)
	}
	done := make(entry, 1)
	j.committer.queue <- request{move: m, done: done}
	return done, nil
}

// committer writes moves that arrive at the same time in one transaction: one wait for the disk serves all of them.
type committer struct {
	queue chan request
	once  sync.Once
	done  chan struct{}
}

type request struct {
	move
	done entry
}

// mostMoves bounds one transaction, mostRows one statement of many rows. A range of fewer than leastRange items is no
// faster than their rows.
const (
	mostMoves  = 512
	mostRows   = 64
	leastRange = 4
)

func (c *committer) start(ctx context.Context, j *Journal) {
	ctx = context.WithoutCancel(ctx)
	c.queue, c.done = make(chan request, mostMoves), make(chan struct{})
	go func() {
		defer close(c.done)
		var batch []request
		for first := range c.queue {
			batch = c.gather(append(batch[:0], first))
			err := j.transact(ctx, func() error { return j.apply(ctx, batch) })
			for _, r := range batch {
				r.done <- err
			}
		}
	}()
}

// gather adds the requests that wait already, and those of goroutines that are about to make one.
func (c *committer) gather(batch []request) []request {
	for yielded := false; len(batch) < mostMoves; {
		select {
		case r, ok := <-c.queue:
			if !ok {
				return batch
			}
			batch, yielded = append(batch, r), false
		default:
			if yielded {
				return batch
			}
			yielded = true
			runtime.Gosched()
		}
	}
	return batch
}

func (c *committer) stop() {
	if c.queue != nil {
		c.once.Do(func() { close(c.queue) })
		<-c.done
	}
}

// apply makes the moves of a batch, many with one statement: each has a cost of its own.
func (j *Journal) apply(ctx context.Context, batch []request) error {
	slices.SortFunc(batch, func(a, b request) int {
		return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to), cmp.Compare(a.id, b.id))
	})
	for len(batch) > 0 {
		from, to := batch[0].from, batch[0].to
		alike := slices.IndexFunc(batch, func(r request) bool { return r.from != from || r.to != to })
		if alike < 0 {
			alike = len(batch)
		}
		var statement string
		var args []any
		n := consecutive(batch[:alike])
		if m := batch[0]; n >= leastRange {
			statement, args = moveRange(from, to), []any{m.assetID, m.code, m.message, m.at, m.id, batch[n-1].id}
		} else {
			n = inOneStatement(alike)
			statement, args = moveRows(from, to, n), make([]any, 0, 5*n)
			for _, m := range batch[:n] {
				args = append(args, m.id, m.assetID, m.code, m.message, m.at)
			}
		}
		result, err := j.write.ExecContext(ctx, statement, args...)
		if err != nil {
			return err
		}
		if moved, err := result.RowsAffected(); err != nil || moved != int64(n) {
			return fmt.Errorf("not every item of %d to %d is %s any more, so that it cannot become %s", batch[0].id, batch[n-1].id, from, to)
		}
		batch = batch[n:]
	}
	return nil
}

// inOneStatement returns how many of n rows the next statement takes: a power of two, so that there are few statements to compile.
func inOneStatement(n int) int { return 1 << (bits.Len(uint(min(n, mostRows))) - 1) }

// consecutive counts the moves at the beginning of a batch that differ in nothing but their IDs, which follow each other.
func consecutive(batch []request) int {
	for i := range batch {
		want := batch[0].move
		want.id += int64(i)
		if batch[i].move != want {
			return i
		}
	}
	return len(batch)
}

// moveRange moves all items between two IDs from one state to another, which takes a third of the time of moveRows. Items
// are sent in their order, so that most of these moves come in ranges.
func moveRange(from, to State) string {
	return fmt.Sprintf(`UPDATE OR FAIL status SET state = %d, asset_id = ?1, code = ?2, message = ?3%s
		WHERE id BETWEEN ?5 AND ?6 AND state = %d`, to, countCalls(from, to, "?4"), from)
}

// moveRows moves n items from one state to another.
//
// The items are there, so that nothing is inserted: UPDATE would take twice as long. An error undoes the transaction, so that
// FAIL leaves nothing behind, and SQLite keeps no copies of pages to undo the statement alone.
func moveRows(from, to State, n int) string {
	row := fmt.Sprintf(", (?, %d, ?, ?, ?, ?)", to)
	return fmt.Sprintf(`INSERT OR FAIL INTO status (id, state, asset_id, code, message, until) VALUES %s
		ON CONFLICT (id) DO UPDATE SET state = excluded.state, asset_id = excluded.asset_id, code = excluded.code, message = excluded.message%s
		WHERE state = %d`, strings.Repeat(row, n)[len(", "):], countCalls(from, to, "excluded.until"), from)
}

// countCalls keeps the calls of an item, of which at is the time of the move. A call is counted when it goes out; those before
// it count as long as their outcome is open. When a call has ended without a response, its time is the end: nobody knows how
// long after the entry it went out.
func countCalls(from, to State, at string) string {
	switch {
	case from == Ambiguous && to == Sent:
		return ", calls = calls + 1, until = " + at
	case to == Sent:
		return ", calls = 1, since = " + at + ", until = " + at
	case from == Sent && to == Ambiguous:
		return ", until = max(until, " + at + ")"
	}
	return ""
}
