package asset

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/riverqueue/river"
)

const (
	// maxCrashes is how often the process may die while it works on one asset
	// before that asset is taken for the cause.
	maxCrashes = 25
	// recordRetry is the pause after the record could not be written, for
	// instance because the disk is full. No attempt is lost by it.
	recordRetry = 5 * time.Second
	// maxPostponed is how long after it was accepted an asset may still be put off.
	maxPostponed = 24 * time.Hour
	// internalCode is the cloud's "internal system error".
	internalCode = "VOD.10051"
)

// worker turns the queue's jobs into attempts.
type worker struct {
	river.WorkerDefaults[jobArgs]
	store *Store
}

// Timeout is none: a copy takes as long as its object is large. River's own
// rescue of stuck jobs is off with it; Store.putBack does that work, because
// one process owns all jobs and knows which ones it runs.
func (w *worker) Timeout(*river.Job[jobArgs]) time.Duration { return -1 }

// NextRetry is called before the failure at hand is among job.Errors.
func (w *worker) NextRetry(job *river.Job[jobArgs]) time.Time {
	return time.Now().Add(w.store.cfg.Backoff(len(job.Errors) + 1))
}

// Work runs one attempt and writes down how it ended.
func (w *worker) Work(ctx context.Context, job *river.Job[jobArgs]) error {
	defer w.store.running.enter(job.ID)()

	log := w.store.cfg.Log.With(slog.String("asset_id", job.Args.AssetID))
	a, ok, err := w.store.begin(ctx, job.Args.AssetID)
	if err != nil {
		return w.unwritten(ctx, log, err)
	}
	if !ok {
		return nil // it has ended: an ended asset never changes by itself
	}
	log = log.With(slog.Int64("attempt", a.Number))

	// The queue counts starts, less those that a stop cut short.
	failures := len(job.Errors)
	if crashes := job.Attempt - 1 - failures; crashes >= maxCrashes {
		log.LogAttrs(ctx, slog.LevelError, "given up: the service died too often while working on this asset", slog.Int("times", crashes))
		return w.fail(ctx, log, a, internalCode, fmt.Sprintf("The service stopped unexpectedly %d times while it worked on this asset, so it was given up.", crashes))
	}
	if err = w.run(ctx, log, a); err == nil {
		return nil
	}
	code, reason, permanent := explain(err)
	var pause *PostponedError
	switch {
	case ctx.Err() != nil:
		return ctx.Err() // stopping: the queue takes the job back and counts nothing
	case errors.Is(err, ErrStale):
		// Somebody else wrote the record: if it has ended, the next look sees that.
		log.LogAttrs(ctx, slog.LevelWarn, "attempt refused by the fence", slog.Any("error", err))
		return err
	case errors.As(err, &pause):
		return w.postpone(ctx, log, a, pause)
	case permanent, failures+1 >= w.store.cfg.MaxAttempts:
		log.LogAttrs(ctx, slog.LevelWarn, "asset failed", slog.String("code", code), slog.Any("error", err))
		return w.fail(ctx, log, a, code, reason)
	}
	log.LogAttrs(ctx, slog.LevelWarn, "attempt failed; it will be tried again", slog.String("code", code), slog.Any("error", err))
	if e := w.store.setBack(ctx, a, code, reason); e != nil {
		return w.unwritten(ctx, log, e)
	}
	return err
}

// run calls the runner so that its panic is a failure of this attempt alone.
func (w *worker) run(ctx context.Context, log *slog.Logger, a Attempt) (err error) {
	defer func() {
		if p := recover(); p != nil {
			log.LogAttrs(ctx, slog.LevelError, "the work on an asset panicked", slog.Any("panic", p), slog.String("stack", string(debug.Stack())))
			err = Temporary(internalCode, "The service met a fault of its own while it worked on this asset.", fmt.Errorf("panic: %v", p))
		}
	}()
	if err := w.store.work.Runner.Run(ctx, a); err != nil {
		return err
	}
	now, err := w.store.Get(ctx, a.Asset.ProjectID, a.Asset.ID)
	if err == nil && !now.State.Terminal() {
		err = errors.New("the runner reported success without a result")
	}
	return err
}

// postpone puts the job off without counting the attempt, or ends the asset when it was put off for too long.
func (w *worker) postpone(ctx context.Context, log *slog.Logger, a Attempt, e *PostponedError) error {
	if w.store.cfg.Now().Sub(a.Asset.CreatedAt) > maxPostponed {
		log.LogAttrs(ctx, slog.LevelWarn, "asset failed: it was put off for too long", slog.Any("error", e))
		return w.fail(ctx, log, a, e.Code, e.Reason)
	}
	log.LogAttrs(ctx, slog.LevelWarn, "asset put off", slog.Duration("pause", e.After), slog.Any("error", e))
	if err := w.store.setBack(ctx, a, e.Code, e.Reason); err != nil {
		return w.unwritten(ctx, log, err)
	}
	return river.JobSnooze(e.After)
}

// fail ends the asset, and then cleans up; if the record cannot be written now, it tries again later.
func (w *worker) fail(ctx context.Context, log *slog.Logger, a Attempt, code, reason string) error {
	switch err := w.store.Fail(ctx, a, code, reason); {
	case err == nil && w.store.work.Clean != nil:
		w.store.work.Clean(ctx, a.Asset)
	case err != nil && !errors.Is(err, ErrStale):
		return w.unwritten(ctx, log, err)
	}
	return nil
}

// unwritten puts the job off: the record did not take a write, which is no
// fault of the asset.
func (w *worker) unwritten(ctx context.Context, log *slog.Logger, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	log.LogAttrs(ctx, slog.LevelError, "the record could not be written; the work is put off", slog.Any("error", err))
	return river.JobSnooze(recordRetry)
}

// explain gives what the owner of the asset is told about err.
func explain(err error) (code, reason string, permanent bool) {
	var p *PermanentError
	if errors.As(err, &p) {
		return p.Code, p.Reason, true
	}
	var later *PostponedError
	if errors.As(err, &later) {
		return later.Code, later.Reason, false
	}
	var t *TemporaryError
	if errors.As(err, &t) {
		return t.Code, t.Reason, false
	}
	return internalCode, "The service could not finish its work on this asset because of an internal error.", false
}
