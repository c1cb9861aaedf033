package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/vod-reproduction/vod/service/asset"
)

// PreheatAsset queues the loading of all files of a published asset into the CDN
// caches and returns the task's ID. asset.ErrNotFound, or asset.ErrNotReady when
// the asset is not published.
func (s *Store) PreheatAsset(ctx context.Context, project, id string) (task string, err error) {
	err = s.update(ctx, func(tx *writeTx) error {
		a, err := getAsset(ctx, tx, project, id)
		if err != nil {
			return err
		}
		if a.State != asset.Published {
			return asset.ErrNotReady
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
// project. asset.ErrNotFound when one of them cannot be fetched.
func (s *Store) PreheatFiles(ctx context.Context, project string, files []asset.Address) (task string, err error) {
	task = s.newID()
	err = s.update(ctx, func(tx *writeTx) error {
		for i, f := range files {
			a, err := getAsset(ctx, tx, project, f.AssetID)
			if err != nil {
				return err
			}
			stages, err := queryAll(ctx, tx, func(r *sql.Rows) (stage string, err error) {
				err = r.Scan(&stage)
				return stage, err
			}, `SELECT stage FROM file WHERE asset_id = $1 AND name = $2`, f.AssetID, f.Name)
			if err != nil {
				return err
			}
			made := len(stages) > 0 && a.ServesStage(stages[0])
			if media := a.ServesMedia() && f.Name == a.MediaName(); a.State != asset.Published || !made && !media {
				return asset.ErrNotFound
			}
			if err := insertPreheat(ctx, tx, task, i, project, f, false); err != nil {
				return err
			}
		}
		return s.queuePreheat(ctx, tx, project, task)
	})
	if err != nil {
		return "", fmt.Errorf("preheat files: %w", err)
	}
	return task, nil
}

// PreheatTask returns the files of a task, or asset.ErrNotFound.
func (s *Store) PreheatTask(ctx context.Context, project, task string) ([]asset.Preheat, error) {
	files, err := queryAll(ctx, s.read, func(r *sql.Rows) (p asset.Preheat, err error) {
		err = r.Scan(&p.Ordinal, &p.AssetID, &p.Name, &p.State, &p.Error)
		return p, err
	}, `SELECT ordinal, asset_id, name, state, error FROM preheat WHERE project_id = $1 AND task_id = $2 ORDER BY ordinal`, project, task)
	if err != nil {
		return nil, fmt.Errorf("read a preheating task: %w", err)
	}
	if len(files) == 0 {
		return nil, asset.ErrNotFound
	}
	return files, nil
}

// PendingPreheats returns the files of a task that are not loaded yet, in the order of the task, and whose they are.
func (s *Store) PendingPreheats(ctx context.Context, task string) (project string, files []asset.Preheat, err error) {
	files, err = queryAll(ctx, s.read, func(r *sql.Rows) (p asset.Preheat, err error) {
		p.State = asset.PreheatRunning
		err = r.Scan(&project, &p.Ordinal, &p.AssetID, &p.Name)
		return p, err
	}, `SELECT project_id, ordinal, asset_id, name FROM preheat WHERE task_id = $1 AND state = $2 ORDER BY ordinal`, task, asset.PreheatRunning)
	if err != nil {
		return "", nil, fmt.Errorf("read a preheating task: %w", err)
	}
	return project, files, nil
}

// Preheated records how the loading of one file of a task ended, or why it waits, and shows it in
// the timeline of the asset whose request asked for the task: the one stage that
// moves after the asset has ended. asset.ErrNotFound when the asset was deleted meanwhile.
func (s *Store) Preheated(ctx context.Context, task string, p asset.Preheat) error {
	err := s.update(ctx, func(tx *writeTx) error {
		// Locked first, as Delete does: the rows of its files go with it.
		err := tx.QueryRowContext(ctx, `SELECT request_id FROM asset WHERE id = $1`+s.dialect.forUpdate, p.AssetID).Scan(&tx.request)
		if errors.Is(err, sql.ErrNoRows) {
			return asset.ErrNotFound
		}
		if err != nil {
			return err
		}
		automatic, err := queryAll(ctx, tx, func(r *sql.Rows) (on bool, err error) {
			err = r.Scan(&on)
			return on, err
		}, `UPDATE preheat SET state = $1, error = $2 WHERE task_id = $3 AND ordinal = $4 RETURNING automatic`,
			p.State, p.Error, task, p.Ordinal)
		if err == nil && len(automatic) == 0 {
			err = asset.ErrNotFound
		}
		if err != nil || !automatic[0] {
			return err
		}
		return s.showPreheat(ctx, tx, p.AssetID, task)
	})
	if err != nil {
		return fmt.Errorf("record a preheated file: %w", err)
	}
	return nil
}

func insertPreheat(ctx context.Context, tx *writeTx, task string, ordinal int, project string, f asset.Address, automatic bool) error {
	_, err := tx.ExecContext(ctx, `
		INSERT INTO preheat (task_id, ordinal, project_id, asset_id, name, state, automatic) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		task, ordinal, project, f.AssetID, f.Name, asset.PreheatRunning, flag(automatic))
	return err
}

// preheatAll queues all files of an asset that is published now.
func (s *Store) preheatAll(ctx context.Context, tx *writeTx, a asset.Asset, automatic bool) (task string, err error) {
	task = s.newID()
	if a.ServesMedia() {
		if err := insertPreheat(ctx, tx, task, 0, a.ProjectID, asset.Address{AssetID: a.ID, Name: a.MediaName()}, automatic); err != nil {
			return "", err
		}
	}
	// In one statement: a recording has up to 100,000 files, and others wait to write meanwhile.
	if _, err := tx.ExecContext(ctx, `
		INSERT INTO preheat (task_id, ordinal, project_id, asset_id, name, state, automatic)
		SELECT $1, row_number() OVER (ORDER BY name), $2, asset_id, name, $3, CAST($4 AS BIGINT) FROM file
		WHERE asset_id = $5 AND stage <> $6 AND (stage <> $7 OR $8 = 1)`,
		task, a.ProjectID, asset.PreheatRunning, flag(automatic), a.ID, asset.StageReview, asset.StageSegments, flag(a.ServesMedia())); err != nil {
		return "", err
	}
	return task, s.queuePreheat(ctx, tx, a.ProjectID, task)
}

func (s *Store) queuePreheat(ctx context.Context, tx *writeTx, project, task string) error {
	if _, err := s.enqueue(ctx, tx, Job{Kind: JobPreheat, ID: task, Project: project}); err != nil {
		return fmt.Errorf("queue the preheating: %w", err)
	}
	return nil
}

// preheatOnce queues what the asset's request asked for, the first time that the asset is published.
func (s *Store) preheatOnce(ctx context.Context, tx *writeTx, a asset.Asset) error {
	if !a.Plan.Preheat {
		return nil
	}
	var done bool
	err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM preheat WHERE asset_id = $1 AND automatic = 1)`, a.ID).Scan(&done)
	if err != nil || done {
		return err
	}
	_, err = s.preheatAll(ctx, tx, a, true)
	return err
}

// showPreheat puts the asset's own task into its timeline.
func (s *Store) showPreheat(ctx context.Context, tx *writeTx, id, task string) error {
	now := s.cfg.Now()
	st := asset.Stage{Name: asset.StagePreheat, State: asset.StageRunning}
	var started int64
	if err := tx.QueryRowContext(ctx, `SELECT started_at FROM stage WHERE asset_id = $1 AND name = $2`, id, st.Name).Scan(&started); err != nil {
		return err
	}
	if st.StartedAt = timeOf(started); started == 0 {
		st.StartedAt = now
	}
	var files, running, failed int
	var reason string
	if err := tx.QueryRowContext(ctx, `
		SELECT count(*), count(CASE WHEN state = 'processing' THEN 1 END), count(CASE WHEN state = 'failed' THEN 1 END),
			coalesce((SELECT error FROM preheat WHERE task_id = $1 AND error <> '' ORDER BY state = 'failed', ordinal LIMIT 1), '')
		FROM preheat WHERE task_id = $1`, task).Scan(&files, &running, &failed, &reason); err != nil {
		return err
	}
	st.Percent = 100 * (files - running) / files
	switch {
	case running > 0:
		st.Error = reason
	case failed > 0:
		st.State, st.EndedAt = asset.StageFailed, now
		st.Error = fmt.Sprintf("%d of %d files were not loaded into the CDN caches: %s", failed, files, reason)
	default:
		st.State, st.EndedAt = asset.StageDone, now
	}
	return putStage(ctx, tx, id, st)
}
