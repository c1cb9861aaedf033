package bulk_test

import (
	"testing"
	"time"

	"github.com/vod-reproduction/vod/service/bulk"
)

// limited is a service that takes so many calls a minute and turns the others away.
type limited struct {
	perMinute int
	minute    time.Time
	taken     int
}

func (l *limited) take(now time.Time) (taken bool, wait time.Duration) {
	if minute := now.Truncate(time.Minute); minute != l.minute {
		l.minute, l.taken = minute, 0
	}
	if l.taken == l.perMinute {
		return false, l.minute.Add(time.Minute).Sub(now)
	}
	l.taken++
	return true, 0
}

// TestStorm holds the calls of an hour against the limit: 429 and all, they stay within 1.1 times what was allowed, and
// the limit is made use of.
func TestStorm(t *testing.T) {
	t.Parallel()
	const top = 1500
	for name, c := range map[string]struct {
		served     int  // calls a minute that the service takes
		retryAfter bool // it says how long to wait
		most       float64
		least      float64
	}{
		"as agreed":               {1500, true, 1.02, 0.95},
		"less than agreed":        {1000, true, 1.1, 0.80},
		"much less":               {100, true, 1.1, 0.80},
		"less, and does not tell": {1000, false, 1.1, 0.50},
		"nothing":                 {0, true, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			now := &clock{now: time.Unix(0, 0)}
			pace := bulk.NewPace(now, top, top/60, 2*time.Hour)
			service := &limited{perMinute: c.served}
			sent, taken := 0, 0
			const minutes = 60
			for end := now.now.Add(minutes * time.Minute); ; {
				at, err := pace.Wait(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if at.After(end) {
					break
				}
				sent++
				ok, wait := service.take(at)
				if !c.retryAfter {
					wait = 0
				}
				if ok {
					taken++
					pace.Taken()
				} else if !pace.TurnedAway(at, wait) {
					t.Fatal("patience is over")
				}
			}
			t.Logf("sent %d, taken %d of %d", sent, taken, c.served*minutes)
			if limit := c.most * float64(c.served*minutes); float64(sent) > limit && c.served > 0 {
				t.Errorf("%d calls, want at most %.0f", sent, limit)
			}
			if least := c.least * float64(c.served*minutes); float64(taken) < least {
				t.Errorf("%d calls are taken, want at least %.0f", taken, least)
			}
			if c.served == 0 && sent > minutes+10 {
				t.Errorf("%d calls to a service that takes none", sent)
			}
		})
	}
}

// TestStormOfMany counts those calls once that were in flight together when the first was turned away.
func TestStormOfMany(t *testing.T) {
	t.Parallel()
	now := &clock{now: time.Unix(0, 0)}
	pace := bulk.NewPace(now, 6000, 100, time.Hour)
	sent := now.Now()
	now.now = now.now.Add(time.Second)
	for range 50 {
		pace.TurnedAway(sent, time.Second)
	}
	if at, err := pace.Wait(t.Context()); err != nil || at.Sub(now.now) != 0 || at.Sub(sent) != 2*time.Second {
		t.Errorf("the next call goes out after %v, %v", at.Sub(sent), err)
	}
}
