package store

import (
	"context"
	"fmt"
	"strings"

	"github.com/vod-reproduction/vod/service/asset"
)

// Change changes what the owner says of an asset, in any state, or of an upload
// that waits for its file. asset.ErrNotFound, or asset.ErrNoCategory.
func (s *Store) Change(ctx context.Context, project, id string, c asset.Changes) error {
	set, args := []string{}, params{project, id}
	put := func(column string, value any) { set = append(set, column+" = "+args.add(value)) }
	for column, text := range map[string]*string{"title": c.Title, "description": c.Description, "tags": c.Tags} {
		if text != nil {
			put(column, *text)
		}
	}
	category := asset.OtherCategory
	if c.CategoryID != nil {
		if *c.CategoryID != 0 {
			category = *c.CategoryID
		}
		put("category_id", category)
	}
	put("updated_at", s.now())
	err := s.update(ctx, func(tx *writeTx) error {
		if category != asset.OtherCategory {
			if _, err := getCategory(ctx, tx, project, category, s.dialect.forShare); err != nil {
				return err
			}
		}
		for _, row := range []struct{ table, where string }{{"upload", "asset_id = $2 AND state = 'CREATING'"}, {"asset", "id = $2"}} {
			result, err := tx.ExecContext(ctx, `UPDATE `+row.table+` SET `+strings.Join(set, ", ")+` WHERE project_id = $1 AND `+row.where, args...) //nolint:gosec // columns of ours
			if err != nil {
				return err
			}
			if ok, err := changed(result); err != nil || ok {
				return err
			}
		}
		return asset.ErrNotFound
	})
	if err != nil {
		return fmt.Errorf("change an asset: %w", err)
	}
	return nil
}
