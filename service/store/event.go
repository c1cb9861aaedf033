package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/vod-reproduction/vod/service/asset"
)

// emit records an event and queues its delivery, where someone wants it and it did not happen before.
func (s *Store) emit(ctx context.Context, tx *writeTx, a asset.Asset, t asset.EventType, succeeded bool) error {
	if !s.cfg.Wants(a.ProjectID, t) {
		return nil
	}
	id := s.newID()
	written, err := tx.ExecContext(ctx,
		`INSERT INTO event (id, asset_id, type, succeeded, created_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (asset_id, type) DO NOTHING`,
		id, a.ID, t, flag(succeeded), s.now())
	if err != nil {
		return fmt.Errorf("record event %s: %w", t, err)
	}
	if fresh, err := changed(written); err != nil || !fresh {
		return err
	}
	if _, err := s.enqueue(ctx, tx, Job{Kind: JobWebhook, ID: id, Project: a.ProjectID}); err != nil {
		return fmt.Errorf("queue event %s: %w", t, err)
	}
	return nil
}

// emitFailure records that an asset fails, and which stage failed it.
func (s *Store) emitFailure(ctx context.Context, tx *writeTx, a asset.Asset) error {
	running, err := queryAll(ctx, tx, func(r *sql.Rows) (name string, err error) {
		err = r.Scan(&name)
		return name, err
	}, `SELECT name FROM stage WHERE asset_id = $1 AND state = $2`, a.ID, asset.StageRunning)
	if err != nil {
		return err
	}
	for _, name := range running {
		if event, ok := asset.EventOf(name); ok {
			if err := s.emit(ctx, tx, a, event, false); err != nil {
				return err
			}
		}
	}
	return s.emit(ctx, tx, a, asset.EventCreated, false)
}

// Event returns an event and the asset that it happened to, as it is now;
// asset.ErrNotFound when what it reports was undone.
func (s *Store) Event(ctx context.Context, id string) (e asset.Event, a asset.Asset, err error) {
	e.ID = id
	var at int64
	var project, assetID string
	err = s.snapshot(ctx, func(tx *sql.Tx) error {
		err := tx.QueryRowContext(ctx, `
			SELECT e.type, e.succeeded, e.created_at, a.project_id, a.id
			FROM event e JOIN asset a ON a.id = e.asset_id WHERE e.id = $1`, id).Scan(&e.Type, &e.Succeeded, &at, &project, &assetID)
		if errors.Is(err, sql.ErrNoRows) {
			return asset.ErrNotFound
		}
		if err == nil {
			a, err = getAsset(ctx, tx, project, assetID)
		}
		return err
	})
	if err != nil {
		return asset.Event{}, asset.Asset{}, fmt.Errorf("read event %s: %w", id, err)
	}
	e.At = timeOf(at)
	return e, a, nil
}

// MarkDelivered notes that the owner of the asset knows of an event.
func (s *Store) MarkDelivered(ctx context.Context, id string) error {
	if _, err := s.write.ExecContext(ctx, `UPDATE event SET delivered_at = $1 WHERE id = $2`, s.now(), id); err != nil {
		return fmt.Errorf("mark event %s as delivered: %w", id, err)
	}
	return nil
}
