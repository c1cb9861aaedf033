package bulk

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"sync"
	"time"

	"github.com/vod-reproduction/vod/client"
	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen"
)

// delivery is the way of one item through a run.
type delivery struct {
	*run
	item    Item
	was     State // when the run took it up
	request *gen.DumpRequest
	// open reports that an earlier request for the item may have been accepted: no refusal can show otherwise any more.
	open     bool
	attempts int // with an open outcome, in this run
}

// deliver sends an item until its outcome is known or the run ends. An error stops the run.
func (r *run) deliver(ctx context.Context, item Item) error {
	d := &delivery{run: r, item: item, was: item.State, open: item.State == Ambiguous}
	var violations contract.Violations
	if d.request, violations = contract.Decode(item.Body); len(violations) > 0 {
		return fmt.Errorf("journal: item %d has no request: %w", item.ID, violations)
	}
	for {
		sent, err := r.pace.wait(ctx)
		if err != nil {
			return err
		}
		if err := d.move(Sent, "", "", ""); err != nil {
			return err
		}
		// A call that is out is never given up: its response is worth more than a quick end. The client bounds its time.
		id, err := r.Service.Dump(context.WithoutCancel(ctx), d.request, client.WithIdempotencyKey(r.journal.key(item.ID, item.Generation)))
		again, err := d.judge(ctx, sent, id, err)
		if !again || err != nil {
			return err
		}
	}
}

// judge writes down how a call ended, and reports whether to send the item again.
func (d *delivery) judge(ctx context.Context, sent time.Time, id string, err error) (again bool, _ error) {
	if err == nil {
		d.pace.taken()
		d.streak.broken()
		return false, d.accepted(id)
	}
	code, message := causeOf(err)
	var ambiguous *client.AmbiguousError
	switch {
	case errors.As(err, &ambiguous):
		return d.unknown(ctx, code, message, err)
	case client.Retryable(err):
		return true, d.untaken(sent, code, message, err)
	case d.open:
		// The refusal says nothing about the call before.
		if err := d.end(Ambiguous, "", code, message); err != nil {
			return false, err
		}
		return false, d.streak.goesOn(d.request, err, false)
	}
	if err := d.end(Failed, "", code, message); err != nil {
		return false, err
	}
	return false, d.streak.goesOn(d.request, err, false)
}

// unknown is a call that may have been taken.
func (d *delivery) unknown(ctx context.Context, code, message string, cause error) (again bool, err error) {
	d.open = true
	d.attempts++
	stop := d.streak.goesOn(d.request, cause, true)
	if stop == nil && d.attempts < settleAttempts && d.Service.HonorsKeys(ctx) {
		// The same key makes it safe; the pause spares a service that is in trouble.
		if err := d.move(Ambiguous, "", code, message); err != nil {
			return false, err
		}
		return true, d.Clock.Sleep(ctx, settlePause<<d.attempts)
	}
	if err := d.end(Ambiguous, "", code, message); err != nil {
		return false, err
	}
	return false, stop
}

// untaken is a call that the service did not take but may take later.
func (d *delivery) untaken(sent time.Time, code, message string, cause error) error {
	back := Pending
	if d.open {
		back = Ambiguous
	}
	if err := d.move(back, "", code, message); err != nil {
		return err
	}
	var api *client.APIError
	asked, throttled := time.Duration(0), false
	if errors.As(cause, &api) {
		asked, throttled = api.RetryAfter, api.Status == http.StatusTooManyRequests
	}
	if !d.pace.turnedAway(sent, asked, throttled) {
		return &UnavailableError{Err: cause}
	}
	return nil
}

// enter hands the item's next state to the journal.
func (d *delivery) enter(to State, assetID, code, message string) (entry, error) {
	e, err := d.journal.enter(move{
		id: d.item.ID, from: d.item.State, to: to, assetID: assetID, code: code, message: message, at: d.Clock.Now().Unix(),
	})
	if err == nil {
		d.item.State, d.item.AssetID, d.item.Code, d.item.Message = to, assetID, code, message
	}
	return e, err
}

// move writes the item's next state.
func (d *delivery) move(to State, assetID, code, message string) error {
	e, err := d.enter(to, assetID, code, message)
	if err != nil {
		return err
	}
	return e.wait()
}

// end writes the state in which the run leaves the item, and reports it.
func (d *delivery) end(to State, assetID, code, message string) error {
	if err := d.move(to, assetID, code, message); err != nil {
		return err
	}
	d.observe()
	return nil
}

// accepted ends an item that has an asset, and does not wait for the disk: what this goroutine sends next is entered behind
// it, so that one commit has both and a crash leaves no more in doubt than the calls in flight.
func (d *delivery) accepted(id string) error {
	e, err := d.enter(Accepted, id, "", "")
	if err != nil {
		return err
	}
	d.workers.Go(func() error {
		if err := e.wait(); err != nil {
			d.unrecorded.add(d.item, id, err)
			return err
		}
		d.observe()
		return nil
	})
	return nil
}

func (d *delivery) observe() {
	if d.Observe != nil {
		d.observing.Lock()
		defer d.observing.Unlock()
		d.Observe(d.item, d.was)
	}
}

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
}

type request struct {
	move
	done entry
}

// mostMoves bounds one transaction.
const mostMoves = 512

func (c *committer) start(ctx context.Context, j *Journal) {
	ctx = context.WithoutCancel(ctx)
	c.queue, c.done = make(chan request), make(chan struct{})
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

func (j *Journal) apply(ctx context.Context, batch []request) error {
	for _, m := range batch {
		result, err := j.update(ctx, m.move)
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
// a call has ended without a response, its time is the end: nobody knows how long after the entry it went out.
func (j *Journal) update(ctx context.Context, m move) (sql.Result, error) {
	if m.to == Sent {
		return j.write.ExecContext(ctx, `UPDATE status SET state = ?1, asset_id = '', code = '', message = '',
			calls = iif(state = ?5, calls + 1, 1), since = iif(state = ?5, since, ?2), until = ?2 WHERE id = ?3 AND state = ?4`,
			m.to, m.at, m.id, m.from, Ambiguous)
	}
	until := int64(0)
	if m.from == Sent && m.to == Ambiguous {
		until = m.at
	}
	return j.write.ExecContext(ctx, `UPDATE status SET state = ?, asset_id = ?, code = ?, message = ?, until = max(until, ?)
		WHERE id = ? AND state = ?`, m.to, m.assetID, m.code, m.message, until, m.id, m.from)
}

func (c *committer) stop() {
	if c.queue != nil {
		c.once.Do(func() { close(c.queue) })
		<-c.done
	}
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

// enter begins a move. Moves reach the disk in the order in which they are entered.
func (j *Journal) enter(m move) (entry, error) {
	if !m.from.mayBecome(m.to) {
		return nil, fmt.Errorf("journal: an item that is %s cannot become %s", m.from, m.to)
	}
	done := make(entry, 1)
	j.committer.queue <- request{move: m, done: done}
	return done, nil
}
