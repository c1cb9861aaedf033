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
}

// committer writes moves that arrive at the same time in one transaction: one wait for the disk serves all of them.
type committer struct {
	queue chan request
	once  sync.Once
	done  chan struct{}
}

type request struct {
	move
	answer chan error
}

// mostMoves bounds one transaction.
const mostMoves = 512

func (c *committer) start(ctx context.Context, j *Journal) error {
	ctx = context.WithoutCancel(ctx)
	update, err := j.write.PrepareContext(ctx,
		"UPDATE status SET state = ?, asset_id = ?, code = ?, message = ? WHERE id = ? AND state = ?")
	if err != nil {
		return err
	}
	c.queue, c.done = make(chan request), make(chan struct{})
	go func() {
		defer close(c.done)
		defer func() { _ = update.Close() }()
		var batch []request
		for first := range c.queue {
			batch = c.gather(append(batch[:0], first))
			err := j.transact(ctx, func() error { return apply(ctx, update, batch) })
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

func apply(ctx context.Context, update *sql.Stmt, batch []request) error {
	for _, m := range batch {
		result, err := update.ExecContext(ctx, m.to, m.assetID, m.code, m.message, m.id, m.from)
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n != 1 {
			return fmt.Errorf("item %d is not %s any more, so that it cannot become %s", m.id, m.from, m.to)
		}
	}
	return nil
}

func (c *committer) stop() {
	if c.queue != nil {
		c.once.Do(func() { close(c.queue) })
		<-c.done
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
