package store

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/vod-reproduction/vod/service/asset"
)

// Accept records a request and queues its job in one transaction: both are there or neither is. It returns the ID of the
// asset. With an idempotency key that the project used before, this is the asset of then, which may be deleted, and replayed
// is true; or asset.ErrIdempotencyMismatch when the body is another one. A bucket that is not authorized is an
// *asset.BucketError, an unknown category asset.ErrNoCategory. Requests that come at the same time are committed together; each
// has its own outcome. Where ctx ends while a PostgreSQL server is at work on the request, it may be accepted nevertheless, as
// its key then shows. What n refers to must not be changed afterwards.
func (s *Store) Accept(ctx context.Context, n asset.New) (id string, replayed bool, err error) {
	if n.CategoryID == 0 {
		n.CategoryID = asset.OtherCategory
	}
	r := &acceptance{New: n}
	if err = s.acceptTogether(ctx, r); err == nil {
		err = r.refused
	}
	if err != nil {
		return "", false, fmt.Errorf("accept: %w", err)
	}
	return r.id, r.replayed, nil
}

// Replay returns the ID of the asset that a project made before under an idempotency key, as Accept does; "" when there is
// none, and when the key is empty. It creates nothing. asset.ErrIdempotencyMismatch as for Accept.
func (s *Store) Replay(ctx context.Context, project string, key asset.Idempotency) (id string, err error) {
	if id, err = usedKey(ctx, s.read, project, key); err != nil {
		return "", fmt.Errorf("replay: %w", err)
	}
	return id, nil
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

// acceptance is a request on its way into the database.
type acceptance struct {
	asset.New
	id       string // of its asset
	replayed bool   // a former request made that
	refused  error  // why nothing of it is recorded

	// What becomes of a request that shares its transaction.
	err    error
	undone bool          // with all others: one of them failed
	done   chan struct{} // closed once the request is committed or undone
}

func (s *Store) acceptAlone(ctx context.Context, r *acceptance) error {
	return s.update(ctx, func(tx *writeTx) error { return s.acceptAll(ctx, tx, []*acceptance{r}) })
}

// acceptAll records those of some requests that are neither refused nor replayed. After an error all are to be undone,
// whichever of them it is of.
func (s *Store) acceptAll(ctx context.Context, tx *writeTx, requests []*acceptance) error {
	var fresh []*acceptance
	authorized := map[[2]string]bool{}
	for _, r := range requests {
		err := s.claim(ctx, tx, r, authorized)
		switch {
		case refusal(err):
			r.refused = err
		case err != nil:
			return err
		case !r.replayed:
			fresh = append(fresh, r)
		}
	}
	return s.insert(ctx, tx, fresh)
}

// refusal reports whether an error is the outcome of a request, and not a fault of the database.
func refusal(err error) bool {
	_, bucket := errors.AsType[*asset.BucketError](err)
	return bucket || errors.Is(err, asset.ErrNoCategory) || errors.Is(err, asset.ErrIdempotencyMismatch)
}

// claim takes the key of a request that is to be recorded, or finds the asset that was made under it.
func (s *Store) claim(ctx context.Context, tx *writeTx, r *acceptance, authorized map[[2]string]bool) error {
	r.id, r.replayed, r.refused = s.newID(), false, nil
	refused := s.check(ctx, tx, r.New, authorized)
	if r.Idempotency.Key == "" || refused != nil && !refusal(refused) {
		return refused
	}
	if refused == nil {
		result, err := tx.ExecContext(ctx, `
			INSERT INTO idempotency (project_id, key, body_sha256, asset_id) VALUES ($1, $2, $3, $4)
			ON CONFLICT (project_id, key) DO NOTHING`, r.ProjectID, r.Idempotency.Key, r.Idempotency.BodySHA256[:], r.id)
		if err != nil {
			return fmt.Errorf("insert the idempotency key: %w", err)
		}
		if ok, err := changed(result); err != nil || ok {
			return err
		}
	}
	id, err := usedKey(ctx, tx, r.ProjectID, r.Idempotency) // a repetition takes precedence
	if err != nil || id == "" {
		return cmp.Or(err, refused, errors.New("the idempotency key is neither free nor used"))
	}
	r.id, r.replayed = id, true
	return nil
}

// check returns why a request is refused. authorized is what the transaction knows of buckets, by project.
func (s *Store) check(ctx context.Context, tx *writeTx, n asset.New, authorized map[[2]string]bool) error {
	if err := n.CheckBuckets(func(bucket string) (open bool, err error) {
		if open = authorized[[2]string{n.ProjectID, bucket}]; !open {
			open, err = bucketAuthorized(ctx, tx, n.ProjectID, bucket, s.dialect.forShare)
			authorized[[2]string{n.ProjectID, bucket}] = open
		}
		return open, err
	}); err != nil {
		return err
	}
	return s.checkCategory(ctx, tx, n)
}

// checkCategory returns asset.ErrNoCategory for a category that the project does not have, and holds one that it has.
func (s *Store) checkCategory(ctx context.Context, tx *writeTx, n asset.New) error {
	if n.CategoryID == asset.OtherCategory {
		return nil
	}
	_, err := getCategory(ctx, tx, n.ProjectID, n.CategoryID, s.dialect.forShare)
	return err
}

// insert writes the assets of requests, with their stages and jobs.
func (s *Store) insert(ctx context.Context, tx *writeTx, requests []*acceptance) error {
	jobs, err := newJobs(ctx, tx, requests)
	if err != nil {
		return err
	}
	ids, err := s.queue.Enqueue(ctx, tx.Tx, jobs...)
	if err != nil {
		return fmt.Errorf("queue the jobs: %w", err)
	}
	assets, stages := make([][]any, len(requests)), [][]any{}
	now := s.now()
	for i, r := range requests {
		plan, err := json.Marshal(r.Plan)
		if err != nil {
			return fmt.Errorf("write the plan: %w", err)
		}
		assets[i] = []any{
			r.id, r.ProjectID, ids[i], r.Title, r.Description, r.CategoryID, r.Tags, r.VideoType,
			r.Source.Bucket, r.Source.Key, r.Source.Region, r.StorageMode, r.OutputBucket, r.OutputPath,
			flag(r.AutoPublish), string(plan), nonNil(r.Request), r.RequestID, asset.Creating, now, now,
		}
		for _, name := range r.Stages() {
			stages = append(stages, []any{r.id, name, asset.StageWaiting})
		}
	}
	if err := s.dialect.insertRows(ctx, tx, `asset (id, project_id, job_id, title, description, category_id, tags, video_type,
		source_bucket, source_key, source_region, storage_mode, output_bucket, output_path,
		auto_publish, plan, request, request_id, state, created_at, updated_at)`, assets); err != nil {
		return fmt.Errorf("insert the assets: %w", err)
	}
	if err := s.dialect.insertRows(ctx, tx, `stage (asset_id, name, state)`, stages); err != nil {
		return fmt.Errorf("insert the stages: %w", err)
	}
	return nil
}

// newJobs returns the jobs of requests that are about to be inserted.
func newJobs(ctx context.Context, tx *writeTx, requests []*acceptance) ([]Job, error) {
	jobs := make([]Job, len(requests))
	unfinished := map[string]int{} // by project, counted up to mostBehind, with those of these requests
	for i, r := range requests {
		behind, counted := unfinished[r.ProjectID]
		if !counted {
			if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM (SELECT 1 FROM asset WHERE project_id = $1 AND state = $2 LIMIT $3) AS unfinished`,
				r.ProjectID, asset.Creating, mostBehind).Scan(&behind); err != nil {
				return nil, fmt.Errorf("count what the project has queued: %w", err)
			}
		}
		contended := behind == 0 && len(unfinished) > 0
		if behind == 0 && !contended {
			if err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM asset WHERE state = 'OBS_CREATING' AND project_id <> $1)`,
				r.ProjectID).Scan(&contended); err != nil {
				return nil, fmt.Errorf("look for the work of others: %w", err)
			}
		}
		unfinished[r.ProjectID] = behind + 1
		jobs[i] = Job{Kind: JobProcess, ID: r.id, Project: r.ProjectID, Behind: behind, Contended: contended}
	}
	return jobs, nil
}

// newID returns an ID of which 80 bits cannot be guessed. Before them stands the time, in milliseconds: what is made at one
// time then stands together in each index, instead of on as many pages as there are rows.
func (s *Store) newID() string {
	var id [16]byte
	binary.BigEndian.PutUint64(id[:], uint64(s.now())<<16) // the time fits into six bytes
	_, _ = rand.Read(id[6:])                               // never fails: it ends the program instead
	return hex.EncodeToString(id[:])
}

// nonNil keeps an absent blob from becoming NULL.
func nonNil(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}
