package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/riverqueue/river"

	"github.com/vod-reproduction/vod/service/asset"
)

const (
	// manyCrashes is how often the process may die while it works on one asset before that asset may be the cause. From then on
	// each next attempt waits, twice as long every time, so that the others get on meanwhile.
	manyCrashes = 10
	// The first and the longest pause after so many crashes.
	firstCrashWait, maxCrashWait = time.Minute, time.Hour
	// writeRetry is the pause after the database could not be written, for
	// instance because the disk is full. No attempt is lost by it.
	writeRetry = 5 * time.Second
	// newerRetry is the pause before the next look at work that a newer version of the service has to do.
	newerRetry = 10 * time.Second
	// queueReview has the assets that wait for a reviewer, which takes long and costs nothing here.
	queueReview   = "review"
	reviewWorkers = 32
	// reviewsPerProject bounds the reviews at the same time of one project.
	reviewsPerProject = 8
)

// Runner does the work of one attempt.
//
// Run returns nil once it has called Store.Finish. Another error is retried
// with backoff, a limited number of times, unless it is wrapped by asset.Permanent.
// When ctx is done the service is stopping: Run returns soon, and the asset is
// taken up again later without counting a failure. Run is called from several
// goroutines, never for one asset at the same time; a panic counts as a failure
// of its attempt only.
type Runner interface {
	Run(ctx context.Context, a asset.Attempt) error
}

// processArgs is what the queue keeps of a job; everything else is in the asset's row.
type processArgs struct {
	AssetID string `json:"asset_id"`
}

// Kind names the job in the queue's table; it never changes.
func (processArgs) Kind() string { return "asset_create" }

// processWorker turns the queue's jobs into attempts.
type processWorker struct {
	river.WorkerDefaults[processArgs]
	client  *Client
	reviews shares
}

// Timeout is none: a copy takes as long as its object is large. River's own
// rescue of stuck jobs is off with it; Client.takeOver does that work, because
// it goes by who is alive, and not by how long a job runs.
func (w *processWorker) Timeout(*river.Job[processArgs]) time.Duration { return -1 }

// NextRetry is called before the failure at hand is among job.Errors.
func (w *processWorker) NextRetry(job *river.Job[processArgs]) time.Time {
	return time.Now().Add(w.client.cfg.Backoff(len(job.Errors) + 1))
}

