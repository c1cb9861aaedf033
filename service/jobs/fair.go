package jobs

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/riverqueue/river"
)

// queueLane has, of each project that has no worker, one asset at most: its next one, which begins however long what others
// have in the workers of the default queue takes.
const queueLane = "lane"

// priority is 1, the first, to 4 for a job behind so many of its project: those of one that
// has few in the queue come before the many of another.
func priority(behind int) int {
	switch {
	case behind < 4:
		return 1
	case behind < 16:
		return 2
	case behind < 64:
		return 3
	}
	return 4
}

// advance puts the next asset of a project that has no worker into the lane, where several projects have work. done is the
// job that ends or is deferred now, if any: it leaves the lane.
func (c *Client) advance(ctx context.Context, project string, done int64) {
	if !c.several.Load() || ctx.Err() != nil {
		return
	}
	if err := c.db.advance(ctx, project, done); err != nil {
		c.cfg.Log.LogAttrs(ctx, slog.LevelWarn, "the next asset of a project could not be put into its lane; retrying later",
			slog.String("project", project), slog.Any("error", err))
	}
}

// advanceAll does so for every project.
func (c *Client) advanceAll(ctx context.Context) error {
	backlog, err := c.store.Backlog(ctx)
	if err != nil {
		return err
	}
	c.several.Store(len(backlog) > 1)
	if len(backlog) < 2 {
		return nil
	}
	for _, b := range backlog {
		if err := c.db.advance(ctx, b.ProjectID, 0); err != nil {
			return fmt.Errorf("put assets into lanes: %w", err)
		}
	}
	return nil
}

// bursts counts what each project has queued of late. The zero value has seen nothing.
type bursts struct {
	mu    sync.Mutex
	of    map[string]int
	since time.Time
}

// burst is the time over which jobs are counted as one lot.
const burst = time.Minute

// add counts a job, and returns how many came before it.
func (b *bursts) add(project string) (before int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if now := time.Now(); b.of == nil || now.Sub(b.since) > burst {
		b.of, b.since = map[string]int{}, now
	}
	before = b.of[project]
	b.of[project]++
	return before
}

// shares bounds what each project has under way at the same time, so that a slow receiver or cache leaves room for others.
type shares struct {
	most int

	mu   sync.Mutex
	busy map[string]*share
}

// share is that of one project.
type share struct {
	busy int
	turn time.Time     // of the next one that is put off
	took time.Duration // the last one
}

// The shortest and the longest time for which a job is put off.
const minTurn, maxTurn = time.Second, 5 * time.Minute

// enter takes a place for a project until leave is called. When it has as many as it may, the error puts the job off: each
// one further, by as long as the project's places take to get free.
func (s *shares) enter(project string) (leave func(), err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.busy == nil {
		s.busy = map[string]*share{}
	}
	of := s.busy[project]
	if of == nil {
		of = &share{took: minTurn} // until it is known
		s.busy[project] = of
	}
	now := time.Now()
	if of.busy >= s.most {
		if of.turn.Before(now.Add(minTurn)) {
			of.turn = now.Add(minTurn)
		}
		pause := min(of.turn.Sub(now), maxTurn)
		if pause < maxTurn {
			of.turn = of.turn.Add(of.took / time.Duration(s.most))
		}
		return nil, river.JobSnooze(pause)
	}
	of.busy++
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		of.took = time.Since(now)
		if of.busy--; of.busy == 0 && of.turn.Before(time.Now()) {
			delete(s.busy, project)
		}
	}, nil
}
