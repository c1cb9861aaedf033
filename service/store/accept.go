package store

import (
	"bytes"
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/vod-reproduction/vod/service/asset"
)

// Accept records a request and queues its job in one transaction: both are
// there or neither is. With an idempotency key that the project used before, it
// returns that asset as it is now and replayed is true (nothing but the ID of an
// asset that was deleted), or
// asset.ErrIdempotencyMismatch when the body is another one. A bucket that is not
// authorized is an *asset.BucketError, an unknown category asset.ErrNoCategory.
// On SQLite, requests that come at the same time are committed together; each has its own outcome.
func (s *Store) Accept(ctx context.Context, n asset.New) (a asset.Asset, replayed bool, err error) {
	if n.CategoryID == 0 {
		n.CategoryID = asset.OtherCategory
	}
	update, writing := s.update, ctx
	if s.dialect.oneWriter {
		update, writing = s.updateTogether, context.WithoutCancel(ctx)
	}
	for {
		err = update(ctx, func(tx *writeTx) error {
			id, err := usedKey(writing, tx, n.ProjectID, n.Idempotency)
			if err != nil {
				return err
			}
			if replayed = id != ""; !replayed {
				if err := n.CheckBuckets(func(bucket string) (bool, error) {
					return authorized(writing, tx, n.ProjectID, bucket, s.dialect.forShare)
				}); err != nil {
					return err
				}
				id = newID()
				if err := s.insert(writing, tx, id, n); err != nil {
					return err
				}
			}
			a, err = accepted(writing, tx, n.ProjectID, id)
			return err
		})
		if !errors.Is(err, errKeyTaken) {
			break
		}
	}
	if err != nil {
		return asset.Asset{}, false, fmt.Errorf("accept: %w", err)
	}
	return a, replayed, nil
}

// Replay returns the asset that a project made before under an idempotency key,
// as Accept does; ok is false when there is none, and when the key is empty. It creates nothing.
// asset.ErrIdempotencyMismatch as for Accept.
func (s *Store) Replay(ctx context.Context, project string, key asset.Idempotency) (a asset.Asset, ok bool, err error) {
	if key.Key == "" {
		return asset.Asset{}, false, nil
	}
	err = s.snapshot(ctx, func(tx *sql.Tx) error {
		id, err := usedKey(ctx, tx, project, key)
		if err != nil || id == "" {
			return err
		}
		ok = true
		a, err = accepted(ctx, tx, project, id)
		return err
	})
	if err != nil {
		return asset.Asset{}, false, fmt.Errorf("replay: %w", err)
	}
	return a, ok, nil
}

// accepted returns an asset that was accepted now or before: its ID alone when it was deleted since.
func accepted(ctx context.Context, q querier, project, id string) (asset.Asset, error) {
	a, err := getAsset(ctx, q, project, id)
	if errors.Is(err, asset.ErrNotFound) {
		return asset.Asset{ID: id, ProjectID: project}, nil
	}
	return a, err
}

// usedKey returns the ID of the asset that a key already made, or "".
func usedKey(ctx context.Context, q querier, project string, key asset.Idempotency) (id string, err error) {
	if key.Key == "" {
		return "", nil
	}
	var sum []byte
	err = q.QueryRowContext(ctx,
		`SELECT asset_id, body_sha256 FROM idempotency WHERE project_id = $1 AND key = $2`, project, key.Key).Scan(&id, &sum)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return "", nil
	case err != nil:
		return "", fmt.Errorf("look up the idempotency key: %w", err)
	case !bytes.Equal(sum, key.BodySHA256[:]):
		return "", asset.ErrIdempotencyMismatch
	}
	return id, nil
}

// insert writes the asset, its stages, its key and its job.
func (s *Store) insert(ctx context.Context, tx *writeTx, id string, n asset.New) error {
	if n.CategoryID != asset.OtherCategory {
		if _, err := getCategory(ctx, tx, n.ProjectID, n.CategoryID, s.dialect.forShare); err != nil {
			return err
		}
	}
	plan, err := json.Marshal(n.Plan)
	if err != nil {
		return fmt.Errorf("write the plan: %w", err)
	}
	behind, err := tx.queued(ctx, n.ProjectID)
	if err != nil {
		return fmt.Errorf("count what the project has queued: %w", err)
	}
	contended := false
	if behind == 0 {
		if err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM asset WHERE state = 'OBS_CREATING' AND project_id <> $1)`,
			n.ProjectID).Scan(&contended); err != nil {
			return fmt.Errorf("look for the work of others: %w", err)
		}
	}
	job, err := s.queue.Enqueue(ctx, tx.Tx, Job{Kind: JobProcess, ID: id, Project: n.ProjectID, Behind: behind, Contended: contended})
	if err != nil {
		return fmt.Errorf("queue the job: %w", err)
	}
	now := s.now()
	if _, err := tx.ExecContext(ctx, `
		INSERT INTO asset (id, project_id, job_id, title, description, category_id, tags, video_type,
			source_bucket, source_key, source_region, storage_mode, output_bucket, output_path,
			auto_publish, plan, request, request_id, state, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $20)`,
		id, n.ProjectID, job, n.Title, n.Description, n.CategoryID, n.Tags, n.VideoType,
		n.Source.Bucket, n.Source.Key, n.Source.Region, n.StorageMode, n.OutputBucket, n.OutputPath,
		flag(n.AutoPublish), string(plan), nonNil(n.Request), n.RequestID, asset.Creating, now); err != nil {
		return fmt.Errorf("insert the asset: %w", err)
	}
	var rows []string
	args := params{id, asset.StageWaiting}
	for _, name := range n.Stages() {
		rows = append(rows, "($1, "+args.add(name)+", $2)")
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO stage (asset_id, name, state) VALUES `+strings.Join(rows, ", "), args...); err != nil {
		return fmt.Errorf("insert the stages: %w", err)
	}
	if n.Idempotency.Key != "" {
		result, err := tx.ExecContext(ctx, `
			INSERT INTO idempotency (project_id, key, body_sha256, asset_id) VALUES ($1, $2, $3, $4)
			ON CONFLICT (project_id, key) DO NOTHING`, n.ProjectID, n.Idempotency.Key, n.Idempotency.BodySHA256[:], id)
		if err != nil {
			return fmt.Errorf("insert the idempotency key: %w", err)
		}
		switch ok, err := changed(result); {
		case err != nil:
			return err
		case !ok:
			return errKeyTaken
		}
	}
	return nil
}

// queued counts the unfinished assets of a project, up to mostBehind, before one more is inserted. Writes that share a transaction
// count once: one that is undone then stays counted by those after it, which only places their jobs.
func (tx *writeTx) queued(ctx context.Context, project string) (n int, err error) {
	n, counted := tx.unfinished[project]
	if !counted {
		err = tx.QueryRowContext(ctx, `SELECT count(*) FROM (SELECT 1 FROM asset WHERE project_id = $1 AND state = $2 LIMIT $3) AS unfinished`,
			project, asset.Creating, mostBehind).Scan(&n)
	}
	if tx.unfinished != nil && err == nil {
		tx.unfinished[project] = n + 1
	}
	return n, err
}

// errKeyTaken means that another request with the same key was recorded since
// this transaction looked for one; the next look finds it.
var errKeyTaken = errors.New("the idempotency key was taken meanwhile")

// newID returns an ID that cannot be guessed.
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
