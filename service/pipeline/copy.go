package pipeline

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"

	"github.com/vod-reproduction/vod/service/asset"
	"github.com/vod-reproduction/vod/service/object"
)

// cursor is what the next attempt needs to go on with this copy.
type cursor struct {
	Source object.Info   `json:"source"` // the version that is being copied
	Key    string        `json:"key"`    // where to, in the service's bucket
	Parts  object.Cursor `json:"parts"`
	Copied bool          `json:"copied"` // the copy is complete, but not verified
}

// copy brings the source into the service's bucket and gives the copy.
func (r *Runner) copy(ctx context.Context, a asset.Attempt, source object.Info) (object.Info, error) {
	stage, err := r.begin(ctx, a, asset.StageCopy, source.Size)
	if err != nil {
		return object.Info{}, err
	}
	at, err := r.resume(ctx, a, source)
	if err != nil {
		return object.Info{}, err
	}
	result, err := r.copied(ctx, at)
	if err != nil {
		return object.Info{}, err
	}
	if result.Key == "" {
		result, err = r.objects.Copy(ctx, source, r.cfg.Bucket, at.Key, at.Parts, func(ctx context.Context, parts object.Cursor) error {
			at.Parts = parts
			return r.save(ctx, a, at)
		})
		if err != nil {
			return object.Info{}, r.copyFailure(ctx, a, at, err)
		}
		at.Copied = true
		if err := r.save(ctx, a, at); err != nil {
			return object.Info{}, err
		}
	}
	return result, stage.done(ctx)
}

// resume gives the cursor of an earlier attempt if the source is still the one
// that was copied; otherwise that copy is dropped and a new one begins.
func (r *Runner) resume(ctx context.Context, a asset.Attempt, source object.Info) (*cursor, error) {
	fresh := &cursor{Source: source, Key: keyOf(a.Asset, a.Number)}
	if len(a.Cursor) == 0 {
		return fresh, nil
	}
	var earlier cursor
	if err := json.Unmarshal(a.Cursor, &earlier); err != nil {
		r.cfg.Log.LogAttrs(ctx, slog.LevelWarn, "the cursor cannot be read; the copy begins again",
			slog.String("asset_id", a.Asset.ID), slog.Any("error", err))
		return fresh, nil
	}
	if !same(earlier.Source, source) {
		r.cfg.Log.LogAttrs(ctx, slog.LevelInfo, "the source was replaced; the copy begins again", slog.String("asset_id", a.Asset.ID))
		return fresh, r.drop(ctx, a, &earlier)
	}
	return &earlier, nil
}

// copied gives the finished copy of an earlier attempt, or the zero Info.
func (r *Runner) copied(ctx context.Context, at *cursor) (object.Info, error) {
	if !at.Copied {
		return object.Info{}, nil
	}
	result, err := r.objects.Stat(ctx, r.cfg.Bucket, at.Key)
	switch {
	case errors.Is(err, object.ErrNotFound), err == nil && result.Size != at.Source.Size:
		return object.Info{}, nil // not ours any more: copy again
	case err != nil:
		return object.Info{}, ownFailure(err)
	}
	return result, nil
}

// drop forgets a copy that no attempt may go on with. The cursor goes first: an
// object without a cursor is a leftover, a cursor without an object misleads.
func (r *Runner) drop(ctx context.Context, a asset.Attempt, at *cursor) error {
	if err := r.record.SaveCursor(ctx, a, nil); err != nil {
		return err
	}
	if err := r.objects.Delete(ctx, r.cfg.Bucket, at.Key); err != nil {
		r.cfg.Log.LogAttrs(ctx, slog.LevelWarn, "a dropped copy could not be removed; retrying when the asset ends",
			slog.String("asset_id", a.Asset.ID), slog.String("key", at.Key), slog.Any("error", err))
	}
	return nil
}

func (r *Runner) save(ctx context.Context, a asset.Attempt, at *cursor) error {
	text, err := json.Marshal(at)
	if err != nil {
		return fmt.Errorf("write the cursor: %w", err)
	}
	return r.record.SaveCursor(ctx, a, text)
}

// copyFailure finds out which side of a copy failed: a copy names two objects,
// and its error may mean either.
func (r *Runner) copyFailure(ctx context.Context, a asset.Attempt, at *cursor, err error) error {
	switch {
	case errors.Is(err, object.ErrChanged):
		return errors.Join(sourceFailure(a.Asset.Source, err), r.drop(ctx, a, at))
	case errors.Is(err, object.ErrArchived), errors.Is(err, object.ErrTooLarge):
		return sourceFailure(a.Asset.Source, err)
	}
	if _, e := r.objects.Stat(ctx, a.Asset.Source.Bucket, a.Asset.Source.Key); e != nil {
		return sourceFailure(a.Asset.Source, e)
	}
	return ownFailure(err)
}

// same reports whether two descriptions are of one version of an object.
func same(a, b object.Info) bool {
	return a.Bucket == b.Bucket && a.Key == b.Key && a.Size == b.Size && a.ETag == b.ETag && a.ModTime.Equal(b.ModTime)
}
