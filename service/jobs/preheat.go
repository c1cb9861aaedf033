package jobs

import (
	"context"
	"errors"
	"time"

	"github.com/riverqueue/river"

	"github.com/vod-reproduction/vod/service/asset"
)

// Preheater loads one file into the CDN caches. An error is the reason that the
// task keeps for its owner; nothing is retried.
type Preheater interface {
	Preheat(ctx context.Context, file asset.Address) error
}

const (
	queuePreheat   = "preheat"
	preheatWorkers = 2
	// maxPreheatFailures files that fail one after the other end the trying: the caches are out of order.
	maxPreheatFailures = 5
)

var (
	errNoCache  = errors.New("no CDN cache is configured")
	errNotTried = errors.New("not tried: too many earlier files failed")
)

type preheatArgs struct {
	TaskID string `json:"task_id"`
}

// Kind names the job in the queue's table; it never changes.
func (preheatArgs) Kind() string { return "preheat" }

// preheatWorker loads the files of a task, one after the other.
type preheatWorker struct {
	river.WorkerDefaults[preheatArgs]
	client *Client
}

// Timeout is none: each file is bounded by the Preheater.
func (w *preheatWorker) Timeout(*river.Job[preheatArgs]) time.Duration { return -1 }

// Work goes on where an earlier try was cut off.
func (w *preheatWorker) Work(ctx context.Context, job *river.Job[preheatArgs]) error {
	defer w.client.running.enter(job.ID)()
	files, err := w.client.store.PendingPreheats(ctx, job.Args.TaskID)
	if err != nil {
		return err
	}
	failures := 0 // one after the other
	for _, file := range files {
		result := file
		result.State = asset.PreheatDone
		err := errNotTried
		if failures < maxPreheatFailures {
			err = w.preheat(ctx, file.Address)
		}
		if err != nil {
			result.State, result.Error = asset.PreheatFailed, err.Error()
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		recorded := w.client.store.Preheated(ctx, job.Args.TaskID, result)
		if errors.Is(recorded, asset.ErrNotFound) {
			continue // deleted meanwhile: that it could not be fetched says nothing of the caches
		}
		if recorded != nil {
			return recorded
		}
		if failures++; err == nil {
			failures = 0
		}
	}
	return nil
}

func (w *preheatWorker) preheat(ctx context.Context, file asset.Address) error {
	if w.client.work.Preheater == nil {
		return errNoCache
	}
	return w.client.work.Preheater.Preheat(ctx, file)
}
