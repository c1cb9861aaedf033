package bulk

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/vod-reproduction/vod/client"
)

const (
	// firstPause is what a service that turns calls away is given when it does not say how long it needs; the pause
	// doubles while it goes on.
	firstPause = time.Second
	lastPause  = time.Minute
	// slowest is the part of the rate that is kept however often the service says that it is too much.
	slowest = 1.0 / 64
	// regain is what each accepted call adds to a lowered rate, in calls a second. Since a higher rate brings more of
	// them, half of any rate comes back in less than a minute.
	regain = 1.0 / 60
)

// pace lets calls go out at a bounded rate and holds them all back while the service asks for it.
type pace struct {
	clock    client.Clock
	top      rate.Limit // calls a second
	patience time.Duration

	mu     sync.Mutex
	limit  *rate.Limiter
	resume time.Time // nothing goes out before
	away   int       // times in a row that the service turned calls away, those in flight together counted once
	since  time.Time // the first of them
	slowed time.Time // the last of them
}

func newPace(clock client.Clock, perMinute float64, burst int, patience time.Duration) *pace {
	top := rate.Limit(perMinute / 60)
	return &pace{clock: clock, top: top, patience: patience, limit: rate.NewLimiter(top, burst)}
}

// wait returns when one call may go out, with the time; or with the end of ctx.
func (p *pace) wait(ctx context.Context) (time.Time, error) {
	for {
		if ctx.Err() != nil {
			return time.Time{}, context.Cause(ctx)
		}
		pause, held := p.turn()
		if pause > 0 {
			if err := p.clock.Sleep(ctx, pause); err != nil {
				return time.Time{}, err
			}
		}
		if held {
			continue
		}
		// A pause that began meanwhile costs the turn: else all who had one would go at its end together.
		p.mu.Lock()
		now, resume := p.clock.Now(), p.resume
		p.mu.Unlock()
		if !resume.After(now) {
			return now, nil
		}
	}
}

// turn returns the time until the next free turn, which it takes; or, when calls are held back, until they are not.
func (p *pace) turn() (pause time.Duration, held bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.clock.Now()
	if pause := p.resume.Sub(now); pause > 0 {
		return pause, true
	}
	return p.limit.ReserveN(now, 1).DelayFrom(now), false
}

// taken records that the service accepted a request.
func (p *pace) taken() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.away = 0
	if limit := p.limit.Limit(); limit < p.top {
		p.limit.SetLimitAt(p.clock.Now(), min(p.top, limit+regain))
	}
}

// turnedAway records that the service did not take a call that went out at sent, and asked for a pause, 0 if it did not
// say. Being told that the rate is too high lowers it. It is false when patience is over.
func (p *pace) turnedAway(sent time.Time, asked time.Duration, throttled bool) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.clock.Now()
	if p.away > 0 && !sent.After(p.slowed) { // was in flight when the last one came back
		p.resume = later(p.resume, now.Add(asked))
		return p.resume.Sub(p.since) <= p.patience
	}
	if p.away == 0 {
		p.since = now
	}
	p.slowed = now
	if asked <= 0 {
		asked = min(lastPause, firstPause<<min(p.away, 10))
	}
	p.away++
	p.resume = later(p.resume, now.Add(asked))
	if throttled {
		p.limit.SetLimitAt(now, max(p.limit.Limit()/2, p.top*slowest))
	}
	return p.resume.Sub(p.since) <= p.patience
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
