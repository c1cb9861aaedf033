package jobs

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"
)

// running is the set of the queue's jobs that this process works on. The zero value is empty.
type running struct {
	mu   sync.Mutex
	jobs map[int64]struct{}
}

// enter adds a job; the result removes it.
func (r *running) enter(job int64) (leave func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.jobs == nil {
		r.jobs = map[int64]struct{}{}
	}
	r.jobs[job] = struct{}{}
	return func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(r.jobs, job)
	}
}

// list returns the IDs of the jobs.
func (r *running) list() []int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.AppendSeq(make([]int64, 0, len(r.jobs)), maps.Keys(r.jobs)) // never nil: databases take it for a list
}

// takeOver makes jobs available that nobody runs: their process died, or their
// end could not be written.
func (c *Client) takeOver(ctx context.Context, starting bool) error {
	n, err := c.db.takeOver(ctx, c.running.list(), starting)
	if err != nil {
		return fmt.Errorf("take over orphaned jobs: %w", err)
	}
	if n > 0 {
		c.cfg.Log.LogAttrs(ctx, slog.LevelInfo, "took up interrupted work", slog.Int64("jobs", n))
	}
	return nil
}

// beat says that this process is alive, and warns when another one is configured
// differently.
func (c *Client) beat(ctx context.Context) error {
	others, err := c.db.beat(ctx)
	if err != nil {
		return fmt.Errorf("announce this process: %w", err)
	}
	if len(others) > 0 && !slices.Equal(others, c.differing) {
		c.cfg.Log.LogAttrs(ctx, slog.LevelWarn, "processes on one database must have the same configuration; these have another one",
			slog.Any("processes", others))
	}
	c.differing = others
	return nil
}

// own beats and takes over until ctx is done. The beat comes first: a process
// that slept for long must not take its own work for orphaned.
func (c *Client) own(ctx context.Context) {
	ticker := time.NewTicker(c.db.every())
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			err := c.beat(ctx)
			if err == nil {
				err = c.takeOver(ctx, false)
			}
			if err != nil && ctx.Err() == nil {
				c.cfg.Log.LogAttrs(ctx, slog.LevelError, "looking for orphaned jobs failed; retrying later", slog.Any("error", err))
			}
		}
	}
}
