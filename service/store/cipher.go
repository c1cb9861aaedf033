package store

import (
	"context"
	"database/sql"
	"errors"
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

// KeyCheck keeps what was sealed to recognize the right key by, and returns what
// counts: what was kept first. sealed may be nil: then nothing is kept, and the
// result is nil when nothing was before.
func (s *Store) KeyCheck(ctx context.Context, sealed []byte) (kept []byte, err error) {
	err = s.update(ctx, func(tx *writeTx) error {
		if sealed != nil {
			if _, err := tx.ExecContext(ctx, `INSERT INTO keyring (id, sealed) VALUES (1, $1) ON CONFLICT (id) DO NOTHING`, sealed); err != nil {
				return err
			}
		}
		err := tx.QueryRowContext(ctx, `SELECT sealed FROM keyring`).Scan(&kept)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("look for the check of the key: %w", err)
	}
	return kept, nil
}

// AnySealedKey returns the sealed key of an asset of any project; sealed is nil
// when none has one.
func (s *Store) AnySealedKey(ctx context.Context) (id string, sealed []byte, err error) {
	err = s.read.QueryRowContext(ctx, `SELECT id, cipher FROM asset WHERE cipher IS NOT NULL ORDER BY id LIMIT 1`).Scan(&id, &sealed)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", nil, fmt.Errorf("look for sealed keys: %w", err)
	}
	return id, sealed, nil
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
