package asset

import (
	"context"
	"fmt"
)

// Authorize records that the service may use a project's bucket, or with on
// false that it may no longer. Repeating it changes nothing.
func (s *Store) Authorize(ctx context.Context, project, bucket string, on bool) error {
	query := `DELETE FROM bucket_authorization WHERE project_id = ? AND bucket = ?`
	if on {
		query = `INSERT INTO bucket_authorization (project_id, bucket) VALUES (?, ?) ON CONFLICT DO NOTHING`
	}
	if _, err := s.write.ExecContext(ctx, query, project, bucket); err != nil {
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
