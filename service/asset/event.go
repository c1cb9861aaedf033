package asset

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/riverqueue/river"
)

// EventType names what callbacks tell, in the cloud's words.
type EventType string

// The events of an asset. Each happens once at most, however often a stage is repeated.
const (
	EventCreated    EventType = "createComplete" // the asset has ended, for better or worse
	EventThumbnails EventType = "thumbnailComplete"
	EventTranscoded EventType = "transcodeComplete"
	EventReviewed   EventType = "reviewComplete"
)

const (
	eventConcurrency = 8
	// maxEventAge is how long an event is tried.
	maxEventAge = 72 * time.Hour
	// The first and the longest pause between two tries, unless the Notifier names one.
	firstEventWait, maxEventWait = 10 * time.Second, time.Hour
	// perProject bounds the tries at the same time for one project, so that its deaf receiver leaves room for others.
	perProject = 3
)

// eventOf tells which stage ends with which event.
var eventOf = map[string]EventType{
	StageThumbnail: EventThumbnails,
	StageTranscode: EventTranscoded,
	StageReview:    EventReviewed,
}

// Event is something that happened to an asset and that its owner wants to know.
type Event struct {
	ID        string // 32 lower-case hex digits; a repeated delivery has the same
	Type      EventType
	Succeeded bool
	At        time.Time
}

// Notifier tells the owner of an asset what happened. One call is one try; an
// error is tried again with growing pauses for three days, or after the pause
// that it names with Postpone, unless it is wrapped by Permanent. Its calls hold
// up no other work. They may be repeated after a crash.
type Notifier interface {
	// Wants reports whether the events of a type are told to anyone in the project.
	Wants(project string, t EventType) bool
	Notify(ctx context.Context, e Event, a Asset) error
}

type notifyArgs struct {
	EventID string `json:"event_id"`
}

// Kind names the job in the queue's table; it never changes.
func (notifyArgs) Kind() string { return "notify" }

// queueNotify is a queue of its own, so that a deaf receiver holds up nothing.
const queueNotify = "notify"

// emit records an event and queues its delivery, where someone wants it and it did not happen before.
func (s *Store) emit(ctx context.Context, tx *sql.Tx, a Asset, t EventType, succeeded bool) error {
	if s.work.Notifier == nil || !s.work.Notifier.Wants(a.ProjectID, t) {
		return nil
	}
	id := newID()
	written, err := tx.ExecContext(ctx,
		`INSERT INTO event (id, asset_id, type, succeeded, created_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		id, a.ID, t, succeeded, s.now())
	if err != nil {
		return fmt.Errorf("record event %s: %w", t, err)
	}
	if fresh, err := changed(written); err != nil || !fresh {
		return err
	}
	if _, err := s.river.InsertTx(ctx, tx, notifyArgs{EventID: id}, &river.InsertOpts{Queue: queueNotify, MaxAttempts: queueAttempts}); err != nil {
		return fmt.Errorf("queue event %s: %w", t, err)
	}
	return nil
}

// emitFailure tells of an asset that fails, and of the stage that failed it.
func (s *Store) emitFailure(ctx context.Context, tx *sql.Tx, a Asset) error {
	running, err := queryAll(ctx, tx, func(r *sql.Rows) (name string, err error) {
		err = r.Scan(&name)
		return name, err
	}, `SELECT name FROM stage WHERE asset_id = ? AND state = ?`, a.ID, StageRunning)
	if err != nil {
		return err
	}
	for _, name := range running {
		if event, ok := eventOf[name]; ok {
			if err := s.emit(ctx, tx, a, event, false); err != nil {
				return err
			}
		}
	}
	return s.emit(ctx, tx, a, EventCreated, false)
}

// notifyWorker delivers events.
type notifyWorker struct {
	river.WorkerDefaults[notifyArgs]
	store *Store
	busy  shares
}

// notifyTimeout bounds one try.
const notifyTimeout = time.Minute

// Timeout bounds one try.
func (w *notifyWorker) Timeout(*river.Job[notifyArgs]) time.Duration { return notifyTimeout }

// NextRetry doubles the pause from ten seconds to an hour.
func (w *notifyWorker) NextRetry(job *river.Job[notifyArgs]) time.Time {
	return time.Now().Add(min(maxEventWait, firstEventWait<<min(len(job.Errors), 10)))
}

// Work makes one try.
func (w *notifyWorker) Work(ctx context.Context, job *river.Job[notifyArgs]) error {
	defer w.store.running.enter(job.ID)()
	e, project, asset, err := w.store.event(ctx, job.Args.EventID)
	if errors.Is(err, sql.ErrNoRows) {
		return nil // what it told of was undone
	}
	if err != nil {
		return err
	}
	leave, ok := w.busy.enter(project)
	if !ok {
		return river.JobSnooze(notifyTimeout / 10)
	}
	defer leave()
	a, err := w.store.Get(ctx, project, asset)
	if err != nil {
		return err
	}
	err = w.store.work.Notifier.Notify(ctx, e, a)
	if err == nil {
		_, err = w.store.write.ExecContext(ctx, `UPDATE event SET delivered_at = ? WHERE id = ?`, w.store.now(), e.ID)
		return err
	}
	_, _, permanent := explain(err)
	if permanent || w.store.cfg.Now().Sub(e.At) > maxEventAge {
		w.store.cfg.Log.LogAttrs(ctx, slog.LevelError, "an event is not told: given up",
			slog.String("asset_id", asset), slog.String("event", string(e.Type)), slog.Any("error", err))
		return river.JobCancel(err)
	}
	w.store.cfg.Log.LogAttrs(ctx, slog.LevelWarn, "an event is not told yet; it is tried again",
		slog.String("asset_id", asset), slog.String("event", string(e.Type)), slog.Any("error", err))
	if later, ok := errors.AsType[*PostponedError](err); ok {
		return river.JobSnooze(later.After)
	}
	return err
}

// event reads one event and whose it is.
func (s *Store) event(ctx context.Context, id string) (e Event, project, asset string, err error) {
	e.ID = id
	var at int64
	err = s.read.QueryRowContext(ctx, `
		SELECT e.type, e.succeeded, e.created_at, a.project_id, a.id
		FROM event e JOIN asset a ON a.id = e.asset_id WHERE e.id = ?`, id).Scan(&e.Type, &e.Succeeded, &at, &project, &asset)
	if err != nil {
		return Event{}, "", "", fmt.Errorf("read event %s: %w", id, err)
	}
	e.At = timeOf(at)
	return e, project, asset, nil
}
