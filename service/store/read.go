package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"iter"

	"github.com/vod-reproduction/vod/service/asset"
)

// Get returns one asset of a project, or asset.ErrNotFound; an asset of another
// project is not found. No other method reads its Request, which may be large.
func (s *Store) Get(ctx context.Context, project, id string) (a asset.Asset, err error) {
	err = s.snapshot(ctx, func(tx *sql.Tx) error {
		if a, err = getAsset(ctx, tx, project, id); err != nil {
			return err
		}
		return tx.QueryRowContext(ctx, `SELECT request FROM asset WHERE id = $1`, id).Scan(&a.Request)
	})
	return a, err
}

// ProjectOf returns the project of an asset, or asset.ErrNotFound.
func (s *Store) ProjectOf(ctx context.Context, id string) (project string, err error) {
	err = s.snapshot(ctx, func(tx *sql.Tx) error {
		return tx.QueryRowContext(ctx, `SELECT project_id FROM asset WHERE id = $1`, id).Scan(&project)
	})
	if errors.Is(err, sql.ErrNoRows) {
		err = asset.ErrNotFound
	}
	return project, err
}

// Orphaned returns up to limit assets, of any project, that have ended and that
// MarkCleaned was not called for: old attempts may have left objects behind. They
// come by ID, from behind the ID after, which is "" at first.
func (s *Store) Orphaned(ctx context.Context, after string, limit int) (list []asset.Asset, err error) {
	err = s.snapshot(ctx, func(tx *sql.Tx) error {
		list, err = selectAssets(ctx, tx, params{after, limit},
			`WHERE a.id > $1 AND a.cleaned = 0 AND a.state <> 'OBS_CREATING' ORDER BY a.id LIMIT $2`)
		return err
	})
	return list, err
}

// Stored iterates over every file of every asset, its media included, as the object
// store described it. Names are left out.
func (s *Store) Stored(ctx context.Context) iter.Seq2[asset.File, error] {
	return func(yield func(asset.File, error) bool) {
		rows, err := s.read.QueryContext(ctx, `
			SELECT '', media_bucket, media_key, media_size, media_etag, media_modified, media_type FROM asset WHERE media_key <> ''
			UNION ALL SELECT '', bucket, key, size, etag, modified, content_type FROM file`)
		if err != nil {
			yield(asset.File{}, fmt.Errorf("read what is stored: %w", err))
			return
		}
		defer func() { _ = rows.Close() }() // its error is that of rows.Err
		for rows.Next() {
			if f, err := scanFile(rows); !yield(f, err) {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(asset.File{}, fmt.Errorf("read what is stored: %w", err))
		}
	}
}

// Backlog returns what has not ended, by project; projects that wait for nothing are left out.
func (s *Store) Backlog(ctx context.Context) ([]asset.Backlog, error) {
	now := s.cfg.Now()
	list, err := queryAll(ctx, s.read, func(r *sql.Rows) (b asset.Backlog, err error) {
		var oldest int64
		err = r.Scan(&b.ProjectID, &b.Assets, &oldest)
		b.Age = max(0, now.Sub(timeOf(oldest)))
		return b, err
	}, `SELECT project_id, count(*), min(created_at) FROM asset WHERE state = 'OBS_CREATING' GROUP BY project_id ORDER BY project_id`)
	if err != nil {
		return nil, fmt.Errorf("read the backlog: %w", err)
	}
	return list, nil
}

// Ping returns an error when the database cannot be read, or not be written.
func (s *Store) Ping(ctx context.Context) error {
	var found bool
	if err := s.read.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM asset)`).Scan(&found); err != nil {
		return fmt.Errorf("read the database: %w", err)
	}
	if err := s.update(ctx, func(tx *writeTx) error {
		// The ID, not the value: SQLite writes nothing where a row would have the bytes that it has.
		_, err := tx.ExecContext(ctx, `UPDATE keyring SET id = id WHERE id = 1`)
		return err
	}); err != nil {
		return fmt.Errorf("write the database: %w", err)
	}
	return nil
}

// getAsset reads one asset, or returns asset.ErrNotFound.
func getAsset(ctx context.Context, q querier, project, id string) (asset.Asset, error) {
	list, err := selectAssets(ctx, q, params{project, id}, `WHERE a.project_id = $1 AND a.id = $2`)
	if err != nil {
		return asset.Asset{}, err
	}
	if len(list) == 0 {
		return asset.Asset{}, asset.ErrNotFound
	}
	return list[0], nil
}

// selectAssets reads the assets of a query's tail, with their stages.
func selectAssets(ctx context.Context, q querier, args params, tail string) ([]asset.Asset, error) {
	list, err := queryAll(ctx, q, scanAsset, `
		SELECT a.id, a.project_id, a.title, a.description, a.category_id, coalesce(c.name, '`+asset.OtherName+`'), a.tags, a.video_type,
			a.source_bucket, a.source_key, a.source_region, a.storage_mode, a.output_bucket, a.output_path,
			a.auto_publish, a.plan, a.blocked, a.request_id, a.state, a.error_code, a.reason, a.attempt,
			a.media_bucket, a.media_key, a.media_size, a.media_sha256, a.media_etag, a.media_type, a.media_modified,
			a.created_at, a.updated_at, a.finished_at
		FROM asset a LEFT JOIN category c ON c.project_id = a.project_id AND c.id = a.category_id `+tail, args...)
	if err != nil {
		return nil, fmt.Errorf("read assets: %w", err)
	}
	if len(list) == 0 {
		return nil, nil
	}
	index := make(map[string]*asset.Asset, len(list))
	ids := make([]string, len(list))
	for i := range list {
		index[list[i].ID], ids[i] = &list[i], list[i].ID
	}
	var of params
	stages, err := queryAll(ctx, q, scanStage, `SELECT `+stageColumns+` FROM stage WHERE asset_id IN (`+addAll(&of, ids)+`) ORDER BY ordinal`, of...)
	if err != nil {
		return nil, fmt.Errorf("read stages: %w", err)
	}
	for _, s := range stages {
		a := index[s.assetID]
		a.Stages = append(a.Stages, s.Stage)
	}
	for i := range list {
		if err := list[i].Results.Collect(list[i].Stages); err != nil {
			return nil, fmt.Errorf("asset %s: %w", list[i].ID, err)
		}
	}
	return list, nil
}

func scanAsset(r *sql.Rows) (a asset.Asset, err error) {
	var m asset.Media
	var plan string
	var modified, created, updated, finished int64
	err = r.Scan(&a.ID, &a.ProjectID, &a.Title, &a.Description, &a.CategoryID, &a.CategoryName, &a.Tags, &a.VideoType,
		&a.Source.Bucket, &a.Source.Key, &a.Source.Region, &a.StorageMode, &a.OutputBucket, &a.OutputPath,
		&a.AutoPublish, &plan, &a.Blocked, &a.RequestID, &a.State, &a.ErrorCode, &a.Reason, &a.Attempt,
		&m.Bucket, &m.Key, &m.Size, &m.SHA256, &m.ETag, &m.ContentType, &modified,
		&created, &updated, &finished)
	if err == nil {
		err = json.Unmarshal([]byte(plan), &a.Plan)
	}
	if m.ModTime = timeOf(modified); m.Key != "" {
		a.Media = &m
	}
	a.CreatedAt, a.UpdatedAt, a.FinishedAt = timeOf(created), timeOf(updated), timeOf(finished)
	return a, err
}
