package stage

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/vod-reproduction/vod/service/asset"
)

// sweepSize is how many assets Sweep reads at a time.
const sweepSize = 100

// Sweep removes what attempts left behind of assets that ended while the
// service was being stopped, killed, or without its store. It is called once
// after a start, beside the work, and stops at the first error: what remains
// is taken at the next start.
func (r *Runner) Sweep(ctx context.Context) error {
	for {
		list, err := r.record.Uncleaned(ctx, sweepSize)
		if err != nil {
			return fmt.Errorf("sweep: %w", err)
		}
		for _, a := range list {
			keep := ""
			if a.Media != nil {
				keep = a.Media.Key
			}
			if err := r.clean(ctx, a, keep); err != nil {
				return fmt.Errorf("sweep asset %s: %w", a.ID, err)
			}
		}
		if len(list) < sweepSize {
			return nil
		}
	}
}

// tidy cleans after the asset's last attempt. A failure is no failure of the
// asset: Sweep will do it.
func (r *Runner) tidy(ctx context.Context, a asset.Asset, keep string) {
	if err := r.clean(ctx, a, keep); err != nil {
		r.cfg.Log.LogAttrs(ctx, slog.LevelWarn, "leftovers stay until the next start",
			slog.String("asset_id", a.ID), slog.Any("error", err))
	}
}

// clean deletes the copies of all attempts but the one at keep, with the parts
// of unfinished ones. The keys follow from the attempts' numbers, so nothing
// has to be listed, and nothing outside of the service's bucket is touched.
func (r *Runner) clean(ctx context.Context, a asset.Asset, keep string) error {
	var errs []error
	if a.StorageMode == 0 {
		for attempt := int64(1); attempt <= a.Attempt; attempt++ {
			if key := keyOf(a, attempt); key != keep {
				errs = append(errs, r.objects.Delete(ctx, r.cfg.Bucket, key))
			}
		}
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	return r.record.MarkCleaned(ctx, a.ID)
}
