package bulk

import (
	"context"
	"errors"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/vod-reproduction/vod/client"
)

// delivery is the way of one item through a run.
type delivery struct {
	*run
	item Item
	was  State // when the run took it up
	// open reports that an earlier request for the item may have been accepted: no refusal can show otherwise any more.
	open     bool
	attempts int // with an open outcome, in this run
}

// deliver sends an item until its outcome is known or the run ends. An error stops the run.
func (r *run) deliver(ctx context.Context, item Item) error {
	d := &delivery{run: r, item: item, was: item.State, open: item.State == Ambiguous}
	for {
		sent, err := r.pace.wait(ctx)
		if err != nil {
			return err
		}
		if err := d.move(Sent, "", "", ""); err != nil {
			return err
		}
		// A call that is out is never given up: its response is worth more than a quick end. The client bounds its time.
		id, err := r.Service.DumpBody(context.WithoutCancel(ctx), item.Body, client.WithIdempotencyKey(r.journal.key(item.ID, item.Generation)))
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
		return false, d.streak.goesOn(d.item, err, false)
	}
	if err := d.end(Failed, "", code, message); err != nil {
		return false, err
	}
	return false, d.streak.goesOn(d.item, err, false)
}

// unknown is a call that may have been taken.
func (d *delivery) unknown(ctx context.Context, code, message string, cause error) (again bool, err error) {
	d.open = true
	d.attempts++
	stop := d.streak.goesOn(d.item, cause, true)
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
func (d *delivery) enter(to State, assetID, code, message string) (*group, error) {
	m := d.next(to, assetID, code, message)
	g, err := d.journal.enter(m)
	if err == nil {
		d.entered(m)
	}
	return g, err
}

// next is the move of the item into a state.
func (d *delivery) next(to State, assetID, code, message string) move {
	return move{id: d.item.ID, from: d.item.State, to: to, assetID: assetID, code: code, message: message, at: d.Clock.Now().Unix()}
}

// entered has the item be what a move made of it.
func (d *delivery) entered(m move) {
	d.item.State, d.item.AssetID, d.item.Code, d.item.Message = m.to, m.assetID, m.code, m.message
}

// move writes the item's next state.
func (d *delivery) move(to State, assetID, code, message string) error {
	g, err := d.enter(to, assetID, code, message)
	if err != nil {
		return err
	}
	return g.wait()
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
	g, err := d.enter(Accepted, id, "", "")
	if err != nil {
		return err
	}
	d.acceptances <- acceptance{d, g}
	return nil
}

// acceptance is an accepted item on its way to the disk.
type acceptance struct {
	delivery *delivery
	group    *group
}

// report reports accepted items once they are on the disk. It returns the first error, so that the run ends, and lets another
// goroutine collect what else was accepted.
func (r *run) report(goroutines *errgroup.Group, acceptances <-chan acceptance) error {
	for a := range acceptances {
		if err := a.group.wait(); err != nil {
			r.unrecorded.add(a.delivery.item, err)
			goroutines.Go(func() error { return r.report(goroutines, acceptances) })
			return err
		}
		a.delivery.observe()
	}
	return nil
}

func (d *delivery) observe() {
	if d.Observe != nil {
		d.observing.Lock()
		defer d.observing.Unlock()
		d.Observe(d.item, d.was)
	}
}
