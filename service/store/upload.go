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

// The states of a row of upload that is no upload to be seen any more.
const (
	uploadConfirmed asset.State = "CONFIRMED" // its asset is, or was, in table asset
	uploadDeleted   asset.State = "DELETED"
)

// settled reports whether an upload has become an asset, or was deleted.
func settled(state asset.State) bool { return state == uploadConfirmed || state == uploadDeleted }

// CreateUpload records an asset whose file, of that name, is to be uploaded into the bucket n.Source.Bucket; the key follows
// from the asset's ID. asset.ErrNoCategory for an unknown category.
func (s *Store) CreateUpload(ctx context.Context, n asset.New, name string) (asset.Upload, error) {
	if n.CategoryID == 0 {
		n.CategoryID = asset.OtherCategory
	}
	id := s.newID()
	n.Source.Key = asset.UploadKey(id, name)
	plan, err := json.Marshal(n.Plan)
	if err != nil {
		return asset.Upload{}, fmt.Errorf("create an upload: write the plan: %w", err)
	}
	now := s.cfg.Now()
	var made []asset.Upload
	err = s.update(ctx, func(tx *writeTx) error {
		if n.CategoryID != asset.OtherCategory {
			if _, err := getCategory(ctx, tx, n.ProjectID, n.CategoryID, s.dialect.forShare); err != nil {
				return err
			}
		}
		if _, err := tx.ExecContext(ctx, `
			INSERT INTO upload (asset_id, project_id, state, title, description, category_id, tags, video_type,
				source_bucket, source_key, source_region, auto_publish, plan, request, request_id, created_at, updated_at, expires_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $16, $17)`,
			id, n.ProjectID, asset.Uploading, n.Title, n.Description, n.CategoryID, n.Tags, n.VideoType,
			n.Source.Bucket, n.Source.Key, n.Source.Region, flag(n.AutoPublish), string(plan), nonNil(n.Request), n.RequestID,
			msOf(now), msOf(now.Add(asset.UploadTime))); err != nil {
			return err
		}
		made, err = s.selectUploads(ctx, tx, params{id}, `WHERE u.asset_id = $1`)
		return err
	})
	if err != nil {
		return asset.Upload{}, fmt.Errorf("create an upload: %w", err)
	}
	return made[0], nil
}

// Upload returns an upload of a project, or asset.ErrNotFound, also when it was confirmed, and is an asset, or deleted.
func (s *Store) Upload(ctx context.Context, project, id string) (asset.Upload, error) {
	list, err := s.selectUploads(ctx, s.read, params{project, id}, `WHERE u.project_id = $1 AND u.asset_id = $2`)
	switch {
	case err != nil:
		return asset.Upload{}, err
	case len(list) == 0, settled(list[0].State):
		return asset.Upload{}, asset.ErrNotFound
	}
	return list[0], nil
}

// ConfirmUpload makes an upload the asset of the same ID, and queues its job, in one transaction. Repeating it changes
// nothing. asset.ErrNotFound, or asset.ErrNotUploading for an upload that has failed or was cancelled, whose time is over,
// and for an asset that was never one; asset.ErrNewer where this version would lose some of its plan.
func (s *Store) ConfirmUpload(ctx context.Context, project, id string) error {
	err := s.update(ctx, func(tx *writeTx) error {
		u, err := s.lockUpload(ctx, tx, project, id)
		switch {
		case errors.Is(err, asset.ErrNotFound), err == nil && settled(u.State):
			a, err := getAsset(ctx, tx, project, id)
			if err == nil && !a.Uploaded() {
				err = asset.ErrNotUploading
			}
			return err
		case err != nil:
			return err
		case u.State != asset.Uploading:
			return asset.ErrNotUploading
		}
		var plan string
		if err := tx.QueryRowContext(ctx, `SELECT plan FROM upload WHERE asset_id = $1`, id).Scan(&plan); err != nil {
			return err
		}
		if err := checkKnown(u.VideoType, plan); err != nil {
			return err
		}
		if err := s.checkCategory(ctx, tx, u.New); err != nil {
			return err
		}
		if err := s.insert(ctx, tx, []*acceptance{{New: u.New, id: id}}); err != nil {
			return err
		}
		return s.setUpload(ctx, tx, id, uploadConfirmed)
	})
	if err != nil {
		return fmt.Errorf("confirm an upload: %w", err)
	}
	return nil
}

// EndUpload ends an upload as asset.UploadFailed or asset.UploadCancelled. Repeating it changes nothing. asset.ErrNotFound,
// or asset.ErrNotUploading when it has ended otherwise.
func (s *Store) EndUpload(ctx context.Context, project, id string, as asset.State) error {
	err := s.update(ctx, func(tx *writeTx) error {
		u, err := s.lockUpload(ctx, tx, project, id)
		switch {
		case errors.Is(err, asset.ErrNotFound), err == nil && settled(u.State):
			if _, err = getAsset(ctx, tx, project, id); err == nil {
				err = asset.ErrNotUploading
			}
			return err
		case err != nil, u.State == as:
			return err
		case u.State != asset.Uploading:
			return asset.ErrNotUploading
		}
		return s.setUpload(ctx, tx, id, as)
	})
	if err != nil {
		return fmt.Errorf("end an upload: %w", err)
	}
	return nil
}

