package asset

import (
	"context"
	"database/sql"
	"fmt"
)

// Publish makes a created asset fetchable by its URL and gives it back. A
// published one stays as it is. ErrNotFound, ErrNotReady when there is nothing
// to publish, or ErrBlocked when review forbids it.
func (s *Store) Publish(ctx context.Context, project, id string) (Asset, error) {
	return s.move(ctx, project, id, Created, Published)
}

// Unpublish takes a published asset back to Created and gives it back. A
// created one stays as it is. ErrNotFound or ErrNotReady.
func (s *Store) Unpublish(ctx context.Context, project, id string) (Asset, error) {
	return s.move(ctx, project, id, Published, Created)
}

func (s *Store) move(ctx context.Context, project, id string, from, to State) (a Asset, err error) {
	err = s.inTx(ctx, func(tx *sql.Tx) error {
		if a, err = getAsset(ctx, tx, project, id); err != nil {
			return err
		}
		if a.Blocked && to == Published {
			return ErrBlocked
		}
		first := a.State == from
		if _, err := tx.ExecContext(ctx,
			`UPDATE asset SET state = ?, updated_at = ? WHERE project_id = ? AND id = ? AND state = ?`,
			to, s.now(), project, id, from); err != nil {
			return fmt.Errorf("change the state: %w", err)
		}
		if a, err = getAsset(ctx, tx, project, id); err != nil {
			return err
		}
		if a.State != to {
			return ErrNotReady
		}
		if first && to == Published {
			return s.preheatOnce(ctx, tx, a)
		}
		return nil
	})
	if err != nil {
		return Asset{}, err
	}
	return a, nil
}