// Work runs one attempt and writes down how it ended.
func (w *processWorker) Work(ctx context.Context, job *river.Job[processArgs]) error {
	defer w.client.running.enter(job.ID)()
	was := w.client.waiting.remove(job.ID)
	begun := time.Now()

	log := w.client.cfg.Log.With(slog.String("asset_id", job.Args.AssetID))
	reviewing := job.Queue == queueReview
	if reviewing { // before Begin: whoever only waits for a turn makes no attempt
		switch project, err := w.client.store.ProjectOf(ctx, job.Args.AssetID); {
		case errors.Is(err, asset.ErrNotFound):
			return nil // deleted
		case err != nil:
			return w.retryWrite(ctx, log, err)
		default:
			leave, err := w.reviews.enter(project)
			if err != nil {
				return err
			}
			defer leave()
		}
	}
	a, ok, err := w.client.store.Begin(ctx, job.Args.AssetID)
	if errors.Is(err, asset.ErrNewer) {
		log.LogAttrs(ctx, slog.LevelWarn, "work is left to the processes of a newer version", slog.Any("error", err))
		return river.JobSnooze(newerRetry)
	}
	if err != nil {
		return w.retryWrite(ctx, log, err)
	}
	if !ok {
		return nil // it has ended: an ended asset never changes by itself
	}
	a.Reviewing = reviewing
	defer w.client.advance(context.WithoutCancel(ctx), a.Asset.ProjectID, job.ID)
	log = log.With(slog.Int64("attempt", a.Number))

	// The queue counts starts, less those that a stop cut short.
	failures := len(job.Errors)
	kept := deferralOf(job.Metadata)
	if crashes := job.Attempt - 1 - failures; crashes >= manyCrashes && crashes > kept.Crashes {
		kept.Crashes = crashes
		return w.deferUntil(ctx, log, job.ID, a, kept, crashed(crashes), 0)
	}
	err = w.run(ctx, log, a)
	var pause *asset.DeferredError
	if !errors.As(err, &pause) || pause.On != asset.OnDisk {
		w.client.onRoom(ctx)
	}
	if was != "" && (pause == nil || pause.On != was) {
		w.client.succeeded(ctx, was)
	}
	if err == nil {
		return nil
	}
	again := kept.Returned
	if again && errors.Is(err, asset.ErrNeedsWork) {
		if e := w.client.db.move(ctx, job.ID, river.QueueDefault); e != nil {
			return w.retryWrite(ctx, log, e)
		}
		err = asset.Temporary(asset.CodeReviewFailed, "The files prepared for review disappeared before the reviewer was asked.", err)
	}
	code, reason, permanent := explain(err)
	switch {
	case ctx.Err() != nil:
		return ctx.Err() // stopping: the queue takes the job back and counts nothing
	case errors.Is(err, asset.ErrStale):
		// Somebody else wrote the asset: if it has ended, the next look sees that.
		log.LogAttrs(ctx, slog.LevelWarn, "attempt refused: its fencing token is stale", slog.Any("error", err))
		return err
	case errors.Is(err, asset.ErrAwaitsReview):
		return w.moveTo(ctx, log, job.ID, queueReview)
	case errors.Is(err, asset.ErrNeedsWork) && !again:
		return w.returnToWork(ctx, log, job)
	case pause != nil:
		return w.deferUntil(ctx, log, job.ID, a, kept, pause, time.Since(begun))
	case permanent, failures+1 >= w.client.cfg.MaxAttempts:
		log.LogAttrs(ctx, slog.LevelWarn, "asset failed", slog.String("code", code), slog.Any("error", err))
		return w.fail(ctx, log, a, code, reason)
	}
	log.LogAttrs(ctx, slog.LevelWarn, "attempt failed; it will be tried again", slog.String("code", code), slog.Any("error", err))
	if e := w.client.store.Reschedule(ctx, a, code, reason); e != nil {
		return w.retryWrite(ctx, log, e)
	}
	return err
}

// moveTo has the next attempt made by the workers of another queue, at once.
func (w *processWorker) moveTo(ctx context.Context, log *slog.Logger, job int64, queue string) error {
	if err := w.client.db.move(ctx, job, queue); err != nil {
		return w.retryWrite(ctx, log, err)
	}
	return river.JobSnooze(0)
}

// returnToWork takes an asset back from its review to the workers. Only the first time counts for nothing: what is lost again
// and again would keep them busy without end.
func (w *processWorker) returnToWork(ctx context.Context, log *slog.Logger, job *river.Job[processArgs]) error {
	kept := deferralOf(job.Metadata)
	kept.Returned = true
	if err := river.RecordOutput(ctx, kept); err != nil {
		return err
	}
	return w.moveTo(ctx, log, job.ID, river.QueueDefault)
}

// run calls the runner so that its panic is a failure of this attempt alone.
func (w *processWorker) run(ctx context.Context, log *slog.Logger, a asset.Attempt) (err error) {
	defer func() {
		if p := recover(); p != nil {
			log.LogAttrs(ctx, slog.LevelError, "the work on an asset panicked", slog.Any("panic", p), slog.String("stack", string(debug.Stack())))
			err = asset.Temporary(asset.CodeInternal, "The service hit an internal error while it worked on this asset.", fmt.Errorf("panic: %v", p))
		}
	}()
	if err := w.client.work.Runner.Run(ctx, a); err != nil {
		return err
	}
	now, err := w.client.store.Get(ctx, a.Asset.ProjectID, a.Asset.ID)
	if err == nil && !now.State.Terminal() {
		err = errors.New("the runner reported success without a result")
	}
	return err
}

// deferral is what the queue keeps of how a job was deferred.
type deferral struct {
	Times int           `json:"times"`
	For   time.Duration `json:"for"` // in nanoseconds: pauses, and attempts that ended in them
	// Returned says that its review gave the asset back to the workers.
	Returned bool `json:"returned,omitempty"`
	// Crashes is how many have been waited for.
	Crashes int `json:"crashes,omitempty"`
	// On and Room are what it waits for, as in asset.DeferredError.
	On   asset.Dependency `json:"on,omitempty"`
	Room int64            `json:"room,omitempty"`
}

