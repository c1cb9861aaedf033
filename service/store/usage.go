package store

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/vod-reproduction/vod/service/asset"
)

// Usage returns what each project with assets stores. It looks at every asset and file, a matter of seconds where there are
// millions.
func (s *Store) Usage(ctx context.Context) (map[string]asset.Usage, error) {
	type row struct {
		project string
		asset.Usage
	}
	usage := map[string]asset.Usage{}
	err := s.snapshot(ctx, func(tx *sql.Tx) error {
		rows, err := queryAll(ctx, tx, func(r *sql.Rows) (u row, err error) {
			err = r.Scan(&u.project, &u.Assets, &u.Copies, &u.Outputs)
			return u, err
		}, `SELECT project_id, count(*), CAST(sum(CASE WHEN storage_mode = 0 THEN media_size ELSE 0 END) AS BIGINT),
			CAST(coalesce(sum(made.size), 0) AS BIGINT)
			FROM asset LEFT JOIN (SELECT asset_id, sum(size) AS size FROM file WHERE stage <> $1 GROUP BY asset_id) made ON made.asset_id = asset.id
			GROUP BY project_id`, asset.StageSegments) // the segments of a recording stay where they are
		for _, each := range rows {
			usage[each.project] = each.Usage
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("look up what is stored: %w", err)
	}
	return usage, nil
}
