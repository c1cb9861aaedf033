package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/vod-reproduction/vod/service/asset"
)

// Delete deletes an asset in any state, or an upload. From then on no method returns it, no
// attempt at it can write, what was to be reported of it is not, and preheating
// tasks have its files no more; a job removes its files. Its idempotency key
// stays used. Deleting it again changes nothing; asset.ErrNotFound when the
// project never had it.
func (s *Store) Delete(ctx context.Context, project, id string) error {
	err := s.update(ctx, func(tx *writeTx) error {
		if ok, err := s.deleteUpload(ctx, tx, project, id); err != nil || ok {
			return err
		}
		var process int64
		err := tx.QueryRowContext(ctx, `SELECT job_id FROM asset WHERE project_id = $1 AND id = $2`+s.dialect.forUpdate, project, id).Scan(&process)
		if errors.Is(err, sql.ErrNoRows) {
			gone, err := deleted(ctx, tx, project, []string{id})
			if err == nil && !gone[id] {
				err = asset.ErrNotFound
			}
			return err
		}
		if err != nil {
			return err
		}
		if err := s.queue.Cancel(ctx, tx.Tx, process); err != nil {
			return fmt.Errorf("stop the work: %w", err)
		}
		job, err := s.enqueue(ctx, tx, Job{Kind: JobRemove, ID: id})
		if err != nil {
			return fmt.Errorf("queue the removal: %w", err)
		}
		if _, err := tx.ExecContext(ctx, `
			INSERT INTO deletion (asset_id, project_id, job_id, process_job, deleted_at,
				attempt, video_type, source_key, storage_mode, output_bucket, output_path, plan)
			SELECT id, project_id, CAST($1 AS BIGINT), job_id, CAST($2 AS BIGINT),
				attempt, video_type, source_key, storage_mode, output_bucket, output_path, plan FROM asset WHERE id = $3`,
			job, s.now(), id); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `DELETE FROM asset WHERE id = $1`, id)
		return err
	})
	if err != nil {
		return fmt.Errorf("delete an asset: %w", err)
	}
	return nil
}

// Ended returns the IDs of up to limit assets of a project that were accepted
// before a time and have ended, oldest first.
func (s *Store) Ended(ctx context.Context, project string, before time.Time, limit int) ([]string, error) {
	ids, err := queryAll(ctx, s.read, func(r *sql.Rows) (id string, err error) {
		err = r.Scan(&id)
		return id, err
	}, `SELECT id FROM asset WHERE project_id = $1 AND created_at < $2 AND state <> 'OBS_CREATING' ORDER BY seq LIMIT $3`,
		project, before.UnixMilli(), limit)
	if err != nil {
		return nil, fmt.Errorf("look for old assets: %w", err)
	}
	return ids, nil
}

// Deleted returns which of some IDs are of assets that a project had and deleted.
func (s *Store) Deleted(ctx context.Context, project string, ids []string) (map[string]bool, error) {
	return deleted(ctx, s.read, project, ids)
}

func deleted(ctx context.Context, q querier, project string, ids []string) (map[string]bool, error) {
	gone := map[string]bool{}
	if len(ids) == 0 {
		return gone, nil
	}
	args := params{project}
	found, err := queryAll(ctx, q, func(r *sql.Rows) (id string, err error) {
		err = r.Scan(&id)
		return id, err
	}, `SELECT asset_id FROM deletion WHERE project_id = $1 AND asset_id IN (`+addAll(&args, ids)+`)`, args...)
	if err != nil {
		return nil, fmt.Errorf("look for deleted assets: %w", err)
	}
	for _, id := range found {
		gone[id] = true
	}
	return gone, nil
}

// Remains returns what is needed to find the files of a deleted asset: its ID,
// where it wrote, and how many attempts did; nothing else of it is kept. ok is
// false when no file is left, and busy reports that the work on it has not
// stopped yet.
func (s *Store) Remains(ctx context.Context, id string) (a asset.Asset, busy, ok bool, err error) {
	err = s.snapshot(ctx, func(tx *sql.Tx) error {
		var plan string
		var process int64
		err := tx.QueryRowContext(ctx, `
			SELECT asset_id, project_id, process_job, attempt, video_type, source_key, storage_mode, output_bucket, output_path, plan
			FROM deletion WHERE asset_id = $1 AND removed = 0`, id).
			Scan(&a.ID, &a.ProjectID, &process, &a.Attempt, &a.VideoType, &a.Source.Key, &a.StorageMode, &a.OutputBucket, &a.OutputPath, &plan)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err == nil {
			err = json.Unmarshal([]byte(plan), &a.Plan)
		}
		if err != nil {
			return err
		}
		ok = true
		live, err := s.queue.Live(ctx, tx, []int64{process})
		busy = len(live) > 0
		return err
	})
	if err != nil {
		return asset.Asset{}, false, false, fmt.Errorf("look for the files of a deleted asset: %w", err)
	}
	return a, busy, ok, nil
}

// MarkRemoved notes that no file of a deleted asset is left. What it was made of is forgotten.
func (s *Store) MarkRemoved(ctx context.Context, id string) error {
	if _, err := s.write.ExecContext(ctx,
		`UPDATE deletion SET removed = 1, source_key = '', output_path = '', plan = '{}' WHERE asset_id = $1`, id); err != nil {
		return fmt.Errorf("mark the files as removed: %w", err)
	}
	return nil
}
