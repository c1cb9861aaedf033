package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/vod-reproduction/vod/service/asset"
)

// AuthorizeBucket records that the service may use a project's bucket. Repeating
// it changes nothing.
func (s *Store) AuthorizeBucket(ctx context.Context, project, bucket string) error {
	if _, err := s.write.ExecContext(ctx,
		`INSERT INTO bucket_authorization (project_id, bucket) VALUES ($1, $2) ON CONFLICT (project_id, bucket) DO NOTHING`,
		project, bucket); err != nil {
		return fmt.Errorf("authorize bucket %q: %w", bucket, err)
	}
	return nil
}

// RevokeBucket records that the service may no longer use a project's bucket.
// Repeating it changes nothing. A bucket that takes the results of an asset stays
// authorized: asset.ErrBucketInUse.
func (s *Store) RevokeBucket(ctx context.Context, project, bucket string) error {
	err := s.update(ctx, func(tx *writeTx) error {
		// Deleted first: a request that is being accepted holds the row until its asset is there to be seen.
		if _, err := tx.ExecContext(ctx, `DELETE FROM bucket_authorization WHERE project_id = $1 AND bucket = $2`, project, bucket); err != nil {
			return err
		}
		var used bool
		if err := tx.QueryRowContext(ctx, `
			SELECT EXISTS (SELECT 1 FROM asset WHERE project_id = $1 AND storage_mode = 1 AND output_bucket = $2 AND state <> $3)`,
			project, bucket, asset.CreateFailed).Scan(&used); err != nil {
			return err
		}
		if used {
			return asset.ErrBucketInUse
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("revoke the authorization of bucket %q: %w", bucket, err)
	}
	return nil
}

// Authorized reports whether the service may use the project's bucket.
func (s *Store) Authorized(ctx context.Context, project, bucket string) (bool, error) {
	return bucketAuthorized(ctx, s.read, project, bucket, "")
}

// bucketAuthorized looks for the row of a bucket, and locks it as lock says.
func bucketAuthorized(ctx context.Context, q querier, project, bucket, lock string) (bool, error) {
	var one int
	err := q.QueryRowContext(ctx, `SELECT 1 FROM bucket_authorization WHERE project_id = $1 AND bucket = $2`+lock,
		project, bucket).Scan(&one)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return false, fmt.Errorf("look up the authorization of bucket %q: %w", bucket, err)
	}
	return err == nil, nil
}
