package jobs

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/riverqueue/river"

	"github.com/vod-reproduction/vod/service/asset"
)

// Preheater loads one file into the CDN caches. An error is the reason that the
// task keeps for its owner. Only an *asset.DeferredError is retried, with growing
// pauses, for as long as work may be deferred.
type Preheater interface {
	Preheat(ctx context.Context, file asset.Address) error
}

const (
	queuePreheat   = "preheat"
	preheatWorkers = 8
	// preheatsPerProject bounds the tasks at the same time of one project.
	preheatsPerProject = 2
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
	shares shares
}

// Timeout is none: each file is bounded by the Preheater.
func (w *preheatWorker) Timeout(*river.Job[preheatArgs]) time.Duration { return -1 }

// Work goes on where an earlier try was cut off, or deferred.
func (w *preheatWorker) Work(ctx context.Context, job *river.Job[preheatArgs]) error {
	defer w.client.running.enter(job.ID)()
	was, begun := w.client.waiting.remove(job.ID), time.Now()
	project, files, err := w.client.store.PendingPreheats(ctx, job.Args.TaskID)
	if err != nil {
		return err
	}
	leave, err := w.shares.enter(project)
	if err != nil {
		return err
	}
	defer leave()
	waited := deferralOf(job.Metadata)
	deferred, err := w.load(ctx, job, files, waited)
	if err != nil {
		return err
	}
	if was != "" && deferred == nil {
		w.client.succeeded(ctx, was)
	}
	if deferred == nil {
		return nil
	}
	pause := waited.add(deferred, time.Since(begun), w.client.cfg.Backoff)
	if err := river.RecordOutput(ctx, waited); err != nil {
		return err
	}
	w.client.waiting.add(job.ID, waited, pause)
	return river.JobSnooze(pause)
}

// load makes one try at each file, and returns the error of one that waits. It begins elsewhere each time, so that a few
// files which fail do not keep it from the others.
func (w *preheatWorker) load(ctx context.Context, job *river.Job[preheatArgs], files []asset.Preheat, waited deferral) (deferred *asset.DeferredError, err error) {
	if len(files) > 0 {
		first := waited.Times * maxPreheatFailures % len(files)
		files = slices.Concat(files[first:], files[:first])
	}
	failures := 0 // one after the other
	for _, file := range files {
		result := file
		result.State = asset.PreheatDone
		err := errNotTried
		if failures < maxPreheatFailures {
			err = w.preheat(ctx, file.Address)
		}
		later, wait := errors.AsType[*asset.DeferredError](err)
		switch wait = wait && !w.client.tooLong(waited, job.CreatedAt, w.client.cfg.MaxDeferral); {
		case wait:
			deferred = later
			result.State, result.Error = asset.PreheatRunning, later.Reason
		case err != nil:
			result.State, result.Error = asset.PreheatFailed, err.Error()
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		recorded := w.client.store.Preheated(ctx, job.Args.TaskID, result)
		if errors.Is(recorded, asset.ErrNotFound) {
			continue // deleted meanwhile: that it could not be fetched says nothing of the caches
		}
		if recorded != nil {
			return nil, recorded
		}
		if failures++; err == nil {
			failures = 0
		}
		if wait && failures >= maxPreheatFailures {
			break // the caches are away: the others wait with it
		}
	}
	return deferred, nil
}

func (w *preheatWorker) preheat(ctx context.Context, file asset.Address) error {
	if w.client.work.Preheater == nil {
		return errNoCache
	}
	return w.client.work.Preheater.Preheat(ctx, file)
}
