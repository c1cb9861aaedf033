// Package stage does the work of one asset: it copies the source inside the
// object store, proves the copy, and hands the result to the record, which
// shows it. Every step can be cut off at any moment and taken up again.
package stage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/vod-reproduction/vod/service/asset"
	"github.com/vod-reproduction/vod/service/object"
)

// The names of the stages, in the order in which they are run.
const (
	Copy   = "copy" // storage mode 0 only
	Verify = "verify"
	// Segments stands in the timeline of an HLS asset: only the playlist is
	// taken, what it names is not looked at.
	Segments = "segments"
	Publish  = "publish"
)

// Record is what a Runner needs of *asset.Store.
type Record interface {
	Progress(ctx context.Context, a asset.Attempt, st asset.Stage) error
	SaveCursor(ctx context.Context, a asset.Attempt, cursor []byte) error
	Finish(ctx context.Context, a asset.Attempt, m asset.Media) error
	Uncleaned(ctx context.Context, limit int) ([]asset.Asset, error)
	MarkCleaned(ctx context.Context, id string) error
}

// Objects is what a Runner needs of object.Store. In a tenant's bucket it only
// calls Stat and Open, and Copy with the bucket as the source.
type Objects interface {
	Stat(ctx context.Context, bucket, key string) (object.Info, error)
	Open(ctx context.Context, bucket, key string, at object.Range, ifMatch string) (io.ReadCloser, object.Info, error)
	Copy(ctx context.Context, src object.Info, dstBucket, dstKey string, resume object.Cursor,
		save func(context.Context, object.Cursor) error) (object.Info, error)
	Delete(ctx context.Context, bucket, key string) error
}

// Config says how a Runner works.
type Config struct {
	Bucket string           // the service's own bucket, which exists; mandatory
	Log    *slog.Logger     // nil discards
	Now    func() time.Time // nil is time.Now
}

// Runner is the asset.Runner of the service.
type Runner struct {
	record  Record
	objects Objects
	cfg     Config
}

// New makes a Runner. Its methods may be called from any goroutine.
func New(record Record, objects Objects, cfg Config) *Runner {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return &Runner{record: record, objects: objects, cfg: cfg}
}

// Run takes the asset from its source to its end, going on where an earlier
// attempt was cut off as long as the source is still the same. See asset.Runner.
func (r *Runner) Run(ctx context.Context, a asset.Attempt) error {
	media, err := r.media(ctx, a)
	if err == nil {
		err = r.publish(ctx, a, media)
	}
	if err == nil {
		r.tidy(ctx, a.Asset, media.Key)
		return nil
	}
	var permanent *asset.PermanentError
	if ctx.Err() == nil && (a.Last || errors.As(err, &permanent)) {
		return errors.Join(err, r.abandon(ctx, a))
	}
	return err
}

// abandon removes everything that the attempts of a failing asset wrote. The
// cursor goes first: its write is fenced, so an attempt that is not the latest
// any more deletes nothing. The record is closed after Run; until then
// MarkCleaned has no effect, and the next Sweep repeats this at little cost.
func (r *Runner) abandon(ctx context.Context, a asset.Attempt) error {
	if err := r.record.SaveCursor(ctx, a, nil); err != nil {
		return err
	}
	r.tidy(ctx, a.Asset, "")
	return nil
}

// media gives the verified object that the asset will consist of.
func (r *Runner) media(ctx context.Context, a asset.Attempt) (asset.Media, error) {
	if a.Asset.VideoType == hls {
		err := r.record.Progress(ctx, a, asset.Stage{Name: Segments, State: asset.StageNotDone,
			Error: "only the playlist was taken; the segments that it names were not checked"})
		if err != nil {
			return asset.Media{}, err
		}
	}
	source, err := r.objects.Stat(ctx, a.Asset.Source.Bucket, a.Asset.Source.Key)
	if err != nil {
		return asset.Media{}, sourceFailure(a.Asset.Source, err)
	}
	if source.Size == 0 {
		return asset.Media{}, asset.Permanent(codeUnreadable, fmt.Sprintf("The object %q in bucket %q is empty: there is nothing to store.",
			source.Key, source.Bucket), nil)
	}
	source.ContentType = kindOf(a.Asset.VideoType).contentType // the owner's word is not passed on to viewers
	result := source
	if a.Asset.StorageMode == 0 {
		if result, err = r.copy(ctx, a, source); err != nil {
			return asset.Media{}, err
		}
	}
	sum, err := r.verify(ctx, a, source, result)
	if err != nil {
		return asset.Media{}, err
	}
	return asset.Media{Bucket: result.Bucket, Key: result.Key, Size: result.Size, SHA256: sum,
		ETag: result.ETag, ModTime: result.ModTime, ContentType: source.ContentType}, nil
}

// publish is the last stage; Finish closes it.
func (r *Runner) publish(ctx context.Context, a asset.Attempt, m asset.Media) error {
	if _, err := r.begin(ctx, a, Publish, 0); err != nil {
		return err
	}
	return r.record.Finish(ctx, a, m)
}
