package asset

import (
	"bytes"
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
)

// Accept records a request and queues its job in one transaction: both are
// there or neither is. With an IdempotencyKey that the project used before,
// it gives that asset as it is now and replayed is true, or
// ErrIdempotencyMismatch when BodySHA256 differs. ErrNoCategory means that the
// category is unknown.
func (s *Store) Accept(ctx context.Context, n New) (a Asset, replayed bool, err error) {
	if n.CategoryID == 0 {
		n.CategoryID = OtherCategory
	}
	err = s.inTx(ctx, func(tx *sql.Tx) error {
		id, err := usedKey(ctx, tx, n)
		if err != nil {
			return err
		}
		if replayed = id != ""; !replayed {
			if id, err = s.insert(ctx, tx, n); err != nil {
				return err
			}
		}
		a, err = getAsset(ctx, tx, n.ProjectID, id)
		return err
	})
	if err != nil {
		return Asset{}, false, fmt.Errorf("accept: %w", err)
	}
	return a, replayed, nil
}

// usedKey gives the id of the asset that n's key already made, or "".
func usedKey(ctx context.Context, q querier, n New) (id string, err error) {
	if n.IdempotencyKey == "" {
		return "", nil
	}
	var sum []byte
	err = q.QueryRowContext(ctx,
		`SELECT asset_id, body_sha256 FROM idempotency WHERE project_id = ? AND key = ?`,
		n.ProjectID, n.IdempotencyKey).Scan(&id, &sum)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return "", nil
	case err != nil:
		return "", fmt.Errorf("look up the idempotency key: %w", err)
	case !bytes.Equal(sum, n.BodySHA256[:]):
		return "", ErrIdempotencyMismatch
	}
	return id, nil
}

// insert writes the asset, its stages, its key and its job.
func (s *Store) insert(ctx context.Context, tx *sql.Tx, n New) (id string, err error) {
	if n.CategoryID != OtherCategory {
		if _, err := getCategory(ctx, tx, n.ProjectID, n.CategoryID); err != nil {
			return "", err
		}
	}
	plan, err := json.Marshal(n.Plan)
	if err != nil {
		return "", fmt.Errorf("write the plan: %w", err)
	}
	id = newID()
	job, err := s.river.InsertTx(ctx, tx, jobArgs{AssetID: id}, nil)
	if err != nil {
		return "", fmt.Errorf("queue the job: %w", err)
	}
	now := s.now()
	if _, err := tx.ExecContext(ctx, `
		INSERT INTO asset (id, project_id, job_id, title, description, category_id, tags, video_type,
			source_bucket, source_key, source_region, storage_mode, output_bucket, output_path,
			auto_publish, plan, request, request_id, state, created_at, updated_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		id, n.ProjectID, job.Job.ID, n.Title, n.Description, n.CategoryID, n.Tags, n.VideoType,
		n.Source.Bucket, n.Source.Key, n.Source.Region, n.StorageMode, n.OutputBucket, n.OutputPath,
		n.AutoPublish, string(plan), nonNil(n.Request), n.RequestID, Creating, now, now); err != nil {
		return "", fmt.Errorf("insert the asset: %w", err)
	}
	for _, name := range n.stages() {
		if _, err := tx.ExecContext(ctx,
			`INSERT INTO stage (asset_id, name, state) VALUES (?, ?, ?)`, id, name, StageWaiting); err != nil {
			return "", fmt.Errorf("insert stage %s: %w", name, err)
		}
	}
	if n.IdempotencyKey != "" {
		if _, err := tx.ExecContext(ctx,
			`INSERT INTO idempotency (project_id, key, body_sha256, asset_id) VALUES (?, ?, ?, ?)`,
			n.ProjectID, n.IdempotencyKey, n.BodySHA256[:], id); err != nil {
			return "", fmt.Errorf("insert the idempotency key: %w", err)
		}
	}
	return id, nil
}

// newID makes an asset id that cannot be guessed.
func newID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails: it ends the program instead
	return hex.EncodeToString(b[:])
}

// nonNil keeps an absent blob from becoming NULL.
func nonNil(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}
