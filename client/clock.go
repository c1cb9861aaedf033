package client

import (
	"context"
	"time"
)

// Clock is the time as a Client sees it: for signatures, for pauses between attempts, for polling. Both methods are
// called from several goroutines at once.
type Clock interface {
	// Now gives the current time.
	Now() time.Time
	// Sleep waits for d, or until ctx is done, and then gives the cause.
	Sleep(ctx context.Context, d time.Duration) error
}

// SystemClock is the machine's clock.
var SystemClock Clock = systemClock{}

type systemClock struct{}

func (systemClock) Now() time.Time { return time.Now() }

func (systemClock) Sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
