package pipeline

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"golang.org/x/sync/errgroup"

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

// copy brings the source into the service's bucket and returns the copy.
func (w *attempt) copy(ctx context.Context, source object.Info) (object.Info, error) {
	stage, err := w.begin(ctx, asset.StageCopy, source.Size)
	if err != nil {
		return object.Info{}, err
	}
	at, err := w.resume(ctx, source)
	if err != nil {
		return object.Info{}, err
	}
	result, err := w.copied(ctx, at)
	if err != nil {
		return object.Info{}, err
	}
	if result.Key == "" {
		if w.cfg.Embedded {
			if err := w.reserve(source.Size); err != nil {
				return object.Info{}, err
			}
			defer w.disk.settle(w, source.Size)
		}
		result, err = w.objects.Copy(ctx, source, w.cfg.Bucket, at.Key, at.Parts, func(ctx context.Context, parts object.Cursor) error {
			at.Parts = parts
			return w.save(ctx, at)
		})
		if err != nil {
			return object.Info{}, w.copyFailure(ctx, at, err)
		}
		at.Copied = true
		if err := w.save(ctx, at); err != nil {
			return object.Info{}, err
		}
	}
	return result, stage.done(ctx)
}

// resume returns the cursor of an earlier attempt if the source is still the one
// that was copied; otherwise that copy is dropped and a new one begins.
func (w *attempt) resume(ctx context.Context, source object.Info) (*cursor, error) {
	fresh := &cursor{Source: source, Key: keyOf(w.Asset, w.Number)}
	if len(w.Cursor) == 0 {
		return fresh, nil
	}
	var earlier cursor
	if err := json.Unmarshal(w.Cursor, &earlier); err != nil {
		w.cfg.Log.LogAttrs(ctx, slog.LevelWarn, "the cursor cannot be read; the copy begins again",
			slog.String("asset_id", w.Asset.ID), slog.Any("error", err))
		return fresh, nil
	}
	if !same(earlier.Source, source) {
		w.cfg.Log.LogAttrs(ctx, slog.LevelInfo, "the source was replaced; the copy begins again", slog.String("asset_id", w.Asset.ID))
		return fresh, w.drop(ctx, &earlier)
	}
	return &earlier, nil
}

// copied returns the finished copy of an earlier attempt, or the zero Info.
func (w *attempt) copied(ctx context.Context, at *cursor) (object.Info, error) {
	if !at.Copied {
		return object.Info{}, nil
	}
	result, err := w.objects.Stat(ctx, w.cfg.Bucket, at.Key)
	switch {
	case errors.Is(err, object.ErrNotFound), err == nil && result.Size != at.Source.Size:
		return object.Info{}, nil // not ours any more: copy again
	case err != nil:
		return object.Info{}, ownFailure(err)
	}
	return result, nil
}

// drop forgets a copy that no attempt may go on with. The cursor is removed first: an
// object without a cursor is an orphan, a cursor without an object misleads.
func (w *attempt) drop(ctx context.Context, at *cursor) error {
	if err := w.assets.SaveCursor(ctx, w.Attempt, nil); err != nil {
		return err
	}
	if err := w.objects.Delete(ctx, w.cfg.Bucket, at.Key); err != nil {
		w.cfg.Log.LogAttrs(ctx, slog.LevelWarn, "a dropped copy could not be removed; retrying when the asset ends",
			slog.String("asset_id", w.Asset.ID), slog.String("key", at.Key), slog.Any("error", err))
	}
	return nil
}

func (w *attempt) save(ctx context.Context, at *cursor) error {
	text, err := json.Marshal(at)
	if err != nil {
		return fmt.Errorf("write the cursor: %w", err)
	}
	return w.assets.SaveCursor(ctx, w.Attempt, text)
}

