package asset

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path"
	"time"
)

// Replay gives the asset that the project made before under n's IdempotencyKey; ok is false when there is none. It
// creates nothing. ErrIdempotencyMismatch as for Accept.
func (s *Store) Replay(ctx context.Context, n New) (a Asset, ok bool, err error) {
	err = s.snapshot(ctx, func(tx *sql.Tx) error {
		id, err := usedKey(ctx, tx, n)
		if err != nil || id == "" {
			return err
		}
		ok = true
		a, err = getAsset(ctx, tx, n.ProjectID, id)
		return err
	})
	if err != nil {
		return Asset{}, false, fmt.Errorf("replay: %w", err)
	}
	return a, ok, nil
}

// Delivery is a file that everyone may fetch.
type Delivery struct {
	Media
	ProjectID string
	// Since is when the asset got its files.
	Since time.Time
}

// Delivery gives a file of a published asset of any project; ErrNotFound for all others.
func (s *Store) Delivery(ctx context.Context, file Address) (d Delivery, err error) {
	var source string
	var encrypted bool
	var since, modified int64
	err = s.read.QueryRowContext(ctx, `
		SELECT project_id, source_key, coalesce(json_extract(plan, '$.transcode.encrypt'), 0), finished_at,
			media_bucket, media_key, media_size, media_sha256, media_etag, media_type, media_modified
		FROM asset WHERE id = ? AND state = ?`, file.AssetID, Published).
		Scan(&d.ProjectID, &source, &encrypted, &since, &d.Bucket, &d.Key, &d.Size, &d.SHA256, &d.ETag, &d.ContentType, &modified)
	if err == nil && (encrypted || file.Name != path.Base(source)) {
		d.Media = Media{}
		err = s.read.QueryRowContext(ctx, `SELECT bucket, key, size, etag, content_type, modified FROM file
			WHERE asset_id = ? AND name = ? AND (NOT ? OR stage <> ?)`, // what was recorded of the source is as clear as the media
			file.AssetID, file.Name, encrypted, StageSegments).Scan(&d.Bucket, &d.Key, &d.Size, &d.ETag, &d.ContentType, &modified)
	}
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return Delivery{}, ErrNotFound
	case err != nil:
		return Delivery{}, fmt.Errorf("look for a file: %w", err)
	}
	d.Since, d.ModTime = timeOf(since), timeOf(modified)
	return d, nil
}

// Ping tells whether the record can be read.
func (s *Store) Ping(ctx context.Context) error {
	if err := s.read.PingContext(ctx); err != nil {
		return fmt.Errorf("reach the record: %w", err)
	}
	return nil
}
