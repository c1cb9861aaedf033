package api

import (
	"cmp"
	"log/slog"
	"maps"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"sync"
	"time"
)

const (
	// freeFailures is how often a password may be wrong before the next try has to wait.
	freeFailures = 5
	// maxSignInWait is the longest wait; the first is a second, and each failure doubles it.
	maxSignInWait = 5 * time.Minute
	// forgetAfter is how long after the last failure it counts no more.
	forgetAfter = time.Hour
	// maxGuarded bounds what is remembered; then what failed the longest time ago is forgotten.
	maxGuarded = 10_000
)

// guard slows down the guessing of passwords. What one address gets wrong for one user counts for the two together, so
// that nobody can lock a user out who is elsewhere. The zero value has seen nothing.
type guard struct {
	mu       sync.Mutex
	failures map[guarded]failures
}

// guarded is a user at an address; all names that no user has are one.
type guarded struct {
	user    string
	address netip.Prefix
}

type failures struct {
	count int
	last  time.Time
}

// wait returns how long until the next try.
func (f failures) wait(now time.Time) time.Duration {
	if f.count < freeFailures {
		return 0
	}
	return max(0, min(time.Second<<min(f.count-freeFailures, 20), maxSignInWait)-now.Sub(f.last))
}

// try makes one try at a password, unless the next one has to wait. Tries are made one after the other: many at once are
// as many.
func (g *guard) try(who guarded, now time.Time, check func() bool) (ok bool, failed int, wait time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	f := g.failures[who]
	if now.Sub(f.last) > forgetAfter {
		f.count = 0
	}
	if wait := f.wait(now); wait > 0 {
		return false, f.count, wait
	}
	if check() {
		delete(g.failures, who)
		return true, 0, 0
	}
	if _, known := g.failures[who]; !known {
		g.makeRoom()
	}
	f = failures{f.count + 1, now}
	g.failures[who] = f
	return false, f.count, 0
}

// state returns how often a user failed at an address, and how long until the next try.
func (g *guard) state(who guarded, now time.Time) (failed int, wait time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	f := g.failures[who]
	return f.count, f.wait(now)
}

// makeRoom forgets the half that failed the longest time ago when there is no room for more.
func (g *guard) makeRoom() {
	if g.failures == nil {
		g.failures = map[guarded]failures{}
	}
	if len(g.failures) < maxGuarded {
		return
	}
	var times []time.Time
	for _, f := range g.failures {
		times = append(times, f.last)
	}
	slices.SortFunc(times, time.Time.Compare)
	old := times[len(times)/2]
	maps.DeleteFunc(g.failures, func(_ guarded, f failures) bool { return !f.last.After(old) })
}

// guardedBy returns what the tries of a request for a user count for.
func (s *Server) guardedBy(r *http.Request, user string) guarded {
	if _, known := s.tenants.users[user]; !known {
		user = ""
	}
	return guarded{user, s.peers.of(r)}
}

// signIn returns the caller behind a name and password, of a domain unless that is nil. A failure is logged, without the
// name of a user that does not exist: it may be a password in the wrong field.
func (s *Server) signIn(r *http.Request, name, password string, domain *string) (who caller, wait time.Duration, ok bool) {
	at := s.guardedBy(r, name)
	ok, failed, wait := s.limits.guard.try(at, s.now(), func() (ok bool) {
		who, ok = s.tenants.login(name, password)
		return ok && (domain == nil || *domain == s.tenants.users[name].Domain)
	})
	if !ok {
		s.signInFailed(r, at, failed, wait)
		return caller{}, wait, false
	}
	return who, 0, true
}

func (s *Server) signInFailed(r *http.Request, at guarded, failed int, wait time.Duration) {
	s.log.LogAttrs(r.Context(), slog.LevelWarn, "sign-in failed", slog.String("user", cmp.Or(at.user, "unknown")),
		slog.String("address", at.address.String()), slog.Int("failures", failed), slog.Duration("wait", wait))
}

// retryAfter sets the header for a wait, in whole seconds.
func retryAfter(w http.ResponseWriter, wait time.Duration) {
	w.Header().Set("Retry-After", strconv.Itoa(int((wait+time.Second-1)/time.Second)))
}

// GuardSignIn refuses requests with a user's name whose failed tries were too many, before next sees them.
func (s *Server) GuardSignIn(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if name, _, ok := r.BasicAuth(); ok {
			at := s.guardedBy(r, name)
			if failed, wait := s.limits.guard.state(at, s.now()); wait > 0 {
				s.signInFailed(r, at, failed, wait)
				retryAfter(w, wait)
				http.Error(w, tooManyTries, http.StatusTooManyRequests)
				return
			}
		}
		next.ServeHTTP(w, r)
	})
}

const tooManyTries = "Too many attempts to sign in failed. Wait as long as Retry-After says, then try again."
