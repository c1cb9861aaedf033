package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/vod-reproduction/vod/service/asset"
)

const (
	// checkEvery is how often the dependencies are looked at that work waits for.
	checkEvery = 5 * time.Second
	// clockSlack is by how much the clock may run against the time that passes.
	clockSlack = 30 * time.Second
)

// waiting is what this process has deferred until something outside is back. The zero value is empty.
type waiting struct {
	mu   sync.Mutex
	jobs map[int64]waiter
	down map[asset.Dependency]bool // as they were at the last look
}

type waiter struct {
	on       asset.Dependency
	room     int64     // in bytes, what it needs of the disk; 0 where that is not known
	earliest time.Time // before it, that others got on does not start it
	until    time.Time // by then the queue has started it, here or elsewhere
}

const (
	// spared is which part of its pause a job is spared at most.
	spared = 16
	// late is by how much the queue may be late with a job: it may still look for a leader after the database was away.
	late = 5 * time.Minute
)

// add notes that a job is deferred for a pause.
func (w *waiting) add(job int64, d deferral, pause time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.init()
	w.jobs[job] = waiter{d.On, d.Room, time.Now().Add(pause / spared), time.Now().Add(pause + late)}
}

// recall notes that a former process has deferred a job. What it waits for was down then, so the first look
// that finds it up wakes the job.
func (w *waiting) recall(job int64, d deferral) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.init()
	w.jobs[job], w.down[d.On] = waiter{d.On, d.Room, time.Now(), time.Now().Add(longestPause)}, true
}

func (w *waiting) init() {
	if w.jobs == nil {
		w.jobs, w.down = map[int64]waiter{}, map[asset.Dependency]bool{}
	}
}

// remove forgets a job, which runs, and returns what it waited for.
func (w *waiting) remove(job int64) asset.Dependency {
	w.mu.Lock()
	defer w.mu.Unlock()
	was := w.jobs[job]
	delete(w.jobs, job)
	return was.on
}

// ready returns the jobs that wait for on, and have done so for long enough to be tried before their time.
func (w *waiting) ready(on asset.Dependency) (ids []int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for id, waiter := range w.jobs {
		if waiter.on == on && time.Now().After(waiter.earliest) {
			ids = append(ids, id)
		}
	}
	return ids
}

// list returns the jobs that wait, by what they wait for. Those that wait for some room are left to fitting.
func (w *waiting) list() map[asset.Dependency][]int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	list := map[asset.Dependency][]int64{}
	for id, waiter := range w.jobs {
		switch {
		case time.Now().After(waiter.until):
			delete(w.jobs, id)
		case waiter.room == 0:
			list[waiter.on] = append(list[waiter.on], id)
		}
	}
	return list
}

// fitting returns the jobs that wait for room and fit into so many bytes together, the oldest first.
func (w *waiting) fitting(free int64) (ids []int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, id := range slices.Sorted(maps.Keys(w.jobs)) {
		if room := w.jobs[id].room; room > 0 && room <= free {
			ids, free = append(ids, id), free-room
		}
	}
	return ids
}

// forRoom reports whether a job waits for some room.
func (w *waiting) forRoom() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, waiter := range w.jobs {
		if waiter.room > 0 {
			return true
		}
	}
	return false
}

// back notes whether a dependency is up, and reports whether it was down before.
func (w *waiting) back(on asset.Dependency, up bool) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	back := up && w.down[on]
	w.down[on] = !up
	return back
}

// check makes deferred jobs available whose dependency has come back. One that
// never was down for a look is left to the pauses, which grow: it fails in a way
// that the look does not see.
func (c *Client) check(ctx context.Context) error {
	fitting := c.wakeFitting(ctx)
	for on, ids := range c.waiting.list() {
		look := c.work.Check[on]
		if look == nil {
			// Only a try shows it: one job makes it.
			if ids := c.waiting.ready(on); on != "" && len(ids) > 0 {
				if err := c.wake(ctx, on, ids[:1]); err != nil {
					return errors.Join(fitting, err)
				}
			}
			continue
		}
		if err := look(ctx); !c.waiting.back(on, err == nil) {
			continue
		}
		if err := c.wake(ctx, on, ids); err != nil {
			return errors.Join(fitting, err)
		}
	}
	return fitting
}