// crashed defers an asset for which the process has died so often.
func crashed(times int) *asset.DeferredError {
	pause := min(firstCrashWait<<min(times-manyCrashes, 10), maxCrashWait)
	reason := fmt.Sprintf("The service stopped unexpectedly %d times while it worked on this asset.", times)
	return &asset.DeferredError{PermanentError: asset.PermanentError{Code: asset.CodeInternal, Reason: reason}, After: pause}
}

// deferralOf reads what the queue keeps in a job's metadata.
func deferralOf(metadata []byte) deferral {
	var kept struct {
		Output deferral `json:"output"`
	}
	_ = json.Unmarshal(metadata, &kept) // what cannot be read was never written
	return kept.Output
}

// add counts one more deferral, by e after so long an attempt, and returns the pause until the next attempt.
func (d *deferral) add(e *asset.DeferredError, took time.Duration, backoff func(int) time.Duration) (pause time.Duration) {
	d.Times++
	d.On, d.Room = e.On, e.Room
	if pause = e.After; pause == 0 {
		pause = backoff(d.Times)
	}
	d.For += took + pause
	return pause
}

// tooLong reports whether work was deferred for longer than most: by the clock, which may have been set, and by the time that it
// waited, which excludes time when no process ran.
func (c *Client) tooLong(d deferral, since time.Time, most time.Duration) bool {
	return d.For > most && c.cfg.Now().Sub(since) > most
}

// deferUntil defers the job without counting the attempt, or ends the asset when it was deferred for too long.
func (w *processWorker) deferUntil(ctx context.Context, log *slog.Logger, job int64, a asset.Attempt,
	waited deferral, e *asset.DeferredError, took time.Duration) error {
	pause := waited.add(e, took, w.client.cfg.Backoff)
	if w.client.tooLong(waited, a.Asset.CreatedAt, w.client.cfg.MaxDeferral) {
		log.LogAttrs(ctx, slog.LevelWarn, "asset failed: it was deferred for too long", slog.Any("error", e))
		return w.fail(ctx, log, a, e.Code, e.Reason)
	}
	log.LogAttrs(ctx, slog.LevelWarn, "asset deferred", slog.Duration("pause", pause), slog.Any("error", e))
	if err := w.client.store.Reschedule(ctx, a, e.Code, e.Reason); err != nil {
		return w.retryWrite(ctx, log, err)
	}
	if err := river.RecordOutput(ctx, waited); err != nil {
		return err
	}
	w.client.waiting.add(job, waited, pause)
	return river.JobSnooze(pause)
}

// fail ends the asset, and then cleans up; if the database cannot be written now, it tries again later.
func (w *processWorker) fail(ctx context.Context, log *slog.Logger, a asset.Attempt, code, reason string) error {
	switch err := w.client.store.Fail(ctx, a, code, reason); {
	case err == nil && w.client.work.Clean != nil:
		w.client.work.Clean(ctx, a.Asset)
	case err != nil && !errors.Is(err, asset.ErrStale):
		return w.retryWrite(ctx, log, err)
	}
	return nil
}

// retryWrite defers the job: the database did not take a write, which is no fault
// of the asset.
func (w *processWorker) retryWrite(ctx context.Context, log *slog.Logger, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	log.LogAttrs(ctx, slog.LevelError, "the database could not be written; the work is deferred", slog.Any("error", err))
	return river.JobSnooze(writeRetry)
}

// explain returns the message about err for the owner of the asset.
func explain(err error) (code, reason string, permanent bool) {
	var p *asset.PermanentError
	if errors.As(err, &p) {
		return p.Code, p.Reason, true
	}
	var later *asset.DeferredError
	if errors.As(err, &later) {
		return later.Code, later.Reason, false
	}
	var t *asset.TemporaryError
	if errors.As(err, &t) {
		return t.Code, t.Reason, false
	}
	return asset.CodeInternal, "The service could not finish its work on this asset because of an internal error.", false
}
