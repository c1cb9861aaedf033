package client

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"time"

	"github.com/vod-reproduction/vod/contract"
)

// productName stands in User-Agent; no identifier of machine or user goes with it.
const productName = "vod (+https://github.com/vod-reproduction/vod)"

// call is one operation, however often it has to be sent.
type call struct {
	op string
	// request builds the request for one attempt.
	request func() (*http.Request, error)
	// body is that of every request, if it is known beside them.
	body []byte
	// success is the status of a response that is no refusal; 0 is 200.
	success int
	// accept takes what it needs from a response with that status, or returns why it is not one of the contract.
	accept func(*response) error
	// private marks a response that holds a secret, so that no error may repeat it.
	private bool
	// key is the Idempotency-Key of an operation that must not be done twice. Without one, doing it twice is harmless.
	key string
}

// outcome is what an error says about the effect of its attempt.
type outcome int

const (
	refused outcome = iota // the server did not take the request and will not take it unchanged
	untaken                // the server did not take the request but may do so later
	unknown                // the server may have taken the request
)

func outcomeOf(err error) outcome {
	var transport *TransportError
	var api *APIError
	switch {
	case errors.As(err, &transport):
		switch {
		case transport.Sent != SentNo:
			return unknown
		case transport.temporary():
			return untaken
		}
		return refused
	case errors.As(err, &api):
		switch {
		case api.Status == http.StatusTooManyRequests,
			// Without Retry-After a 503 can be a proxy that lost its backend half-way.
			api.Status == http.StatusServiceUnavailable && api.HasRetryAfter:
			return untaken
		case api.Status == http.StatusNotImplemented: // the server knows no such request
			return refused
		case api.Status >= 500, api.Code == contract.CodeInternal, api.Code == contract.CodeUnavailable:
			return unknown
		}
		return refused
	default:
		return unknown
	}
}

// do sends a call until it is done, refused, or must not be sent again.
func (c *Client) do(ctx context.Context, do call) error {
	open := false           // an attempt may have been taken
	reward := rewardSuccess // what a success gives back: the price of the last repetition, or this
	for attempt := 1; ; attempt++ {
		err := c.try(ctx, do)
		if err == nil {
			c.budget.put(reward)
			return nil
		}
		result := outcomeOf(err)
		open = open || result == unknown && do.key != ""
		failed := func(err error) error {
			if !open {
				return err
			}
			return &AmbiguousError{
				Op: do.op, IdempotencyKey: do.key, KeyHonored: c.keysHonored.Load(), Attempts: attempt, Err: err,
			}
		}
		switch {
		case result == refused, attempt == c.retry.MaxAttempts:
			return failed(err)
		case result == unknown && do.key == "" && !Retryable(err):
			return failed(err)
		case open && !c.HonorsKeys(ctx):
			return failed(err)
		}
		pause, ok := c.retry.delay(attempt, asked(err), c.random())
		if !ok || c.tooLate(ctx, pause) {
			return failed(err)
		}
		reward = cost(err)
		if !c.budget.take(reward) {
			return failed(err)
		}
		if stopped := c.clock.Sleep(ctx, pause); stopped != nil {
			return failed(fmt.Errorf("%w; then, while waiting for the next attempt: %w", err, because(ctx, stopped)))
		}
	}
}

// tooLate reports whether a pause would outlast the caller's deadline: then the error at hand says more.
func (c *Client) tooLate(ctx context.Context, pause time.Duration) bool {
	deadline, ok := ctx.Deadline()
	return ok && c.clock.Now().Add(pause).After(deadline)
}

func asked(err error) time.Duration {
	var api *APIError
	if errors.As(err, &api) {
		return api.RetryAfter
	}
	return 0
}

// try sends a call once.
func (c *Client) try(ctx context.Context, do call) error {
	if ctx.Err() != nil {
		return &TransportError{Op: do.op, Sent: SentNo, Err: because(ctx, context.Cause(ctx))}
	}
	request, err := do.request()
	if err != nil {
		return &TransportError{Op: do.op, Sent: SentNo, Err: err}
	}
	limited, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	a := response{op: do.op, flight: flight{Context: limited}}
	request = request.WithContext(&a.flight)
	maps.Copy(request.Header, c.common)

	started := c.clock.Now()
	resp, err := c.transport.Send(request, do.body)
	if err != nil {
		return a.flight.failure(do.op, because(ctx, err))
	}
	defer resp.Body.Close()
	a.read(resp)
	if a.broken != nil {
		a.broken = because(ctx, a.broken)
	}
	a.received = c.clock.Now()
	a.flying = a.received.Sub(started)
	if strings.EqualFold(a.header.Get(contract.HeaderIdempotency), contract.IdempotencySupported) {
		c.keysHonored.Store(true)
	}
	return do.judge(&a)
}

// because makes errors.Is find context.Canceled or context.DeadlineExceeded also where the caller's context was given a
// cause of its own, as signal.NotifyContext does.
func because(ctx context.Context, err error) error {
	if stopped := ctx.Err(); stopped != nil && !errors.Is(err, stopped) {
		return fmt.Errorf("%w: %w", stopped, err)
	}
	return err
}

// judge turns a response into the error that it is, or lets the call take what it needs.
func (do call) judge(a *response) error {
	if a.status >= 300 {
		return a.refusal()
	}
	if a.broken != nil {
		return &TransportError{Op: do.op, Sent: SentYes, Err: fmt.Errorf("reading the response: %w", a.broken)}
	}
	if err := do.taken(a); err != nil {
		if do.private {
			a.body = nil
		}
		return a.unexpected(err)
	}
	return nil
}

// taken returns why a response below 300 is not the one of the contract, nil when it is.
func (do call) taken(a *response) error {
	if success := cmp.Or(do.success, http.StatusOK); a.status != success {
		return fmt.Errorf("only status %d means success", success)
	}
	return do.accept(a)
}
