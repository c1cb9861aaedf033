package pipeline

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"golang.org/x/sync/errgroup"

	"github.com/vod-reproduction/vod/service/asset"
	"github.com/vod-reproduction/vod/service/object"
)

// readSize is how much is read from the store at a time, in bytes.
const readSize = 256 << 10

// verify reads the source, and the copy unless the source itself is the
// result, from end to end and completes the media with their common SHA-256. The
// bytes stay on this machine for the stages that follow. A copy that differs is
// dropped, so that the next attempt makes another one.
func (w *attempt) verify(ctx context.Context, source, result object.Info) error {
	line, err := w.begin(ctx, w.Attempt, asset.StageVerify, source.Size)
	if err != nil {
		return err
	}
	local, err := w.keep(source.Size)
	if err != nil {
		return err
	}
	defer func() { _ = local.Close() }() // closed before it counts
	var want, got string
	both, reading := errgroup.WithContext(ctx)
	both.Go(func() (err error) {
		if want, err = w.sum(reading, source, local, line.advance); err != nil {
			return sourceFailure(w.Asset.Source, err)
		}
		return nil
	})
	isCopy := result.Bucket != source.Bucket || result.Key != source.Key
	if isCopy {
		both.Go(func() (err error) {
			if got, err = w.sum(reading, result, io.Discard, uncounted); err != nil {
				return ownFailure(err)
			}
			return nil
		})
	}
	err = both.Wait()
	if err == nil && isCopy && got != want {
		err = fmt.Errorf("source has SHA-256 %s, copy has %s: %w", want, got, errDiffers)
		err = asset.Temporary(codeInternal, "The copy differed from its source, so it was not used.", err)
	}
	if isCopy && (errors.Is(err, errDiffers) || errors.Is(err, object.ErrChanged)) {
		return errors.Join(err, w.drop(ctx, w.Attempt, &cursor{Key: result.Key}))
	}
	if err != nil {
		return err
	}
	if err := local.Close(); err != nil {
		return scratchFailure(err)
	}
	w.scratch.loaded = w.keeps()
	w.media = asset.Media{Bucket: result.Bucket, Key: result.Key, Size: result.Size, SHA256: want,
		ETag: result.ETag, ModTime: result.ModTime, ContentType: source.ContentType}
	return line.complete(ctx, w.media, nil)
}

// errDiffers says that a copy is not what was copied.
var errDiffers = errors.New("the copy differs")

// sum reads exactly the version of an object that info describes and writes it
// to to as well; advance is told of every piece.
func (r *Runner) sum(ctx context.Context, info object.Info, to io.Writer, advance func(context.Context, int64) error) (_ string, err error) {
	body, now, err := r.objects.Open(ctx, info.Bucket, info.Key, object.Range{}, info.ETag)
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
