package pipeline

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/vod-reproduction/vod/service/asset"
	"github.com/vod-reproduction/vod/service/object"
)

// uploadGrace is how long after an upload's time its file is removed: a request that its last address allowed may still run.
const uploadGrace = 24 * time.Hour

// RemoveUploads removes the files that were uploaded for assets whose time for that is over: those that nobody confirmed, and
// what was written by an address that outlived the end or the deletion of its asset. It is called from time to time, beside
// the work. What it cannot remove now is taken the next time.
func (r *Runner) RemoveUploads(ctx context.Context, now time.Time) error {
	var faults []error
	for after := ""; len(faults) < maxOrphanFaults; {
		list, err := r.assets.ExpiredUploads(ctx, now.Add(-uploadGrace), after, orphanPage)
		if err != nil {
			return fmt.Errorf("remove old uploads: %w", err)
		}
		for _, u := range list {
			after = u.ID
			if err := r.removeUpload(ctx, u); err != nil {
				faults = append(faults, fmt.Errorf("remove the upload of asset %s: %w", u.ID, err))
			}
		}
		if len(list) < orphanPage {
			break
		}
	}
	return errors.Join(faults...)
}

func (r *Runner) removeUpload(ctx context.Context, u asset.Upload) error {
	for _, key := range u.Keys() {
		if err := r.objects.Delete(ctx, u.Source.Bucket, key); err != nil && !errors.Is(err, object.ErrNoBucket) {
			return err
		}
	}
	return r.assets.ForgetUpload(ctx, u.ProjectID, u.ID)
}
