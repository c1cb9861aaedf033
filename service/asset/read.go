package asset

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// Get gives one asset of a project, or ErrNotFound; an asset of another
// project is not found.
func (s *Store) Get(ctx context.Context, project, id string) (a Asset, err error) {
	err = s.snapshot(ctx, func(tx *sql.Tx) error {
		a, err = getAsset(ctx, tx, project, id)
		return err
	})
	return a, err
}

// List gives one page of the assets that match q, newest first, and how many
// match in all, counting no further than MaxTotal.
func (s *Store) List(ctx context.Context, q Query) (page []Asset, total int, err error) {
	switch {
	case q.Page < 0:
		return nil, 0, fmt.Errorf("list assets: page %d is negative", q.Page)
	case q.Size == 0:
		q.Size = DefaultPageSize
	case q.Size < 0, q.Size > MaxPageSize:
		return nil, 0, fmt.Errorf("list assets: size %d is not between 1 and %d", q.Size, MaxPageSize)
	}
	where, args := q.conditions()
	err = s.snapshot(ctx, func(tx *sql.Tx) error {
		if total, err = countAssets(ctx, tx, MaxTotal, where, args); err != nil {
			return err
		}
		page, err = selectAssets(ctx, tx, `WHERE `+where+` ORDER BY a.seq DESC LIMIT ? OFFSET ?`,
			append(args, q.Size, q.Page*q.Size)...)
		return err
	})
	return page, total, err
}

// Uncleaned gives up to limit assets, of any project, that have ended and that
// MarkCleaned was not called for: old attempts may have left objects behind. They
// come by id, from behind the id after, which is "" at first.
func (s *Store) Uncleaned(ctx context.Context, after string, limit int) (list []Asset, err error) {
	err = s.snapshot(ctx, func(tx *sql.Tx) error {
		list, err = selectAssets(ctx, tx, `WHERE a.id > ? AND a.cleaned = 0 AND a.state <> 'OBS_CREATING' ORDER BY a.id LIMIT ?`, after, limit)
		return err
	})
	return list, err
}

// conditions turns the query into SQL on the asset table named a.
func (q Query) conditions() (where string, args []any) {
	conds := []string{"a.project_id = ?"}
	args = append(args, q.ProjectID)
	add := func(cond string, values ...any) {
		conds = append(conds, cond)
		args = append(args, values...)
	}
	if len(q.IDs) > 0 {
		add("a.id IN ("+marks(len(q.IDs))+")", anys(q.IDs)...)
	}
	if len(q.States) > 0 {
		add("a.state IN ("+marks(len(q.States))+")", anys(q.States)...)
	}
	if len(q.Transcode) > 0 {
		add("coalesce((SELECT s.state FROM stage s WHERE s.asset_id = a.id AND s.name = 'transcode'), '') IN ("+
			marks(len(q.Transcode))+")", anys(q.Transcode)...)
	}
	if q.CategoryID != 0 {
		add("a.category_id = ?", q.CategoryID)
	}
	for _, tag := range q.Tags {
		add(`instr(',' || a.tags || ',', ',' || ? || ',') > 0`, tag)
	}
	if q.Text != "" {
		add(`(instr(lower(a.title), lower(?)) > 0 OR instr(lower(a.description), lower(?)) > 0)`, q.Text, q.Text)
	}
	if !q.From.IsZero() {
		add("a.created_at >= ?", q.From.UnixMilli())
	}
	if !q.To.IsZero() {
		add("a.created_at <= ?", q.To.UnixMilli())
	}
	return strings.Join(conds, " AND "), args
}

// querier is a *sql.DB or a *sql.Tx.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// countAssets counts no further than most, so that a large project costs no more.
func countAssets(ctx context.Context, q querier, most int, where string, args []any) (n int, err error) {
	err = q.QueryRowContext(ctx, `SELECT count(*) FROM (SELECT 1 FROM asset a WHERE `+where+` LIMIT ?)`,
		append(args, most)...).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count assets: %w", err)
	}
	return n, nil
}

// getAsset reads one asset, or ErrNotFound.
func getAsset(ctx context.Context, q querier, project, id string) (Asset, error) {
	list, err := selectAssets(ctx, q, `WHERE a.project_id = ? AND a.id = ?`, project, id)
	if err != nil {
		return Asset{}, err
	}
	if len(list) == 0 {
		return Asset{}, ErrNotFound
	}
	return list[0], nil
}

