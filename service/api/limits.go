package api

import (
	"math"
	"sync"

	"golang.org/x/time/rate"

	"github.com/vod-reproduction/vod/service/config"
)

// maxStreams bounds the events that one user follows at the same time. A browser opens six connections to a site at
// most, and the pages need some themselves; a user may have several browsers.
const maxStreams = 12

// Limits is what callers have used of their limits. It outlives a Server, so that a new configuration frees nobody of
// what the former one counted. The zero Limits has counted nothing.
type Limits struct {
	guard     guard
	bodies    bodies
	downloads downloads
	uploads   places[string] // by project
	streams   places[string] // by user

	mu       sync.Mutex
	throttle map[string]*rate.Limiter // by project
}

// throttles returns the limiter of each project: the one it has, unless its limit has changed.
func (l *Limits) throttles(c config.Config) map[string]*rate.Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	former := l.throttle
	l.throttle = map[string]*rate.Limiter{}
	if n := c.RequestsPerMinute; n > 0 {
		for _, p := range c.Projects {
			if l.throttle[p.ID] = former[p.ID]; l.throttle[p.ID] == nil || l.throttle[p.ID].Burst() != n {
				l.throttle[p.ID] = rate.NewLimiter(rate.Limit(float64(n)/60), n)
			}
		}
	}
	return l.throttle
}

// Follow takes a place for a visitor who follows events, until release is called; ok is false when the visitor's are taken.
func (s *Server) Follow(v Visitor) (release func(), ok bool) {
	return s.limits.streams.enter(v.Name, math.MaxInt, maxStreams)
}
