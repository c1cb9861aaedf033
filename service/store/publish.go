package store

import (
	"context"
	"fmt"

	"github.com/vod-reproduction/vod/service/asset"
)

// Publish makes a created asset fetchable by its URL and returns it. A published
// one stays as it is. asset.ErrNotFound, asset.ErrNotReady when there is nothing
// to publish, or asset.ErrBlocked when review forbids it.
func (s *Store) Publish(ctx context.Context, project, id string) (asset.Asset, error) {
	return s.moveTo(ctx, project, id, asset.Created, asset.Published)
}

// Unpublish takes a published asset back to Created and returns it. A created
// one stays as it is. asset.ErrNotFound or asset.ErrNotReady.
func (s *Store) Unpublish(ctx context.Context, project, id string) (asset.Asset, error) {
	return s.moveTo(ctx, project, id, asset.Published, asset.Created)
}

func (s *Store) moveTo(ctx context.Context, project, id string, from, to asset.State) (a asset.Asset, err error) {
	err = s.update(ctx, func(tx *writeTx) error {
		// A blocked asset is refused below, and its new state with it.
		result, err := tx.ExecContext(ctx, `UPDATE asset SET state = $1, updated_at = $2 WHERE project_id = $3 AND id = $4 AND state = $5`,
			to, s.now(), project, id, from)
		if err != nil {
			return fmt.Errorf("change the state: %w", err)
		}
		moved, err := changed(result)
		if err != nil {
			return err
		}
		switch a, err = getAsset(ctx, tx, project, id); {
		case err != nil:
			return err
		case a.Blocked && to == asset.Published:
			return asset.ErrBlocked
		case a.State != to:
			return asset.ErrNotReady
		case moved && to == asset.Published:
			return s.preheatOnce(ctx, tx, a)
		}
		return nil
	})
	if err != nil {
		return asset.Asset{}, err
	}
	return a, nil
}
