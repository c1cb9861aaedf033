package pipeline

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/vod-reproduction/vod/service/asset"
)

const (
	// orphanPage is how many assets CleanOrphans reads at a time.
	orphanPage = 100
	// maxOrphanFaults ends the cleaning: the store itself is out of order.
	maxOrphanFaults = 1000
)

// CleanOrphans removes what attempts left behind of assets that ended while the
// service was being stopped, killed, or without its store. It is called after a
// start and from time to time, beside the work. What it cannot remove now is taken
// the next time.
func (r *Runner) CleanOrphans(ctx context.Context) error {
	var faults []error
	for after := ""; len(faults) < maxOrphanFaults; {
		list, err := r.assets.Orphaned(ctx, after, orphanPage)
		if err != nil {
			return fmt.Errorf("clean orphaned objects: %w", err)
		}
		for _, a := range list {
			after = a.ID
			if err := r.clean(ctx, a, a.Media != nil); err != nil {
				faults = append(faults, fmt.Errorf("clean asset %s: %w", a.ID, err))
			}
		}
		if len(list) < orphanPage {
			break
		}
	}
	return errors.Join(faults...)
}

// cleanUp cleans after the asset's last attempt. A failure is no failure of the
// asset: CleanOrphans will do it.
func (r *Runner) cleanUp(ctx context.Context, a asset.Asset, stored bool) {
	if err := r.clean(ctx, a, stored); err != nil {
		r.cfg.Log.LogAttrs(ctx, slog.LevelWarn, "cleanup failed; retrying later",
			slog.String("asset_id", a.ID), slog.Any("error", err))
	}
}

// cleanOvertaken cleans after an attempt that failed if another one has ended the
// asset already: what this one wrote since would stay.
func (r *Runner) cleanOvertaken(ctx context.Context, a asset.Asset) {
	switch now, err := r.assets.Get(ctx, a.ProjectID, a.ID); {
	case errors.Is(err, asset.ErrNotFound): // deleted, and perhaps removed before this attempt noticed
		r.cleanUp(ctx, a, false)
	case err == nil && now.State.Terminal():
		r.cleanUp(ctx, now, now.Media != nil)
	}
}

// clean removes what does not belong to an asset that has ended; one that is not
// stored has nothing that belongs to it.
func (r *Runner) clean(ctx context.Context, a asset.Asset, stored bool) error {
	keep := map[string]bool{}
	if stored {
		files, err := r.assets.Files(ctx, a.ID)
		if err != nil {
			return err
		}
		for _, f := range files {
			keep[f.Key] = true
		}
		if a.Media != nil {
			keep[a.Media.Key] = true
		}
	}
	if err := r.remove(ctx, a, keep); err != nil {
		return err
	}
	return r.assets.MarkCleaned(ctx, a.ID)
}
