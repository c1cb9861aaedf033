package pipeline

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/vod-reproduction/vod/service/asset"
	"github.com/vod-reproduction/vod/service/media"
)

// thumbnail takes the snapshots that were asked for.
func (w *attempt) thumbnail(ctx context.Context) error {
	plan := w.Asset.Plan.Thumbnail
	switch {
	case plan == nil, w.earlier(ctx, asset.StageThumbnail, &w.snapshots):
		return nil
	case w.kind.Audio:
		return w.leaveOut(ctx, asset.StageThumbnail, "audio has no picture to take snapshots of")
	}
	line, err := w.begin(ctx, asset.StageThumbnail, 0)
	if err != nil {
		return err
	}
	timestamps, remark, ok := timestampsOf(*plan, w.info.Duration)
	if !ok {
		return asset.Permanent(asset.CodeSnapshotFailed, remark, nil)
	}
	if err := w.allowSnapshots(*plan, len(timestamps)); err != nil {
		return err
	}
	if plan.Cover > len(timestamps) {
		remark = strings.TrimSpace(fmt.Sprintf("%s There is no snapshot %d to be the cover, so the last one is.", remark, plan.Cover))
	}
	in, err := w.input(ctx)
	if err != nil {
		return err
	}
	dir, err := w.folder("snapshots")
	if err != nil {
		return err
	}
	frames, err := reported(ctx, line, func(ctx context.Context, percent func(int)) ([]media.Frame, error) {
		return w.cfg.Tools.Snapshots(ctx, in, foundOf(w.info), timestamps, media.Picture{Wide: plan.Wide, MaxLength: plan.MaxLength}, dir,
			func(done, total int) { percent(100 * done / total) })
	})
	if err != nil {
		return processingFailure(asset.CodeSnapshotFailed, err)
	}
	w.snapshots = asset.Snapshots{Type: plan.Type, Remark: remark}
	files := make([]asset.File, len(frames))
	for i, s := range frames {
		name := "snapshots/" + filepath.Base(s.Path)
		if files[i], err = w.upload(ctx, name, s.Path); err != nil {
			return err
		}
		w.snapshots.List = append(w.snapshots.List, asset.Snapshot{Offset: s.Offset, File: name})
	}
	w.snapshots.Cover = w.snapshots.List[min(plan.Cover, len(frames))-1].File
	return line.complete(ctx, w.snapshots, files)
}

// timestampsOf returns the timestamps of the snapshots, rising, and what people should
// know about them; ok is false when there are none, or too many.
func timestampsOf(plan asset.Thumbnail, length time.Duration) (timestamps []time.Duration, remark string, ok bool) {
	long := length.Round(time.Millisecond)
	switch plan.Type {
	case asset.ThumbnailDots:
		asked := slices.Compact(slices.Sorted(slices.Values(plan.Dots)))
		behind, _ := slices.BinarySearch(asked, length)
		if beyond := len(asked) - behind; beyond > 0 {
			remark = fmt.Sprintf("%d of %d timestamps lie beyond the end at %s.", beyond, len(asked), long)
		}
		timestamps = asked[:behind]
	case asset.ThumbnailQuantity:
		timestamps = media.EvenTimestamps(length, plan.Quantity, plan.Every)
		if fewer := plan.Quantity - len(timestamps); fewer > 0 {
			remark = fmt.Sprintf("Only %d of %d snapshots fit into %s.", len(timestamps), plan.Quantity, long)
		}
	default:
		if length/plan.Every >= asset.MaxSnapshots {
			return nil, fmt.Sprintf("One snapshot every %s makes more than %d of them; ask for a longer interval.", plan.Every, asset.MaxSnapshots), false
		}
		timestamps = media.EveryTimestamps(length, plan.Every)
	}
	return timestamps, remark, len(timestamps) > 0
}