// selectAssets reads the assets of a query's tail, with their stages.
func selectAssets(ctx context.Context, q querier, tail string, args ...any) ([]Asset, error) {
	list, err := queryAll(ctx, q, scanAsset, `
		SELECT a.id, a.project_id, a.title, a.description, a.category_id, coalesce(c.name, ?), a.tags, a.video_type,
			a.source_bucket, a.source_key, a.source_region, a.storage_mode, a.output_bucket, a.output_path,
			a.auto_publish, a.plan, a.blocked, a.request, a.request_id, a.state, a.error_code, a.reason, a.attempt,
			a.media_bucket, a.media_key, a.media_size, a.media_sha256, a.media_etag, a.media_type, a.media_modified,
			a.created_at, a.updated_at, a.finished_at
		FROM asset a LEFT JOIN category c ON c.project_id = a.project_id AND c.id = a.category_id `+tail,
		append([]any{otherName}, args...)...)
	if err != nil {
		return nil, fmt.Errorf("read assets: %w", err)
	}
	if len(list) == 0 {
		return nil, nil
	}
	index := make(map[string]*Asset, len(list))
	ids := make([]any, len(list))
	for i := range list {
		index[list[i].ID], ids[i] = &list[i], list[i].ID
	}
	type row struct {
		id string
		Stage
	}
	stages, err := queryAll(ctx, q, func(r *sql.Rows) (s row, err error) {
		var started, ended int64
		err = r.Scan(&s.id, &s.Name, &s.State, &started, &ended, &s.Bytes, &s.Total, &s.Percent, &s.Error, &s.Result)
		if s.Total > 0 {
			s.Percent = int(100 * float64(s.Bytes) / float64(s.Total))
		}
		s.StartedAt, s.EndedAt = timeOf(started), timeOf(ended)
		return s, err
	}, `SELECT asset_id, name, state, started_at, ended_at, bytes, total, percent, error, result FROM stage
		WHERE asset_id IN (`+marks(len(ids))+`) ORDER BY ordinal`, ids...)
	if err != nil {
		return nil, fmt.Errorf("read stages: %w", err)
	}
	for _, s := range stages {
		a := index[s.id]
		a.Stages = append(a.Stages, s.Stage)
	}
	for i := range list {
		if err := list[i].Results.collect(list[i].Stages); err != nil {
			return nil, fmt.Errorf("asset %s: %w", list[i].ID, err)
		}
	}
	return list, nil
}

func scanAsset(r *sql.Rows) (a Asset, err error) {
	var m Media
	var plan string
	var modified, created, updated, finished int64
	err = r.Scan(&a.ID, &a.ProjectID, &a.Title, &a.Description, &a.CategoryID, &a.CategoryName, &a.Tags, &a.VideoType,
		&a.Source.Bucket, &a.Source.Key, &a.Source.Region, &a.StorageMode, &a.OutputBucket, &a.OutputPath,
		&a.AutoPublish, &plan, &a.Blocked, &a.Request, &a.RequestID, &a.State, &a.ErrorCode, &a.Reason, &a.Attempt,
		&m.Bucket, &m.Key, &m.Size, &m.SHA256, &m.ETag, &m.ContentType, &modified,
		&created, &updated, &finished)
	if err == nil {
		err = json.Unmarshal([]byte(plan), &a.Plan)
	}
	if m.ModTime = timeOf(modified); m.Key != "" {
		a.Media = &m
	}
	a.CreatedAt, a.UpdatedAt, a.FinishedAt = timeOf(created), timeOf(updated), timeOf(finished)
	return a, err
}

// queryAll reads every row before it returns, so that the connection is free
// for the next query.
func queryAll[T any](ctx context.Context, q querier, scan func(*sql.Rows) (T, error), query string, args ...any) ([]T, error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // its error is that of rows.Err
	var all []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, errors.Join(err, rows.Err())
		}
		all = append(all, v)
	}
	return all, rows.Err()
}

// marks gives n question marks for an IN list.
func marks(n int) string { return strings.TrimSuffix(strings.Repeat("?,", n), ",") }

func anys[T any](list []T) []any {
	all := make([]any, len(list))
	for i, v := range list {
		all[i] = v
	}
	return all
}
