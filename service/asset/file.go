package asset

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// File is one file of an asset beside its media: a snapshot, an output, a
// segment. It can be fetched exactly while the asset is published.
type File struct {
	Name        string // path below the asset's media URL, unique in the asset
	Bucket, Key string
	Size        int64 // bytes
	ETag        string
	ModTime     time.Time
	ContentType string
}

const fileColumns = `name, bucket, key, size, etag, modified, content_type`

func scanFile(r *sql.Rows) (f File, err error) {
	var modified int64
	err = r.Scan(&f.Name, &f.Bucket, &f.Key, &f.Size, &f.ETag, &modified, &f.ContentType)
	f.ModTime = timeOf(modified)
	return f, err
}

// Files gives all files that the stages of an asset made so far, by name.
func (s *Store) Files(ctx context.Context, id string) ([]File, error) {
	files, err := queryAll(ctx, s.read, scanFile, `SELECT `+fileColumns+` FROM file WHERE asset_id = ? ORDER BY name`, id)
	if err != nil {
		return nil, fmt.Errorf("read the files of an asset: %w", err)
	}
	return files, nil
}

// replaceFiles makes files those of one stage.
func replaceFiles(ctx context.Context, tx *sql.Tx, id, stage string, files []File) (err error) {
	if _, err := tx.ExecContext(ctx, `DELETE FROM file WHERE asset_id = ? AND stage = ?`, id, stage); err != nil {
		return err
	}
	if len(files) == 0 {
		return nil
	}
	insert, err := tx.PrepareContext(ctx, `INSERT INTO file (asset_id, stage, `+fileColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`)
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
