package media

import (
	"context"
	"errors"
	"sync"
	"time"
)

var (
	errTimeout = errors.New("took too long")
	// errStalled says that a program did nothing for long: it did not get to run.
	errStalled = errors.New("did not run")
)

const (
	// patience is how many times its limit a program may wait without having used it up: for a
	// processor that others keep busy, or for a disk.
	patience = 10
	// looks is how often a program is looked at within its limit.
	looks = 20
)

// watchdog ends a program that has had a limit of time without progress. Time counts when the program
// ran: a host that stops it, or has no processor for it, takes none of it away.
type watchdog struct {
	limit time.Duration
	used  func() (processor time.Duration, ok bool) // of the program since its start; not ok: not known
	end   context.CancelCauseFunc

	mu      sync.Mutex
	timer   *time.Timer
	stopped bool
	before  time.Duration // processor time at the last progress
	set     time.Time     // when the pause until the next look began
	waited  time.Duration // the pauses since the last progress, without those in which the service was stopped itself
}

// watch returns a watchdog that looks at a program until stop.
func watch(limit time.Duration, used func() (time.Duration, bool), end context.CancelCauseFunc) *watchdog {
	w := &watchdog{limit: limit, used: used, end: end, set: time.Now()}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.timer = time.AfterFunc(w.pause(), w.look)
	return w
}

// progress starts the limit anew.
func (w *watchdog) progress() {
	used, _ := w.used()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.before, w.waited = used, 0
	w.rest()
}

// look judges the program, and looks again later if its limit is not used up.
func (w *watchdog) look() {
	used, known := w.used()
	w.mu.Lock()
	defer w.mu.Unlock()
	if time.Since(w.set) > 2*w.pause() {
		// The service was stopped itself. What the program did meanwhile, such as to end, is noticed first.
		w.rest()
		return
	}
	w.waited += w.pause()
	if !known {
		used = w.before + w.waited
	}
	switch {
	case w.waited >= w.limit && used-w.before >= w.limit:
		w.end(errTimeout)
	case w.waited >= patience*w.limit:
		w.end(errStalled)
	default:
		w.rest()
	}
}

// pause is the time between two looks.
func (w *watchdog) pause() time.Duration { return w.limit / looks }

// rest looks again after a pause, unless stop came while somebody asked what was used.
func (w *watchdog) rest() {
	if w.stopped {
		return
	}
	w.set = time.Now()
	w.timer.Reset(w.pause())
}

// stop ends the watching.
func (w *watchdog) stop() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.stopped = true
	w.timer.Stop()
}
