package client

import (
	"context"
	"errors"
	"math"
	"net"
	"sync"
	"time"
)

// RetryPolicy bounds how often, and how fast, one operation is repeated. What may be repeated at all is not a matter of
// policy: see Client. A field left at zero has its default.
type RetryPolicy struct {
	// MaxAttempts counts the first attempt too; 1 means no repetition. Default 5.
	MaxAttempts int
	// BaseDelay is the longest pause before the second attempt; the bound doubles for each further one. The pause is
	// drawn evenly from zero to the bound, so that many clients spread out. Default 500 ms.
	BaseDelay time.Duration
	// MaxDelay bounds every pause. A server that asks for a longer one (Retry-After) is not asked again; its error,
	// which has the time, is returned at once. Default 60 s.
	MaxDelay time.Duration
}

func (p RetryPolicy) withDefaults() (RetryPolicy, error) {
	if p.MaxAttempts < 0 || p.BaseDelay < 0 || p.MaxDelay < 0 {
		return p, errors.New("client: Retry must not have a negative field")
	}
	if p.MaxAttempts == 0 {
		p.MaxAttempts = 5
	}
	if p.BaseDelay == 0 {
		p.BaseDelay = 500 * time.Millisecond
	}
	if p.MaxDelay == 0 {
		p.MaxDelay = time.Minute
	}
	return p, nil
}

// delay returns the pause after the failed attempt, counted from 1; ok is false when the server wants a longer one than
// the policy allows. random lies in [0, 1).
func (p RetryPolicy) delay(attempt int, asked time.Duration, random float64) (pause time.Duration, ok bool) {
	if asked > p.MaxDelay {
		return 0, false
	}
	bound := min(float64(p.MaxDelay), float64(p.BaseDelay)*math.Pow(2, float64(attempt-1)))
	// The jitter comes on top of what the server asked for: else everyone it turned away comes back at one moment.
	return min(p.MaxDelay, asked+time.Duration(random*bound)), true
}

// The budget keeps a client from multiplying the load of a server that fails most of its calls. The numbers are those
// of the AWS SDKs' standard mode.
const (
	budgetSize    = 500
	costRetry     = 5
	costTimeout   = 10
	rewardSuccess = 1
)

// budget is a bucket of tokens that repetitions take out and successes put back.
type budget struct {
	mu     sync.Mutex
	tokens int
}

func newBudget() *budget { return &budget{tokens: budgetSize} }

// take pays for one repetition; false means that the budget is used up.
func (b *budget) take(cost int) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.tokens < cost {
		return false
	}
	b.tokens -= cost
	return true
}

// put adds tokens, up to the size of the bucket.
func (b *budget) put(tokens int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.tokens = min(budgetSize, b.tokens+tokens)
}

func cost(err error) int {
	if isTimeout(err) {
		return costTimeout
	}
	return costRetry
}

func isTimeout(err error) bool {
	var timeout net.Error
	return errors.Is(err, context.DeadlineExceeded) || errors.As(err, &timeout) && timeout.Timeout()
}
