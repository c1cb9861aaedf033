package media

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestWatchdog(t *testing.T) {
	const limit = time.Minute
	for _, test := range []struct {
		name     string
		used     func(passed time.Duration) time.Duration // processor time of the program
		unknown  bool
		progress time.Duration // every so often; 0: never
		want     error
		after    time.Duration
	}{
		{"it uses all of its processor", func(d time.Duration) time.Duration { return d }, false, 0, errTimeout, limit},
		{"it uses four", func(d time.Duration) time.Duration { return 4 * d }, false, 0, errTimeout, limit},
		{"it shares its processor with three others", func(d time.Duration) time.Duration { return d / 4 }, false, 0, errTimeout, 4 * limit},
		{"it was stopped before", func(d time.Duration) time.Duration { return max(0, d-5*limit) }, false, 0, errTimeout, 6 * limit},
		{"it never runs", func(time.Duration) time.Duration { return 0 }, false, 0, errStalled, patience * limit},
		{"it makes progress", func(d time.Duration) time.Duration { return d }, false, limit - time.Second, nil, 100 * limit},
		{"the host does not say", nil, true, 0, errTimeout, limit},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancelCause(t.Context())
				defer cancel(nil)
				start := time.Now()
				w := watch(limit, func() (time.Duration, bool) {
					if test.unknown {
						return 0, false
					}
					return test.used(time.Since(start)), true
				}, cancel)
				defer w.stop()
				for test.progress > 0 && time.Since(start) < test.after {
					time.Sleep(test.progress)
					w.progress()
				}
				if test.want != nil {
					<-ctx.Done()
				}
				late := time.Since(start) - test.after
				if err := context.Cause(ctx); !errors.Is(err, test.want) || test.want != nil && (late < 0 || late > limit/looks) {
					t.Errorf("ended after %v with %v, want %v with %v", time.Since(start), err, test.after, test.want)
				}
			})
		})
	}
}

// A service that was stopped itself looks late. A program of which nothing is known may have ended meanwhile.
func TestLateWatchdog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const limit, stopped = time.Minute, time.Hour
		ctx, cancel := context.WithCancelCause(t.Context())
		defer cancel(nil)
		w := watch(limit, func() (time.Duration, bool) { return 0, false }, cancel)
		defer w.stop()
		w.mu.Lock()
		w.set = w.set.Add(-stopped)
		w.mu.Unlock()
		time.Sleep(limit/looks + time.Second)
		if err := context.Cause(ctx); err != nil {
			t.Errorf("the program was ended at the first look: %v", err)
		}
		time.Sleep(2 * limit)
		if err := context.Cause(ctx); !errors.Is(err, errTimeout) {
			t.Errorf("the program goes on for ever: %v", err)
		}
	})
}

// A look that stop comes across is the last one.
func TestStoppedWatchdog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const limit = time.Minute
		ctx, cancel := context.WithCancelCause(t.Context())
		defer cancel(nil)
		watching := make(chan *watchdog, 1)
		looked := 0
		w := watch(limit, func() (time.Duration, bool) {
			if looked++; looked == 1 {
				(<-watching).stop()
			}
			return 0, false
		}, cancel)
		watching <- w
		time.Sleep(2 * limit)
		w.stop()
		synctest.Wait()
		if looked != 1 || ctx.Err() != nil {
			t.Errorf("looked at %d times, ended with %v", looked, context.Cause(ctx))
		}
	})
}
