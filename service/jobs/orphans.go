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
	return slices.AppendSeq(make([]int64, 0, len(r.jobs)), maps.Keys(r.jobs)) // never nil: it becomes a JSON array
}

// anyTime is later than every job, even if the clock was set back since.
var anyTime = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// putBack makes jobs available that are marked as running since before some
// time and that this process does not run: their process died, or their end
// could not be written.
func (c *Client) putBack(ctx context.Context, before time.Time) error {
	n, err := release(ctx, c.db, before, c.running.list())
	if err != nil {
		return fmt.Errorf("put jobs back: %w", err)
	}
	if n > 0 {
		c.cfg.Log.LogAttrs(ctx, slog.LevelInfo, "took up interrupted work", slog.Int64("jobs", n))
	}
	return nil
}

// watchOrphans calls putBack until ctx is done.
func (c *Client) watchOrphans(ctx context.Context) {
	ticker := time.NewTicker(watchEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			// Work that was fetched a moment ago may not have begun yet.
			if err := c.putBack(ctx, time.Now().Add(-time.Minute)); err != nil && ctx.Err() == nil {
				c.cfg.Log.LogAttrs(ctx, slog.LevelError, "looking for orphaned jobs failed; retrying later", slog.Any("error", err))
			}
		}
	}
}
