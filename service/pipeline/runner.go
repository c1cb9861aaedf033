// Package pipeline does the work of one asset: it copies the source inside the
// object store, verifies the copy, looks into the media, takes snapshots,
// transcodes and encrypts, and hands the result to the database, which shows it.
// Every stage can be cut off at any moment; what is done is not done again.
package pipeline

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"time"

	"github.com/vod-reproduction/vod/service/asset"
	"github.com/vod-reproduction/vod/service/object"
)

// Assets is what a Runner needs of *store.Store.
type Assets interface {
	Get(ctx context.Context, project, id string) (asset.Asset, error)
	Progress(ctx context.Context, a asset.Attempt, st asset.Stage) error
	SaveCursor(ctx context.Context, a asset.Attempt, cursor []byte) error
	Complete(ctx context.Context, a asset.Attempt, st asset.Stage, result any, files []asset.File) error
	Restart(ctx context.Context, a asset.Attempt) error
	Cipher(ctx context.Context, a asset.Attempt, sealed []byte) ([]byte, error)
	Finish(ctx context.Context, a asset.Attempt, o asset.Outcome) error
	Files(ctx context.Context, id string) ([]asset.File, error)
	Orphaned(ctx context.Context, after string, limit int) ([]asset.Asset, error)
	MarkCleaned(ctx context.Context, id string) error
	ExpiredUploads(ctx context.Context, before time.Time, after string, limit int) ([]asset.Upload, error)
	ForgetUpload(ctx context.Context, project, id string) error
}

// Objects is what a Runner needs of object.Store. In a tenant's bucket it
// writes and deletes in the directories of its own assets only.
type Objects interface {
	Stat(ctx context.Context, bucket, key string) (object.Info, error)
	Open(ctx context.Context, bucket, key string, at object.Range, ifMatch string) (io.ReadCloser, object.Info, error)
	Copy(ctx context.Context, src object.Info, dstBucket, dstKey string, resume object.Cursor,
		save func(context.Context, object.Cursor) error) (object.Info, error)
	SameSum(ctx context.Context, a, b object.Info) bool
	Put(ctx context.Context, bucket, key, contentType string, body io.ReadSeeker) (object.Info, error)
	List(ctx context.Context, bucket, prefix string) iter.Seq2[object.Info, error]
	Delete(ctx context.Context, bucket, key string) error
}

// Config says how a Runner works.
type Config struct {
	Bucket string           // the service's own bucket, which exists; mandatory
	Log    *slog.Logger     // nil discards
	Now    func() time.Time // nil is time.Now
	// Tools looks into and makes media; nil leaves all of that out.
	Tools Tools
	// Scratch is a directory for working files, which exists and is this
	// process's own. Keys holds the keys of encrypted media, and KeyURL says where
	// players ask for one. All three are mandatory with Tools.
	Scratch string
	Keys    Keys
	KeyURL  func(assetID string) string
	// Space returns what a directory's disk has for working files; nil asks the system.
	Space func(dir string) (Space, error)
	// Embedded says that the store keeps its objects on the disk of Scratch.
	Embedded bool
	// MaxSource bounds the media that is looked into, in bytes; 0 is DefaultMaxSource.
	MaxSource int64
	// Review is mandatory for assets whose plan asks for it.
	Review Review
}

// DefaultMaxSource is what fits on most machines beside all else.
const DefaultMaxSource = 64 << 30

// Runner is the jobs.Runner of the service.
type Runner struct {
	assets  Assets
	objects Objects
	cfg     Config
	disk    *disk
}

// New makes a Runner. Its methods may be called from any goroutine.
func New(assets Assets, objects Objects, cfg Config) *Runner {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Space == nil {
		cfg.Space = space
	}
	if cfg.MaxSource == 0 {
		cfg.MaxSource = DefaultMaxSource
	}
	return &Runner{assets: assets, objects: objects, cfg: cfg, disk: &disk{dir: cfg.Scratch, space: cfg.Space}}
}

// Run takes the asset from its source to its end, going on where an earlier
// attempt was cut off as long as the source is still the same. See jobs.Runner.
func (r *Runner) Run(ctx context.Context, a asset.Attempt) error {
	w := &attempt{Runner: r, Attempt: a}
	defer w.end(ctx)
	outcome, err := w.all(ctx)
	if err == nil {
		err = w.publish(ctx, outcome)
	}
	if err == nil {
		ended := a.Asset
		ended.Media = &outcome.Media
		r.cleanUp(ctx, ended, true)
		return nil
	}
	r.cleanOvertaken(ctx, a.Asset)
	return err
}

