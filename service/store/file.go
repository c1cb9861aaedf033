package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/vod-reproduction/vod/service/asset"
)

const fileColumns = `name, bucket, key, size, etag, modified, content_type`

func scanFile(r *sql.Rows) (f asset.File, err error) {
	var modified int64
	err = r.Scan(&f.Name, &f.Bucket, &f.Key, &f.Size, &f.ETag, &modified, &f.ContentType)
	f.ModTime = timeOf(modified)
	return f, err
}

// Files returns all files that the stages of an asset made so far, by name.
func (s *Store) Files(ctx context.Context, id string) ([]asset.File, error) {
	files, err := queryAll(ctx, s.read, scanFile, `SELECT `+fileColumns+` FROM file WHERE asset_id = $1 ORDER BY name`, id)
	if err != nil {
		return nil, fmt.Errorf("read the files of an asset: %w", unavailable(err))
	}
	return files, nil
}

// replaceFiles makes files those of one stage.
func replaceFiles(ctx context.Context, tx *writeTx, id, stage string, files []asset.File) (err error) {
	if _, err := tx.ExecContext(ctx, `DELETE FROM file WHERE asset_id = $1 AND stage = $2`, id, stage); err != nil {
		return err
	}
	if len(files) == 0 {
		return nil
	}
	insert, err := tx.PrepareContext(ctx, `INSERT INTO file (asset_id, stage, `+fileColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, insert.Close()) }()
	for _, f := range files {
		if _, err := insert.ExecContext(ctx, id, stage, f.Name, f.Bucket, f.Key, f.Size, f.ETag, msOf(f.ModTime), f.ContentType); err != nil {
			return fmt.Errorf("file %q: %w", f.Name, err)
		}
	}
	return nil
}

// Delivery returns a file of a published asset of any project;
// asset.ErrNotFound for all others.
func (s *Store) Delivery(ctx context.Context, file asset.Address) (d asset.Delivery, err error) {
	a := asset.Asset{ID: file.AssetID}
	var plan string
	var since, modified int64
	err = s.read.QueryRowContext(ctx, `
		SELECT project_id, source_key, plan, finished_at,
			media_bucket, media_key, media_size, media_sha256, media_etag, media_type, media_modified
		FROM asset WHERE id = $1 AND state = $2`, file.AssetID, asset.Published).
		Scan(&d.ProjectID, &a.Source.Key, &plan, &since, &d.Bucket, &d.Key, &d.Size, &d.SHA256, &d.ETag, &d.ContentType, &modified)
	if err == nil {
		err = json.Unmarshal([]byte(plan), &a.Plan)
	}
	if err == nil && (!a.ServesMedia() || file.Name != a.MediaName()) {
		d.Media = asset.Media{}
		var stage string
		err = s.read.QueryRowContext(ctx, `SELECT stage, bucket, key, size, etag, content_type, modified FROM file
			WHERE asset_id = $1 AND name = $2`, file.AssetID, file.Name).
			Scan(&stage, &d.Bucket, &d.Key, &d.Size, &d.ETag, &d.ContentType, &modified)
		if err == nil && !a.ServesStage(stage) {
			err = sql.ErrNoRows
		}
	}
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return asset.Delivery{}, asset.ErrNotFound
	case err != nil:
		return asset.Delivery{}, fmt.Errorf("look for a file: %w", err)
	}
	d.Since, d.ModTime = timeOf(since), timeOf(modified)
	return d, nil
}
