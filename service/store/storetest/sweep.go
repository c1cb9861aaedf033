package storetest

import (
	"testing"
	"time"

	"github.com/vod-reproduction/vod/service/store"
)

// A sweep is due once an hour, however often processes are restarted meanwhile, after an hour in which nobody set the clock.
func (on suite) testSweep(t *testing.T) {
	t.Parallel()
	clock := time.Date(2026, 1, 16, 8, 0, 0, 0, time.UTC)
	s := on.open(t, store.Config{Now: func() time.Time { return clock }})
	for i, look := range []struct {
		after time.Duration
		set   bool
		due   bool
	}{
		{0, false, false}, // the first ever
		{30 * time.Minute, false, false},
		{29 * time.Minute, false, false},
		{-2 * time.Second, false, false}, // a process whose clock is late
		{time.Minute + 2*time.Second, false, true},
		{0, false, false}, // another process at the same time
		{40 * time.Minute, false, false},
		{50 * time.Minute, false, true},
		{50 * time.Minute, true, false}, // set while a process ran
		{50 * time.Minute, false, false},
		{10 * time.Minute, false, true},
		{72 * time.Hour, false, false}, // set, or nothing ran
		{59 * time.Minute, false, false},
		{-72 * time.Hour, false, false}, // set back while nothing ran
		{59 * time.Minute, false, false},
		{time.Minute, false, true},
	} {
		clock = clock.Add(look.after)
		if due, err := s.SweepDue(t.Context(), time.Hour, look.set); due != look.due || err != nil {
			t.Errorf("look %d, %s after the one before: %v %v, want %v", i, look.after, due, err, look.due)
		}
	}
}
