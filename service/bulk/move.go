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

// group is the moves of one transaction: no more than a run has on its way, in its workers or in a call that asks for assets.
type group struct {
	moves []move
	done  chan struct{} // closed when they are on the disk, or err says why not
	err   error
}

// wait returns when the moves are on the disk, or with the reason why they are not.
func (g *group) wait() error {
	<-g.done
	if g.err != nil {
		return fmt.Errorf("write the journal: %w", g.err)
	}
	return nil
}

// enter begins moves, at least one, which are made together. Moves reach the disk in the order in which they are entered. An
// item makes one at a time.
func (j *Journal) enter(moves ...move) (*group, error) {
	for i := range moves {
		if m := &moves[i]; !m.from.mayBecome(m.to) {
			return nil, fmt.Errorf("journal: an item that is %s cannot become %s", m.from, m.to)
		}
	}
	return j.committer.add(moves), nil
}

// committer writes moves that are entered at the same time in one transaction: one wait for the disk serves all of them.
type committer struct {
	mu    sync.Mutex
	next  *group        // takes what is entered
	begun chan struct{} // holds one value while next has moves
	done  chan struct{}
	once  sync.Once // closes begun
}

// mostRows bounds one statement of many rows. A range of fewer than leastRange items is no faster than their rows.
const (
	mostRows   = 64
	leastRange = 4
)

func newGroup(moves []move) *group { return &group{moves: moves, done: make(chan struct{})} }

func (c *committer) start(ctx context.Context, j *Journal) {
	ctx = context.WithoutCancel(ctx)
	c.next, c.begun, c.done = newGroup(nil), make(chan struct{}, 1), make(chan struct{})
	go func() {
		defer close(c.done)
		var written []move
		for range c.begun {
			g := c.take(written[:0])
			g.err = j.transact(ctx, func() error { return j.apply(ctx, g.moves) })
			written = g.moves
			close(g.done)
		}
	}()
}

func (c *committer) add(moves []move) *group {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.next.moves = append(c.next.moves, moves...); len(c.next.moves) == len(moves) {
		c.begun <- struct{}{}
	}
	return c.next
}

// take returns the group that is next, once goroutines that are about to enter a move have done so. The one after it begins
// with the given room.
func (c *committer) take(room []move) *group {
	for before := 0; ; {
		c.mu.Lock()
		g := c.next
		if len(g.moves) == before {
			c.next = newGroup(room)
			c.mu.Unlock()
			return g
		}
		before = len(g.moves)
		c.mu.Unlock()
		runtime.Gosched()
	}
}

func (c *committer) stop() {
	if c.next != nil {
		c.once.Do(func() { close(c.begun) })
		<-c.done
	}
}

// apply makes the moves of a batch, many with one statement: each has a cost of its own.
func (j *Journal) apply(ctx context.Context, batch []move) error {
	slices.SortFunc(batch, func(a, b move) int {
		return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to), cmp.Compare(a.id, b.id))
	})
	for len(batch) > 0 {
		from, to := batch[0].from, batch[0].to
		alike := slices.IndexFunc(batch, func(r move) bool { return r.from != from || r.to != to })
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
func consecutive(batch []move) int {
	for i := range batch {
		want := batch[0]
		want.id += int64(i)
		if batch[i] != want {
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
