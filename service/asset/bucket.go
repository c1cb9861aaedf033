package asset

import (
	"context"
	"database/sql"
	"fmt"
)

// Authorize records that the service may use a project's bucket, or with on
// false that it may no longer. Repeating it changes nothing. A bucket that
// takes the results of an asset stays open: closing it gives ErrBucketInUse.
func (s *Store) Authorize(ctx context.Context, project, bucket string, on bool) error {
	err := s.inTx(ctx, func(tx *sql.Tx) error {
		if on {
			_, err := tx.ExecContext(ctx,
				`INSERT INTO bucket_authorization (project_id, bucket) VALUES (?, ?) ON CONFLICT DO NOTHING`, project, bucket)
			return err
		}
		var used bool
		if err := tx.QueryRowContext(ctx, `
			SELECT EXISTS (SELECT 1 FROM asset WHERE project_id = ? AND storage_mode = 1 AND output_bucket = ? AND state <> ?)`,
			project, bucket, CreateFailed).Scan(&used); err != nil {
			return err
		}
		if used {
			return ErrBucketInUse
		}
		_, err := tx.ExecContext(ctx,
			`DELETE FROM bucket_authorization WHERE project_id = ? AND bucket = ?`, project, bucket)
		return err
	})
	if err != nil {
		return fmt.Errorf("authorize bucket %q: %w", bucket, err)
	}
	return nil
}

// Authorized reports whether the service may use the project's bucket.
func (s *Store) Authorized(ctx context.Context, project, bucket string) (ok bool, err error) {
	err = s.read.QueryRowContext(ctx,
		`SELECT EXISTS (SELECT 1 FROM bucket_authorization WHERE project_id = ? AND bucket = ?)`,
		project, bucket).Scan(&ok)
	if err != nil {
		return false, fmt.Errorf("look up the authorization of bucket %q: %w", bucket, err)
	}
	return ok, nil
}
