package pipeline

import (
	"context"
	"errors"

	"github.com/vod-reproduction/vod/service/asset"
	"github.com/vod-reproduction/vod/service/object"
)

// Remove removes everything that the attempts of a deleted asset wrote, its media
// and files among them. A source is never removed: it is the tenant's.
func (r *Runner) Remove(ctx context.Context, a asset.Asset) error { return r.remove(ctx, a, nil) }

// remove deletes what lies in the asset's own directory, with the parts of
// unfinished copies, except for the keys to keep.
func (r *Runner) remove(ctx context.Context, a asset.Asset, keep map[string]bool) error {
	var errs []error
	remove := func(bucket, key string) {
		if !keep[key] {
			errs = append(errs, r.objects.Delete(ctx, bucket, key))
		}
	}
	bucket, prefix := r.results(a)
	if a.Uploaded() { // no list has the parts of an upload that was not completed
		remove(bucket, a.Source.Key)
	}
	if a.StorageMode == 0 {
		for attempt := int64(1); attempt <= a.Attempt; attempt++ {
			remove(bucket, keyOf(a, attempt))
		}
	}
	if a.StorageMode == 0 || a.Plan.ProducesFiles() {
		for info, err := range r.objects.List(ctx, bucket, prefix) {
			if errors.Is(err, object.ErrNoBucket) {
				break // with all that was in it
			}
			if err != nil {
				errs = append(errs, err)
				break
			}
			remove(bucket, info.Key)
		}
	}
	return errors.Join(errs...)
}
