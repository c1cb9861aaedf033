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
	// soonest is the part of its limit, one in so many, after which a program is looked at again at the earliest.
	soonest = 20
)

// watchdog ends a program that has had a limit of time without progress. Time counts when the program
// ran: a host that stops it, or has no processor for it, takes none of it away.
type watchdog struct {
	limit time.Duration
	used  func() (processor time.Duration, ok bool) // of the program since its start; not ok: not known
	end   context.CancelCauseFunc

	mu     sync.Mutex
	timer  *time.Timer
	before time.Duration // processor time at the last progress
	pause  time.Duration // until the next look
	waited time.Duration // the pauses since the last progress: of a service that is stopped itself, no more than one passes
}

// watch returns a watchdog that looks at a program for the first time after its limit.
func watch(limit time.Duration, used func() (time.Duration, bool), end context.CancelCauseFunc) *watchdog {
	w := &watchdog{limit: limit, used: used, end: end, pause: limit}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.timer = time.AfterFunc(limit, w.look)
	return w
}

// progress starts the limit anew.
func (w *watchdog) progress() {
	used, _ := w.used()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.before, w.waited, w.pause = used, 0, w.limit
	w.timer.Reset(w.pause)
}

// look judges the program, and looks again later if its limit is not used up.
func (w *watchdog) look() {
	used, known := w.used()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.waited += w.pause
	if !known {
		used = w.before + w.waited
	}
	left := w.limit - (used - w.before)
	switch {
	case left <= 0:
		w.end(errTimeout)
		return
	case w.waited >= patience*w.limit:
		w.end(errStalled)
		return
	}
	w.pause = max(left, w.limit/soonest)
	w.timer.Reset(w.pause)
}

// stop ends the watching.
func (w *watchdog) stop() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.timer.Stop()
}
