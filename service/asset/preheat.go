package asset

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/riverqueue/river"
)

// PreheatState is how far the loading of one file into the edges is, in the cloud's words.
type PreheatState string

// While it waits or runs, and its ends.
const (
	PreheatRunning PreheatState = "processing"
	PreheatDone    PreheatState = "succeed"
	PreheatFailed  PreheatState = "failed"
)

// Address names a file of an asset; the media itself has the name [Asset.MediaName].
type Address struct {
	AssetID, Name string
}

// Preheat is one file of a preheating task.
type Preheat struct {
	Address
	State PreheatState
	Error string // plain words; empty unless State is PreheatFailed
}

// maxPreheatFailures files that fail one after the other end the trying: the edges are out of order.
const maxPreheatFailures = 5

var errNoEdge = errors.New("not tried, because too many files before failed")

// Preheater loads one file into the edges. An error is the reason that the
// task keeps for its owner; nothing is tried again.
type Preheater interface {
	Preheat(ctx context.Context, file Address) error
}

type preheatArgs struct {
	TaskID string `json:"task_id"`
}

// Kind names the job in the queue's table; it never changes.
func (preheatArgs) Kind() string { return "preheat" }

const (
	queuePreheat       = "preheat"
	preheatConcurrency = 2
)

// PreheatAsset queues the loading of all files of a published asset and gives
// the task's id. ErrNotFound, or ErrNotReady when the asset is not published.
func (s *Store) PreheatAsset(ctx context.Context, project, id string) (task string, err error) {
	err = s.inTx(ctx, func(tx *sql.Tx) error {
		a, err := getAsset(ctx, tx, project, id)
		if err != nil {
			return err
		}
		if a.State != Published {
			return ErrNotReady
		}
		task, err = s.preheatAll(ctx, tx, a, false)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("preheat an asset: %w", err)
	}
	return task, nil
}

// PreheatFiles queues the loading of some files of published assets of a
// project. ErrNotFound when one of them cannot be fetched.
func (s *Store) PreheatFiles(ctx context.Context, project string, files []Address) (task string, err error) {
	task = newID()
	err = s.inTx(ctx, func(tx *sql.Tx) error {
		for i, f := range files {
			a, err := getAsset(ctx, tx, project, f.AssetID)
			if err != nil {
				return err
			}
			var made bool
			if err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM file WHERE asset_id = ? AND name = ? AND (? OR stage <> ?))`,
				f.AssetID, f.Name, a.Delivered(), StageSegments).Scan(&made); err != nil {
				return err
			}
			if media := a.Delivered() && f.Name == a.MediaName(); a.State != Published || !made && !media {
				return ErrNotFound
			}
			if _, err := tx.ExecContext(ctx, insertPreheat+` VALUES (?, ?, ?, ?, ?, ?, 0)`,
				task, i, project, f.AssetID, f.Name, PreheatRunning); err != nil {
				return err
			}
		}
		return s.queuePreheat(ctx, tx, task)
	})
	if err != nil {
		return "", fmt.Errorf("preheat files: %w", err)
	}
	return task, nil
}

// PreheatTask gives the files of a task, or ErrNotFound.
func (s *Store) PreheatTask(ctx context.Context, project, task string) ([]Preheat, error) {
	files, err := queryAll(ctx, s.read, func(r *sql.Rows) (p Preheat, err error) {
		err = r.Scan(&p.AssetID, &p.Name, &p.State, &p.Error)
		return p, err
	}, `SELECT asset_id, name, state, error FROM preheat WHERE project_id = ? AND task_id = ? ORDER BY ordinal`, project, task)
	if err != nil {
		return nil, fmt.Errorf("read a preheating task: %w", err)
	}
	if len(files) == 0 {
		return nil, ErrNotFound
	}
	return files, nil
}

const insertPreheat = `INSERT INTO preheat (task_id, ordinal, project_id, asset_id, name, state, automatic)`

// preheatAll queues all files of an asset that is published now.
func (s *Store) preheatAll(ctx context.Context, tx *sql.Tx, a Asset, automatic bool) (task string, err error) {
	task = newID()
	if a.Delivered() {
		if _, err := tx.ExecContext(ctx, insertPreheat+` VALUES (?, 0, ?, ?, ?, ?, ?)`,
			task, a.ProjectID, a.ID, a.MediaName(), PreheatRunning, automatic); err != nil {
			return "", err
		}
	}
	if _, err := tx.ExecContext(ctx, insertPreheat+`
		SELECT ?, row_number() OVER (ORDER BY name), ?, asset_id, name, ?, ? FROM file
		WHERE asset_id = ? AND stage <> ? AND (? OR stage <> ?)`,
		task, a.ProjectID, PreheatRunning, automatic, a.ID, StageReview, a.Delivered(), StageSegments); err != nil {
		return "", err
	}
	return task, s.queuePreheat(ctx, tx, task)
}

func (s *Store) queuePreheat(ctx context.Context, tx *sql.Tx, task string) error {
	_, err := s.river.InsertTx(ctx, tx, preheatArgs{TaskID: task}, &river.InsertOpts{Queue: queuePreheat})
	if err != nil {
		return fmt.Errorf("queue the preheating: %w", err)
	}
	return nil
}

// preheatOnce queues what the asset's request asked for, the first time that the asset is published.
func (s *Store) preheatOnce(ctx context.Context, tx *sql.Tx, a Asset) error {
	if !a.Plan.Preheat {
		return nil
	}
	var done bool
	err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM preheat WHERE asset_id = ? AND automatic = 1)`, a.ID).Scan(&done)
	if err != nil || done {
		return err
	}
	_, err = s.preheatAll(ctx, tx, a, true)
	return err
}

// preheatWorker loads the files of a task, one after the other.
type preheatWorker struct {
	river.WorkerDefaults[preheatArgs]
	store *Store
}

// Timeout is none: each file is bounded by the Preheater.
func (w *preheatWorker) Timeout(*river.Job[preheatArgs]) time.Duration { return -1 }

// Work goes on where an earlier try was cut off.
func (w *preheatWorker) Work(ctx context.Context, job *river.Job[preheatArgs]) error {
	defer w.store.running.enter(job.ID)()
	type row struct {
		Address
		ordinal   int
		automatic bool
	}
	rows, err := queryAll(ctx, w.store.read, func(r *sql.Rows) (p row, err error) {
		err = r.Scan(&p.ordinal, &p.AssetID, &p.Name, &p.automatic)
		return p, err
	}, `SELECT ordinal, asset_id, name, automatic FROM preheat WHERE task_id = ? AND state = ? ORDER BY ordinal`,
		job.Args.TaskID, PreheatRunning)
	if err != nil {
		return fmt.Errorf("read a preheating task: %w", err)
	}
	inRow := 0 // files that failed one after the other
	for _, p := range rows {
		state, reason := PreheatDone, ""
		err := errNoEdge
		if inRow < maxPreheatFailures {
			err = w.preheat(ctx, p.Address)
		}
		if inRow++; err == nil {
			inRow = 0
		} else {
			state, reason = PreheatFailed, err.Error()
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		err = w.store.inTx(ctx, func(tx *sql.Tx) error {
			if err := preheated(ctx, tx, job.Args.TaskID, p.ordinal, state, reason); err != nil || !p.automatic {
				return err
			}
			return w.store.showPreheat(ctx, tx, p.AssetID, job.Args.TaskID)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (w *preheatWorker) preheat(ctx context.Context, file Address) error {
	if w.store.work.Preheater == nil {
		return errors.New("no edge is configured")
	}
	return w.store.work.Preheater.Preheat(ctx, file)
}

func preheated(ctx context.Context, tx *sql.Tx, task string, ordinal int, state PreheatState, reason string) error {
	_, err := tx.ExecContext(ctx, `UPDATE preheat SET state = ?, error = ? WHERE task_id = ? AND ordinal = ?`,
		state, reason, task, ordinal)
	if err != nil {
		return fmt.Errorf("record a preheated file: %w", err)
	}
	return nil
}

// showPreheat puts the asset's own task into its timeline: the one stage that
// moves after the asset has ended.
func (s *Store) showPreheat(ctx context.Context, tx *sql.Tx, id, task string) error {
	now := s.now()
	_, err := tx.ExecContext(ctx, `
		UPDATE stage SET
			state = CASE WHEN t.running > 0 THEN 'running' WHEN t.failed > 0 THEN 'failed' ELSE 'done' END,
			started_at = CASE started_at WHEN 0 THEN ?1 ELSE started_at END,
			ended_at = CASE WHEN t.running > 0 THEN 0 ELSE ?2 END,
			percent = 100 * (t.files - t.running) / t.files,
			error = CASE WHEN t.running = 0 AND t.failed > 0 THEN t.failed || ' of ' || t.files || ' files were not loaded into the edges: ' || t.reason ELSE '' END
		FROM (SELECT count(*) AS files, sum(state = 'processing') AS running, sum(state = 'failed') AS failed,
				coalesce((SELECT error FROM preheat WHERE task_id = ?3 AND state = 'failed' ORDER BY ordinal LIMIT 1), '') AS reason
			FROM preheat WHERE task_id = ?3) t
		WHERE asset_id = ?4 AND name = ?5`, now, now, task, id, StagePreheat)
	if err != nil {
		return fmt.Errorf("show the preheating: %w", err)
	}
	return nil
}
