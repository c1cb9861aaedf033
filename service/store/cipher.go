package store

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/vod-reproduction/vod/service/asset"
)

// Cipher keeps the sealed key of the asset's encrypted outputs and returns the
// one that counts: an asset that has a key keeps it. asset.ErrStale as for every
// write of an attempt.
func (s *Store) Cipher(ctx context.Context, a asset.Attempt, sealed []byte) (kept []byte, err error) {
	err = s.writeAs(ctx, a, func(tx *writeTx) error {
		return tx.QueryRowContext(ctx, `UPDATE asset SET cipher = coalesce(cipher, $1) WHERE id = $2 RETURNING cipher`,
			sealed, a.Asset.ID).Scan(&kept)
	})
	if err != nil {
		return nil, fmt.Errorf("keep the key: %w", err)
	}
	return kept, nil
}

// HasSealedKeys reports whether any asset of any project has a sealed key.
func (s *Store) HasSealedKeys(ctx context.Context) (has bool, err error) {
	if err := s.read.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM asset WHERE cipher IS NOT NULL)`).Scan(&has); err != nil {
		return false, fmt.Errorf("look for sealed keys: %w", err)
	}
	return has, nil
}

// SealedKey returns what Cipher kept for an asset of a project; nil when the
// asset has no encrypted outputs. asset.ErrNotFound as for Get.
func (s *Store) SealedKey(ctx context.Context, project, id string) (sealed []byte, err error) {
	found, err := queryAll(ctx, s.read, func(r *sql.Rows) (key []byte, err error) {
		err = r.Scan(&key)
		return key, err
	}, `SELECT cipher FROM asset WHERE project_id = $1 AND id = $2`, project, id)
	switch {
	case err != nil:
		return nil, fmt.Errorf("read the key: %w", err)
	case len(found) == 0:
		return nil, asset.ErrNotFound
	}
	return found[0], nil
}