// Clean removes everything that the attempts of a failed asset wrote, as far as
// it can now: CleanOrphans does the rest.
func (r *Runner) Clean(ctx context.Context, a asset.Asset) { r.cleanUp(ctx, a, false) }

// obtain takes the source, copies it where that was asked for, and verifies the result.
func (w *attempt) obtain(ctx context.Context) error {
	if done, err := w.obtained(ctx); done || err != nil {
		return err
	}
	if w.Reviewing {
		return asset.ErrNeedsWork
	}
	source, err := w.objects.Stat(ctx, w.Asset.Source.Bucket, w.Asset.Source.Key)
	if err != nil {
		return w.sourceFailure(err)
	}
	if source.Size == 0 {
		return asset.Permanent(asset.CodeSourceUnreadable, fmt.Sprintf("The object %q in bucket %q is empty: there is nothing to store.",
			source.Key, source.Bucket), nil)
	}
	if err := w.sized(source); err != nil {
		return err
	}
	source.ContentType = w.kind.ContentType // the owner's word is not passed on to viewers
	if w.Asset.VideoType == asset.TypeHLS {
		if err := w.segments(ctx, source); err != nil {
			return err
		}
	}
	result := source
	if w.Asset.StorageMode == 0 {
		if result, err = w.copy(ctx, source); err != nil {
			return err
		}
	}
	return w.verify(ctx, source, result)
}

// publish is the last stage: it ends the asset with its outcome, and itself with that.
func (w *attempt) publish(ctx context.Context, o asset.Outcome) error {
	why := ""
	switch {
	case o.Blocked:
		why = "review blocked the asset"
	case w.Asset.AutoPublish && !o.Publish:
		why = "manual review is needed first"
	case !o.Publish:
		why = "auto_publish is 0"
	}
	if why != "" {
		if err := w.leaveOut(ctx, asset.StagePublish, why); err != nil {
			return err
		}
	} else if _, err := w.begin(ctx, asset.StagePublish, 0); err != nil {
		return err
	}
	return w.assets.Finish(ctx, w.Attempt, o)
}

// progressEvery is how often the progress of a stage is written: each time
// costs a disk sync.
const progressEvery = time.Second

// timeline reports one running stage to the database. It is used by one goroutine.
type timeline struct {
	attempt *attempt
	stage   asset.Stage
	written time.Time
}

// begin reports that a stage runs; total is in bytes, 0 when it does not count.
func (w *attempt) begin(ctx context.Context, name string, total int64) (*timeline, error) {
	now := w.cfg.Now()
	t := &timeline{attempt: w, written: now,
		stage: asset.Stage{Name: name, State: asset.StageRunning, StartedAt: now, Total: total}}
	return t, w.assets.Progress(ctx, w.Attempt, t.stage)
}

// advance adds n bytes, and reports them when it is time.
func (t *timeline) advance(ctx context.Context, n int64) error {
	t.stage.Bytes += n
	now := t.attempt.cfg.Now()
	if now.Sub(t.written) < progressEvery {
		return nil
	}
	t.written = now
	return t.attempt.assets.Progress(ctx, t.attempt.Attempt, t.stage)
}

// percent notes how far the stage is, and reports it when it is time.
func (t *timeline) percent(ctx context.Context, n int) error {
	t.stage.Percent = min(100, max(n, t.stage.Percent))
	return t.advance(ctx, 0)
}

// done reports the end of the stage, all of its bytes being handled.
func (t *timeline) done(ctx context.Context) error {
	t.stage.State, t.stage.Bytes, t.stage.EndedAt = asset.StageDone, t.stage.Total, t.attempt.cfg.Now()
	return t.attempt.assets.Progress(ctx, t.attempt.Attempt, t.stage)
}

// complete ends the stage for good: what it gave is kept for later attempts.
func (t *timeline) complete(ctx context.Context, result any, files []asset.File) error {
	t.stage.Bytes, t.stage.EndedAt = t.stage.Total, t.attempt.cfg.Now()
	if err := t.attempt.assets.Complete(ctx, t.attempt.Attempt, t.stage, result, files); err != nil {
		return err
	}
	t.attempt.uploads = nil
	return nil
}

// reported runs work that reports its progress from a goroutine of its own, and
// ends it when the database does not take that.
func reported[T any](ctx context.Context, t *timeline, work func(ctx context.Context, percent func(int)) (T, error)) (T, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	result, err := work(ctx, func(n int) {
		if err := t.percent(ctx, n); err != nil {
			cancel(err)
		}
	})
	if err != nil {
		err = cmp.Or(context.Cause(ctx), err)
	}
	return result, err
}
