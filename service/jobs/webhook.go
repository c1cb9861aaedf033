package jobs

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/riverqueue/river"

	"github.com/vod-reproduction/vod/service/asset"
)

// Notifier delivers an event to the owner of the asset. One call is one try; an
// error is retried with growing pauses for three days, or after the pause that it
// names with asset.Deferred, unless it is wrapped by asset.Permanent. Time in
// which nobody tried is not among those days. Its calls
// hold up no other work. They may be repeated after a crash.
type Notifier interface {
	Notify(ctx context.Context, e asset.Event, a asset.Asset) error
}

const (
	// queueWebhook is a queue of its own, so that a receiver that does not respond holds up nothing.
	queueWebhook   = "notify"
	webhookWorkers = 32
	// webhooksPerProject bounds the tries at the same time for one project, so that its receiver leaves room for others.
	webhooksPerProject = 4
	// webhookTimeout bounds one try.
	webhookTimeout = time.Minute
	// maxEventTime is how long an event is tried.
	maxEventTime = 72 * time.Hour
	// The first and the longest pause between two tries, unless the Notifier names one.
	firstEventWait, maxEventWait = 10 * time.Second, time.Hour
)

type webhookArgs struct {
	EventID string `json:"event_id"`
}

// Kind names the job in the queue's table; it never changes.
func (webhookArgs) Kind() string { return "notify" }

// webhookWorker delivers events.
type webhookWorker struct {
	river.WorkerDefaults[webhookArgs]
	client *Client
	shares shares
}

// Timeout bounds one try.
func (w *webhookWorker) Timeout(*river.Job[webhookArgs]) time.Duration { return webhookTimeout }

// NextRetry is that after a failure of the database; those of the receiver are deferrals.
func (w *webhookWorker) NextRetry(job *river.Job[webhookArgs]) time.Time {
	return time.Now().Add(eventBackoff(len(job.Errors) + 1))
}

// eventBackoff doubles the pause after each failed try, from ten seconds to an hour.
func eventBackoff(tries int) time.Duration {
	return min(maxEventWait, firstEventWait<<min(tries-1, 10))
}

// Work makes one try.
func (w *webhookWorker) Work(ctx context.Context, job *river.Job[webhookArgs]) error {
	defer w.client.running.enter(job.ID)()
	e, a, err := w.client.store.Event(ctx, job.Args.EventID)
	if errors.Is(err, asset.ErrNotFound) {
		return nil // what it reports was undone
	}
	if err != nil {
		return err
	}
	leave, err := w.shares.enter(a.ProjectID)
	if err != nil {
		return err
	}
	defer leave()
	begun := time.Now()
	err = w.deliver(ctx, e, a)
	if err == nil {
		return w.client.store.MarkDelivered(ctx, e.ID)
	}
	if errors.Is(ctx.Err(), context.Canceled) {
		return ctx.Err() // stopping; a try that takes too long ends otherwise
	}
	log := w.client.cfg.Log.With(slog.String("asset_id", a.ID), slog.String("event", string(e.Type)))
	_, _, permanent := explain(err)
	later, ok := errors.AsType[*asset.DeferredError](err)
	if !ok {
		later = &asset.DeferredError{}
	}
	waited := deferralOf(job.Metadata)
	pause := waited.add(later, time.Since(begun), eventBackoff)
	if permanent || w.client.tooLong(waited, e.At, maxEventTime) {
		log.LogAttrs(ctx, slog.LevelError, "webhook delivery abandoned", slog.Any("error", err))
		return river.JobCancel(err)
	}
	log.LogAttrs(ctx, slog.LevelWarn, "webhook delivery failed; retrying later", slog.Duration("pause", pause), slog.Any("error", err))
	if err := river.RecordOutput(ctx, waited); err != nil {
		return err
	}
	return river.JobSnooze(pause)
}

func (w *webhookWorker) deliver(ctx context.Context, e asset.Event, a asset.Asset) error {
	if w.client.work.Notifier == nil {
		return asset.Permanent("", "no webhook is configured", nil)
	}
	return w.client.work.Notifier.Notify(ctx, e, a)
}
