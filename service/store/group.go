package store

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/vod-reproduction/vod/service/asset"
)

// maxGroup bounds how many requests one transaction takes, and so how long all others wait for the writer.
const maxGroup = 64

// group commits the requests of callers that wait at the same time in one transaction: one sync of the disk serves them
// all. None returns before it. A lone caller has a transaction of its own, at once.
type group struct {
	mu      sync.Mutex
	waiting []*acceptance
	leaders int // goroutines at work on those that wait
}

// acceptTogether is acceptAlone for requests of which many come at the same time. When one fails, or needs what another
// transaction holds, all are undone and tried again alone, so that each is committed or not by itself, whatever becomes of
// the others. A ctx that is done keeps a request from beginning, also again; one that has begun is waited for, unless it is on
// a server, which may be gone.
func (s *Store) acceptTogether(ctx context.Context, r *acceptance) error {
	r.done = make(chan struct{})
	if s.group.join(r, s.dialect.groups) {
		go s.commitGroups()
	}
	select {
	case <-r.done:
	case <-ctx.Done():
		if s.group.leave(r) {
			return fmt.Errorf("begin: %w", context.Cause(ctx))
		}
		if !s.dialect.oneWriter {
			return fmt.Errorf("%w: %w", asset.ErrOutcomeUnknown, context.Cause(ctx))
		}
		<-r.done
	}
	if r.undone {
		return s.acceptAlone(ctx, r)
	}
	return r.err
}

// join adds a request and reports whether the caller has to see to it that it is committed, as one of so many.
func (g *group) join(r *acceptance, leaders int) (lead bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.waiting = append(g.waiting, r)
	if lead = g.leaders < leaders; lead {
		g.leaders++
	}
	return lead
}

// leave takes back a request; false when it has begun.
func (g *group) leave(r *acceptance) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	i := slices.Index(g.waiting, r)
	if i < 0 {
		return false
	}
	g.waiting = slices.Delete(g.waiting, i, i+1)
	return true
}

// next takes those that have waited longest.
func (g *group) next() []*acceptance {
	g.mu.Lock()
	defer g.mu.Unlock()
	n := min(len(g.waiting), maxGroup)
	next := slices.Clone(g.waiting[:n])
	g.waiting = slices.Delete(g.waiting, 0, n)
	return next
}

// idle reports whether nobody waits; the next one then leads.
func (g *group) idle() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.waiting) > 0 {
		return false
	}
	g.leaders--
	return true
}

// commitGroups runs until nobody waits. Between two transactions it lets go of the writer, which others wait for.
func (s *Store) commitGroups() {
	for !s.group.idle() {
		s.commitGroup(context.Background())
	}
}

// commitGroup commits those that wait once the writer is free.
func (s *Store) commitGroup(ctx context.Context) {
	taken := sync.OnceValue(s.group.next) // once the writer is free: until then, more come
	undone := true
	err := s.updateIn(ctx, s.groups, func(tx *writeTx) (err error) {
		defer func() {
			if bug := recover(); bug != nil { // it comes again where its caller expects it
				err = fmt.Errorf("panic: %v", bug)
			}
			undone = err != nil
		}()
		return s.acceptAll(ctx, tx, taken())
	})
	undone = undone || s.dialect.held(err) // a commit may wait, too
	for _, r := range taken() {
		r.err, r.undone = err, undone
		close(r.done)
	}
}
