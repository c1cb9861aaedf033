package asset

import (
	"context"
	"database/sql"
	"fmt"
)

// Replay gives the asset that the project made before under n's IdempotencyKey; ok is false when there is none. It
// creates nothing. ErrIdempotencyMismatch as for Accept.
func (s *Store) Replay(ctx context.Context, n New) (a Asset, ok bool, err error) {
	err = s.snapshot(ctx, func(tx *sql.Tx) error {
		id, err := usedKey(ctx, tx, n)
		if err != nil || id == "" {
			return err
		}
		ok = true
		a, err = getAsset(ctx, tx, n.ProjectID, id)
		return err
	})
	if err != nil {
		return Asset{}, false, fmt.Errorf("replay: %w", err)
	}
	return a, ok, nil
}

// Published gives the asset of any project whose media may be fetched by everyone; ErrNotFound for all others.
func (s *Store) Published(ctx context.Context, id string) (a Asset, err error) {
	err = s.snapshot(ctx, func(tx *sql.Tx) error {
		list, err := selectAssets(ctx, tx, `WHERE a.id = ? AND a.state = ?`, id, Published)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			return ErrNotFound
		}
		a = list[0]
		return nil
	})
	return a, err
}

// Ping tells whether the record can be read.
func (s *Store) Ping(ctx context.Context) error {
	if err := s.read.PingContext(ctx); err != nil {
		return fmt.Errorf("reach the record: %w", err)
	}
	return nil
}