// succeeded makes the jobs available that wait for what a job has just used.
func (c *Client) succeeded(ctx context.Context, on asset.Dependency) {
	if ids := c.waiting.ready(on); c.work.Check[on] == nil && len(ids) > 0 && ctx.Err() == nil {
		if err := c.wake(ctx, on, ids); err != nil {
			c.cfg.Log.LogAttrs(ctx, slog.LevelWarn, "deferred work begins only after its pause", slog.Any("error", err))
		}
	}
}

// wake makes deferred jobs available.
func (c *Client) wake(ctx context.Context, on asset.Dependency, ids []int64) error {
	n, err := c.db.wake(ctx, ids)
	if err != nil {
		return fmt.Errorf("wake deferred jobs: %w", err)
	}
	if n > 0 {
		c.cfg.Log.LogAttrs(ctx, slog.LevelInfo, "deferred work begins again", slog.String("waited_for", string(on)), slog.Int64("jobs", n))
	}
	return nil
}

// wakeFitting makes those jobs available for which there is room on the disk now.
func (c *Client) wakeFitting(ctx context.Context) error {
	if c.work.Room == nil || !c.waiting.forRoom() {
		return nil
	}
	free, err := c.work.Room()
	if err != nil {
		return fmt.Errorf("look for room on the disk: %w", err)
	}
	ids := c.waiting.fitting(free)
	if len(ids) == 0 {
		return nil
	}
	if err := c.wake(ctx, asset.OnDisk, ids); err != nil {
		return err
	}
	for _, id := range ids {
		c.waiting.remove(id) // another process may take it, whose disk is another
	}
	return nil
}

// onRoom makes jobs available that wait for the disk: an attempt has ended, and left its room.
func (c *Client) onRoom(ctx context.Context) {
	if ctx.Err() != nil {
		return
	}
	err := c.wakeFitting(ctx)
	if ids := c.waiting.list()[asset.OnDisk]; len(ids) > 0 {
		err = errors.Join(err, c.wake(ctx, asset.OnDisk, ids))
	}
	if err != nil {
		c.cfg.Log.LogAttrs(ctx, slog.LevelWarn, "deferred work begins only after its pause", slog.Any("error", err))
	}
}

// recall takes up what former processes have deferred: what it waits for may be back.
func (c *Client) recall(ctx context.Context) error {
	rows, err := c.db.deferred(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }() // its error is that of rows.Err
	for rows.Next() {
		var id int64
		var text string
		if err := rows.Scan(&id, &text); err != nil {
			return err
		}
		var kept deferral
		if err := json.Unmarshal([]byte(text), &kept); err == nil && kept.On != "" { // what cannot be read is left to its pause
			c.waiting.recall(id, kept)
		}
	}
	return rows.Err()
}

// checkClock makes all jobs due that wait for a time, if the clock was set back since it was
// before: that time would come too late. Each call takes the time that passed since the former one.
func (c *Client) checkClock(ctx context.Context, before time.Time, passed time.Duration) (now time.Time, err error) {
	now = c.cfg.Now().Round(0) // the wall clock alone
	if before.IsZero() || now.Sub(before.Add(passed)) > -clockSlack {
		return now, nil
	}
	c.cfg.Log.LogAttrs(ctx, slog.LevelWarn, "the clock was set back; everything that waits for a time is tried now",
		slog.Duration("by", before.Add(passed).Sub(now)))
	if _, err := c.db.hasten(ctx, 0); err != nil {
		return before, fmt.Errorf("wake jobs: %w", err)
	}
	return now, nil
}

// watch checks dependencies and the clock until ctx is done.
func (c *Client) watch(ctx context.Context) {
	ticker := time.NewTicker(checkEvery)
	defer ticker.Stop()
	clock, last := c.cfg.Now().Round(0), time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		passed := time.Since(last)
		last = time.Now()
		var err error
		if clock, err = c.checkClock(ctx, clock, passed); err == nil {
			err = errors.Join(c.check(ctx), c.advanceAll(ctx))
		}
		if err != nil && ctx.Err() == nil {
			c.cfg.Log.LogAttrs(ctx, slog.LevelError, "checking deferred jobs failed; retrying later", slog.Any("error", err))
		}
	}
}
