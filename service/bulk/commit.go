package bulk

import (
	"context"
	"database/sql"
	"fmt"
	"runtime"
	"sync"
)

// move is one change of an item's state.
type move struct {
	id                     int64
	from, to               State
	assetID, code, message string
	at                     int64 // seconds
}

// committer writes moves that arrive at the same time in one transaction: one wait for the disk serves all of them.
type committer struct {
	queue chan request
	once  sync.Once
	done  chan struct{}

	send, settle *sql.Stmt
}

type request struct {
	move
	answer chan error
}

// mostMoves bounds one transaction.
const mostMoves = 512

func (c *committer) start(ctx context.Context, j *Journal) error {
	ctx = context.WithoutCancel(ctx)
	if err := j.statements(ctx, map[**sql.Stmt]string{
		&c.send: `UPDATE status SET state = ?1, asset_id = '', code = '', message = '', calls = iif(state = ?5, calls + 1, 1),
			since = iif(state = ?5, since, ?2), until = ?2 WHERE id = ?3 AND state = ?4`,
		&c.settle: "UPDATE status SET state = ?, asset_id = ?, code = ?, message = ?, until = max(until, ?) WHERE id = ? AND state = ?",
	}); err != nil {
		return err
	}
	c.queue, c.done = make(chan request), make(chan struct{})
	go func() {
		defer close(c.done)
		var batch []request
		for first := range c.queue {
			batch = c.gather(append(batch[:0], first))
			err := j.transact(ctx, func() error { return c.apply(ctx, batch) })
			for _, r := range batch {
				r.answer <- err
			}
		}
	}()
	return nil
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

func (c *committer) apply(ctx context.Context, batch []request) error {
	for _, m := range batch {
		result, err := c.update(ctx, m.move)
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n != 1 {
			return fmt.Errorf("item %d is not %s any more, so that it cannot become %s", m.id, m.from, m.to)
		}
	}
	return nil
}

// update makes one move. A call is counted when it goes out; those before it count as long as their outcome is open. When
// a call has ended without an answer, its time is the end: nobody knows how long after the entry it went out.
func (c *committer) update(ctx context.Context, m move) (sql.Result, error) {
	if m.to == Sent {
		return c.send.ExecContext(ctx, m.to, m.at, m.id, m.from, Ambiguous)
	}
	until := int64(0)
	if m.from == Sent && m.to == Ambiguous {
		until = m.at
	}
	return c.settle.ExecContext(ctx, m.to, m.assetID, m.code, m.message, until, m.id, m.from)
}

func (c *committer) stop() {
	if c.queue != nil {
		c.once.Do(func() { close(c.queue) })
		<-c.done
	}
	for _, statement := range []*sql.Stmt{c.send, c.settle} {
		if statement != nil {
			_ = statement.Close()
		}
	}
}

// record makes a move. It is on the disk when record returns without an error.
func (j *Journal) record(m move) error {
	if !m.from.mayBecome(m.to) {
		return fmt.Errorf("journal: an item that is %s cannot become %s", m.from, m.to)
	}
	answer := make(chan error, 1)
	j.committer.queue <- request{move: m, answer: answer}
	if err := <-answer; err != nil {
		return fmt.Errorf("write the journal: %w", err)
	}
	return nil
}
