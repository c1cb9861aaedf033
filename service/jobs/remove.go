package jobs

import (
	"context"
	"log/slog"
	"time"

	"github.com/riverqueue/river"

	"github.com/vod-reproduction/vod/service/asset"
)

const (
	queueRemove   = "remove"
	removeWorkers = 2
	// stopWait is the pause before the next look whether the work on a deleted asset has stopped.
	stopWait = time.Second
)

type removeArgs struct {
	AssetID string `json:"asset_id"`
}

// Kind names the job in the queue's table; it never changes.
func (removeArgs) Kind() string { return "asset_remove" }

// removeWorker removes the files of deleted assets.
type removeWorker struct {
	river.WorkerDefaults[removeArgs]
	client *Client
}

// Timeout is none: a recording has very many files.
func (w *removeWorker) Timeout(*river.Job[removeArgs]) time.Duration { return -1 }

// NextRetry grows as that of all work does; there is no last try before the queue's own limit.
func (w *removeWorker) NextRetry(job *river.Job[removeArgs]) time.Time {
	return time.Now().Add(w.client.cfg.Backoff(len(job.Errors) + 1))
}

// Work removes what is left. It begins only when nobody writes any more: what came later would stay.
func (w *removeWorker) Work(ctx context.Context, job *river.Job[removeArgs]) error {
	defer w.client.running.enter(job.ID)()
	w.client.waiting.remove(job.ID)
	a, busy, ok, err := w.client.store.Remains(ctx, job.Args.AssetID)
	if err != nil || !ok {
		return err
	}
	if busy {
		return river.JobSnooze(stopWait)
	}
	if err := w.client.work.Remove(ctx, a); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		w.client.cfg.Log.LogAttrs(ctx, slog.LevelWarn, "the files of a deleted asset could not be removed; retrying later",
			slog.String("asset_id", a.ID), slog.Any("error", err))
		w.client.waiting.add(job.ID, deferral{On: asset.OnStore}, time.Until(w.NextRetry(job)))
		return err
	}
	return w.client.store.MarkRemoved(ctx, a.ID)
}