// ExpiredUploads returns up to limit uploads, of any project, whose time was over before a time and whose file nobody works
// on, also those that were confirmed or deleted. They come by ID, from behind the ID after, which is "" at first.
func (s *Store) ExpiredUploads(ctx context.Context, before time.Time, after string, limit int) ([]asset.Upload, error) {
	return s.selectUploads(ctx, s.read, params{before.UnixMilli(), after, limit}, `WHERE u.expires_at < $1 AND u.asset_id > $2
		AND NOT EXISTS (SELECT 1 FROM asset WHERE asset.id = u.asset_id AND asset.state = 'OBS_CREATING') ORDER BY u.asset_id LIMIT $3`)
}

// ForgetUpload forgets an upload of ExpiredUploads, whose file was removed. One that was never confirmed is a deleted asset
// from then on.
func (s *Store) ForgetUpload(ctx context.Context, project, id string) error {
	err := s.update(ctx, func(tx *writeTx) error {
		u, err := s.lockUpload(ctx, tx, project, id)
		if errors.Is(err, asset.ErrNotFound) {
			return nil // another process was faster
		}
		if err == nil && !settled(u.State) {
			err = s.insertDeletion(ctx, tx, id, 0, true)
		}
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `DELETE FROM upload WHERE asset_id = $1`, id)
		return err
	})
	if err != nil {
		return fmt.Errorf("forget an upload: %w", err)
	}
	return nil
}

// deleteUpload deletes an upload that is no asset yet, and queues the removal of its file. ok is false when there is none.
func (s *Store) deleteUpload(ctx context.Context, tx *writeTx, project, id string) (ok bool, err error) {
	u, err := s.lockUpload(ctx, tx, project, id)
	if errors.Is(err, asset.ErrNotFound) || err == nil && settled(u.State) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	job, err := s.enqueue(ctx, tx, Job{Kind: JobRemove, ID: id})
	if err != nil {
		return false, fmt.Errorf("queue the removal: %w", err)
	}
	if err := s.insertDeletion(ctx, tx, id, job, false); err != nil {
		return false, err
	}
	return true, s.setUpload(ctx, tx, id, uploadDeleted)
}

// insertDeletion records the deletion of an upload.
func (s *Store) insertDeletion(ctx context.Context, tx *writeTx, id string, job int64, removed bool) error {
	_, err := tx.ExecContext(ctx, `
		INSERT INTO deletion (asset_id, project_id, job_id, process_job, deleted_at, removed,
			attempt, video_type, source_key, storage_mode, output_bucket, output_path, plan)
		SELECT asset_id, project_id, CAST($1 AS BIGINT), 0, CAST($2 AS BIGINT), CAST($3 AS BIGINT),
			0, video_type, source_key, 0, '', '', '{}' FROM upload WHERE asset_id = $4`, job, s.now(), flag(removed), id)
	return err
}

// lockUpload reads the row of an upload, in any state, and holds it until the end of the transaction. Whoever locks an asset
// too locks its upload first.
func (s *Store) lockUpload(ctx context.Context, tx *writeTx, project, id string) (asset.Upload, error) {
	var found int
	err := tx.QueryRowContext(ctx, `SELECT 1 FROM upload WHERE project_id = $1 AND asset_id = $2`+s.dialect.forUpdate, project, id).Scan(&found)
	if errors.Is(err, sql.ErrNoRows) {
		return asset.Upload{}, asset.ErrNotFound
	}
	if err != nil {
		return asset.Upload{}, err
	}
	list, err := s.selectUploads(ctx, tx, params{id}, `WHERE u.asset_id = $1`)
	if err != nil {
		return asset.Upload{}, err
	}
	return list[0], nil
}

func (s *Store) setUpload(ctx context.Context, tx *writeTx, id string, state asset.State) error {
	_, err := tx.ExecContext(ctx, `UPDATE upload SET state = $1, updated_at = $2 WHERE asset_id = $3`, state, s.now(), id)
	return err
}

// selectUploads reads the uploads of a query's tail. One whose category was deleted since has none, and one whose time is
// over has failed.
func (s *Store) selectUploads(ctx context.Context, q querier, args params, tail string) ([]asset.Upload, error) {
	now := s.cfg.Now()
	list, err := queryAll(ctx, q, func(r *sql.Rows) (u asset.Upload, err error) {
		var plan string
		var created, updated, expires int64
		err = r.Scan(&u.ID, &u.ProjectID, &u.State, &u.Title, &u.Description, &u.CategoryID, &u.CategoryName, &u.Tags, &u.VideoType,
			&u.Source.Bucket, &u.Source.Key, &u.Source.Region, &u.AutoPublish, &plan, &u.Request, &u.RequestID, &created, &updated, &expires)
		if err == nil {
			err = json.Unmarshal([]byte(plan), &u.Plan)
		}
		u.CreatedAt, u.UpdatedAt, u.ExpiresAt = timeOf(created), timeOf(updated), timeOf(expires)
		if u.State == asset.Uploading && !now.Before(u.ExpiresAt) {
			u.State = asset.UploadFailed
		}
		return u, err
	}, `SELECT u.asset_id, u.project_id, u.state, u.title, u.description, coalesce(c.id, -1), coalesce(c.name, '`+asset.OtherName+`'), u.tags, u.video_type,
			u.source_bucket, u.source_key, u.source_region, u.auto_publish, u.plan, u.request, u.request_id, u.created_at, u.updated_at, u.expires_at
		FROM upload u LEFT JOIN category c ON c.project_id = u.project_id AND c.id = u.category_id `+tail, args...)
	if err != nil {
		return nil, fmt.Errorf("read uploads: %w", err)
	}
	return list, nil
}