// copyFailure finds out which side of a copy failed: a copy names two objects,
// and its error may mean either.
func (w *attempt) copyFailure(ctx context.Context, at *cursor, err error) error {
	switch {
	case errors.Is(err, object.ErrChanged):
		return errors.Join(w.sourceFailure(err), w.drop(ctx, at))
	case errors.Is(err, object.ErrArchived), errors.Is(err, object.ErrTooLarge):
		return w.sourceFailure(err)
	}
	if _, e := w.objects.Stat(ctx, w.Asset.Source.Bucket, w.Asset.Source.Key); e != nil {
		return w.sourceFailure(e)
	}
	return ownFailure(err)
}

// same reports whether two descriptions are of one version of an object.
func same(a, b object.Info) bool {
	return a.Bucket == b.Bucket && a.Key == b.Key && a.Size == b.Size && a.ETag == b.ETag && a.ModTime.Equal(b.ModTime)
}

// readSize is how much is read from the store at a time, in bytes.
const readSize = 256 << 10

// verify reads the source and the copy from end to end and completes the media with
// their common SHA-256. It reads one of them where the source itself is the result, or
// where the store has the same checksum of both. The bytes stay on this machine for the
// stages that follow. A copy that differs is dropped, so that the next attempt makes
// another one.
func (w *attempt) verify(ctx context.Context, source, result object.Info) error {
	line, err := w.begin(ctx, asset.StageVerify, source.Size)
	if err != nil {
		return err
	}
	local, err := w.keep(source.Size)
	if err != nil {
		return err
	}
	defer func() { _ = local.Close() }() // closed before it counts
	var want, got string
	isCopy := result.Bucket != source.Bucket || result.Key != source.Key
	compares := isCopy
	kept, failure := source, w.sourceFailure
	if isCopy && w.objects.SameSum(ctx, source, result) {
		compares, kept, failure = false, result, ownFailure // the source may be another one by now
	}
	both, reading := errgroup.WithContext(ctx)
	both.Go(func() (err error) {
		if want, err = w.sum(reading, kept, local, line.advance); err != nil {
			return failure(err)
		}
		return nil
	})
	if compares {
		both.Go(func() (err error) {
			if got, err = w.sum(reading, result, io.Discard, uncounted); err != nil {
				return ownFailure(err)
			}
			return nil
		})
	}
	err = both.Wait()
	if compares && err == nil && got != want {
		err = fmt.Errorf("source has SHA-256 %s, copy has %s: %w", want, got, errDiffers)
		err = asset.Temporary(asset.CodeInternal, "The copy differed from its source, so it was not used.", err)
	}
	if isCopy && (errors.Is(err, errDiffers) || errors.Is(err, object.ErrChanged)) {
		return errors.Join(err, w.drop(ctx, &cursor{Key: result.Key}))
	}
	if err != nil {
		return err
	}
	if err := local.Close(); err != nil {
		return err
	}
	w.scratch.loaded = w.keeps()
	w.media = asset.Media{Bucket: result.Bucket, Key: result.Key, Size: result.Size, SHA256: want,
		ETag: result.ETag, ModTime: result.ModTime, ContentType: source.ContentType}
	return line.complete(ctx, w.media, nil)
}

// errDiffers says that a copy is not what was copied.
var errDiffers = errors.New("the copy differs")

// sum reads exactly the version of an object that info describes and writes it
// to to as well; advance is called for every piece.
func (w *attempt) sum(ctx context.Context, info object.Info, to io.Writer, advance func(context.Context, int64) error) (_ string, err error) {
	body, now, err := w.objects.Open(ctx, info.Bucket, info.Key, object.Range{}, info.ETag)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, body.Close()) }()
	if !same(now, info) {
		return "", fmt.Errorf("%s in %s: %w", info.Key, info.Bucket, object.ErrChanged)
	}
	hash := sha256.New()
	for piece := make([]byte, readSize); ; {
		n, err := body.Read(piece)
		hash.Write(piece[:n])
		if _, e := to.Write(piece[:n]); e != nil {
			return "", scratchFailure(e)
		}
		if e := advance(ctx, int64(n)); e != nil {
			return "", e
		}
		if err == io.EOF {
			return hex.EncodeToString(hash.Sum(nil)), nil
		}
		if err != nil {
			return "", err
		}
	}
}
