package api

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/vod-reproduction/vod/contract"
)

const (
	// maxDownloads leaves the dumps and the jobs their share of the store's connections, however many viewers come.
	maxDownloads = 512
	// idleAfter is how long a viewer may take nothing before others may have the place.
	idleAfter = 10 * time.Second
	// maxRanges bounds what one request for media asks of the store, which is asked for every range. RFC 9110 lets a
	// server respond with the whole file instead.
	maxRanges = 16
	// stallAfter is how long a viewer may take nothing of a download; without a limit one who never reads would hold
	// a connection to the store for ever.
	stallAfter = time.Minute
)

// bounded refuses downloads beyond maxDownloads, shares those out among clients, and ignores the ranges of a request with
// more than maxRanges.
func (s *Server) bounded(next http.HandlerFunc) http.HandlerFunc {
	under := &s.limits.downloads
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithCancel(r.Context())
		defer cancel()
		d := &download{ResponseWriter: w, from: s.peers.of(r), moved: time.Now(), cancel: cancel}
		if !under.enter(d) {
			s.fail(w, r, refuse(contract.CodeUnavailable, "too many downloads at the same time"))
			return
		}
		defer under.leave(d)
		if strings.Count(r.Header.Get("Range"), ",") >= maxRanges {
			r = r.Clone(ctx)
			r.Header.Del("Range")
		}
		next(d, r.WithContext(ctx))
	}
}

// downloads is what is handed out at the same time. The zero value is nothing.
type downloads struct {
	mu   sync.Mutex
	open map[*download]struct{}
}

// enter takes a place for a download, until leave. When there is none left, it takes that of the longest idle one, if
// there is one that is idle at all, or else of the client with the most, if that has more than the newcomer would have.
func (u *downloads) enter(d *download) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	if len(u.open) >= maxDownloads {
		victim := u.victim(d.from)
		if victim == nil {
			return false
		}
		delete(u.open, victim)
		victim.end()
	}
	if u.open == nil {
		u.open = map[*download]struct{}{}
	}
	u.open[d] = struct{}{}
	return true
}

func (u *downloads) victim(newcomer netip.Prefix) (victim *download) {
	count, longest := map[netip.Prefix]int{}, time.Duration(0)
	for d := range u.open {
		count[d.from]++
		if idle := d.idle(); idle > max(longest, idleAfter) {
			victim, longest = d, idle
		}
	}
	if victim != nil {
		return victim
	}
	most := count[newcomer] + 1
	for d := range u.open {
		if n, idle := count[d.from], d.idle(); n > most || n == most && victim != nil && idle > longest {
			victim, most, longest = d, n, idle
		}
	}
	return victim
}

func (u *downloads) leave(d *download) {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.open, d)
}

// errEnded ends the work on a download whose place another one took.
var errEnded = errors.New("the place of this download was taken by another one")

// download is a response that may take hours as long as it moves, and that can be ended from outside.
type download struct {
	http.ResponseWriter
	from   netip.Prefix
	cancel context.CancelFunc // of the work on it, which holds a connection to the store

	mu    sync.Mutex
	moved time.Time // when the client last took something
	ended bool
}

// Unwrap lets fail note its code.
func (d *download) Unwrap() http.ResponseWriter { return d.ResponseWriter }

// Write lets the client take its time for b, but no more than stallAfter.
func (d *download) Write(b []byte) (int, error) {
	if err := d.allow(); err != nil {
		return 0, err
	}
	n, err := d.ResponseWriter.Write(b)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.moved = time.Now()
	return n, err
}

// allow sets the deadline of the next write.
func (d *download) allow() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.ended {
		return errEnded
	}
	d.setDeadline(time.Now().Add(stallAfter))
	return nil
}

// end makes the write and the read that are under way fail, and all that follow.
func (d *download) end() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.ended = true
	d.cancel()
	d.setDeadline(time.Now())
}

// setDeadline bounds the write under way. Where there is no connection, as in a test, there is nothing that can stall.
func (d *download) setDeadline(t time.Time) {
	_ = http.NewResponseController(d.ResponseWriter).SetWriteDeadline(t)
}

// idle returns how long the client has taken nothing.
func (d *download) idle() time.Duration {
	d.mu.Lock()
	defer d.mu.Unlock()
	return time.Since(d.moved)
}

// ranged is a response that refuses a range in the contract's error shape instead of http.ServeContent's plain text.
type ranged struct {
	http.ResponseWriter
	refuse  func()
	refused bool
}

func (d *ranged) WriteHeader(status int) {
	if d.refused = status == http.StatusRequestedRangeNotSatisfiable; d.refused {
		d.refuse()
		return
	}
	d.ResponseWriter.WriteHeader(status)
}

func (d *ranged) Write(b []byte) (int, error) {
	if d.refused {
		return len(b), nil
	}
	return d.ResponseWriter.Write(b)
}
