package pipeline

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"

	"github.com/vod-reproduction/vod/service/asset"
	"github.com/vod-reproduction/vod/service/object"
)

// attempt is the work on one asset from its start to its end or to whatever
// cuts it off. What earlier attempts have done is not done again.
type attempt struct {
	*Runner
	asset.Attempt
	scratch   scratch
	uploads   []asset.Location // results that are not recorded yet
	kind      asset.MediaType  // after able
	large     bool             // too large to look into
	recording asset.Recording  // of an HLS source, after segments
	media     asset.Media      // after verify
	info      asset.MediaInfo  // after probe
	snapshots asset.Snapshots  // after thumbnail
	verdict   asset.Verdict    // after review
}

// all does everything and returns what the asset ends with.
func (w *attempt) all(ctx context.Context) (asset.Outcome, error) {
	if err := w.able(); err != nil {
		return asset.Outcome{}, err
	}
	if w.Reviewing && w.taken() == nil {
		return asset.Outcome{}, asset.ErrNeedsWork
	}
	for _, step := range []func(context.Context) error{w.obtain, w.probe, w.attach, w.thumbnail, w.transcode, w.review} {
		if err := step(ctx); err != nil {
			return asset.Outcome{}, err
		}
	}
	passed := w.Asset.Plan.Review == nil || w.verdict.Suggestion == asset.Pass
	return asset.Outcome{Media: w.media, Publish: w.Asset.AutoPublish && passed, Blocked: w.verdict.Suggestion == asset.Reject}, nil
}

// obtained takes what an earlier attempt obtained and verified, as long as it is still there.
func (w *attempt) obtained(ctx context.Context) (bool, error) {
	if !w.earlier(ctx, asset.StageVerify, &w.media) {
		return false, nil
	}
	if w.Asset.VideoType == asset.TypeHLS && !w.earlier(ctx, asset.StageSegments, &w.recording) {
		return false, nil
	}
	now, err := w.objects.Stat(ctx, w.media.Bucket, w.media.Key)
	switch {
	case err == nil && same(now, w.verified()):
		return true, w.sized(now)
	case err != nil && !errors.Is(err, object.ErrNotFound):
		return false, w.mediaFailure(err)
	}
	w.cfg.Log.LogAttrs(ctx, slog.LevelInfo, "the media is not what was verified; everything begins again", slog.String("asset_id", w.Asset.ID))
	w.recording, w.media, w.Asset.Stages, w.Cursor = asset.Recording{}, asset.Media{}, nil, nil
	return false, w.assets.Restart(ctx, w.Attempt)
}

// able refuses what the service was still set up for when it accepted the asset.
func (w *attempt) able() error {
	plan := w.Asset.Plan
	w.kind, _ = asset.FindMediaType(w.Asset.VideoType) // no attempt begins at an unknown one
	switch {
	case w.cfg.Tools == nil && plan.ProducesFiles():
		return asset.Permanent(asset.CodeOffline, "Snapshots, transcoding and review have since been disabled in this service.", nil)
	case w.cfg.Review.Reviewer == nil && plan.Review != nil:
		return asset.Permanent(asset.CodeOffline, "This service no longer has a reviewer.", nil)
	}
	return nil
}

// sized finds out whether the media is small enough to look into. Larger media
// is taken as it is, unless something was to be made of it.
func (w *attempt) sized(media object.Info) error {
	w.large = max(media.Size, w.recording.Size) > w.cfg.MaxSource
	if w.large && w.cfg.Tools != nil && w.Asset.Plan.ProducesFiles() {
		return asset.Permanent(asset.CodeSourceUnreadable, fmt.Sprintf("The object has %d bytes; this service processes files of up to %d bytes: "+
			"dump it without snapshots, transcoding and review.", media.Size, w.cfg.MaxSource), nil)
	}
	return nil
}

// earlier reports whether an earlier attempt has done a stage, and returns its result.
func (w *attempt) earlier(ctx context.Context, stage string, result any) bool {
	st, ok := w.Asset.Stage(stage)
	if !ok || st.State != asset.StageDone || len(st.Result) == 0 {
		return false
	}
	if err := json.Unmarshal(st.Result, result); err != nil {
		w.cfg.Log.LogAttrs(ctx, slog.LevelWarn, "the result of a stage cannot be read; it is done again",
			slog.String("asset_id", w.Asset.ID), slog.String("stage", stage), slog.Any("error", err))
		return false
	}
	return true
}

// leaveOut reports that a stage is not done, and why.
func (w *attempt) leaveOut(ctx context.Context, stage, why string) error {
	return w.assets.Progress(ctx, w.Attempt, asset.Stage{Name: stage, State: asset.StageNotDone, Error: why})
}

// end releases what the attempt took of this machine, and of the store where nothing came of it.
func (w *attempt) end(ctx context.Context) {
	w.removeUploads(ctx)
	defer w.disk.release(w)
	if w.scratch.dir == "" {
		return
	}
	if err := os.RemoveAll(w.scratch.dir); err != nil {
		w.cfg.Log.LogAttrs(ctx, slog.LevelWarn, "working files could not be removed; retrying at next start", slog.Any("error", err))
	}
}

// removeUploads removes the results of a stage that did not end: they would take room from the next attempt, which makes
// them anew. What cannot be removed now is removed when the asset ends.
func (w *attempt) removeUploads(ctx context.Context) {
	if len(w.uploads) == 0 || ctx.Err() != nil {
		return
	}
	files, err := w.assets.Files(ctx, w.Asset.ID) // a stage may be recorded although that was reported as failed
	recorded := map[asset.Location]bool{}
	for _, f := range files {
		recorded[asset.Location{Bucket: f.Bucket, Key: f.Key}] = true
	}
	for _, at := range w.uploads {
		if err != nil {
			break
		}
		if !recorded[at] {
			err = w.objects.Delete(ctx, at.Bucket, at.Key)
		}
	}
	if err != nil {
		w.cfg.Log.LogAttrs(ctx, slog.LevelWarn, "results of a failed attempt could not be removed; retrying when the asset ends",
			slog.String("asset_id", w.Asset.ID), slog.Any("error", err))
	}
}
