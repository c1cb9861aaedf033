package pipeline

import (
	"errors"
	"fmt"
	"syscall"

	"github.com/vod-reproduction/vod/service/asset"
	"github.com/vod-reproduction/vod/service/object"
)

// sourceFailure puts an error of the tenant's object into the words of its
// owner. An error that is not the store's stays as it is.
func sourceFailure(at asset.Location, err error) error {
	where := fmt.Sprintf("object %q in bucket %q", at.Key, at.Bucket)
	switch {
	case errors.Is(err, object.ErrNotFound):
		return asset.Permanent(asset.CodeNoSuchObject, "There is no "+where+".", err)
	case errors.Is(err, object.ErrNoBucket):
		return asset.Permanent(asset.CodeWrongAddress, fmt.Sprintf("There is no bucket %q in this region.", at.Bucket), err)
	case errors.Is(err, object.ErrName):
		return asset.Permanent(asset.CodeWrongAddress, "The "+where+" has a name that the store does not allow.", err)
	case errors.Is(err, object.ErrDenied):
		return asset.Permanent(asset.CodeOBSPermission, "Reading the "+where+" is not permitted: authorize the bucket, or allow the service to read it.", err)
	case errors.Is(err, object.ErrArchived):
		return asset.Permanent(asset.CodeSourceUnreadable, "The "+where+" is archived: restore it, then dump it again.", err)
	case errors.Is(err, object.ErrTooLarge):
		return asset.Permanent(asset.CodeSourceUnreadable, "The "+where+" is larger than the store can copy.", err)
	case errors.Is(err, object.ErrChanged):
		return asset.Temporary(asset.CodeSourceUnreadable, "The "+where+" was replaced while it was read.", err)
	case errors.Is(err, object.ErrUnavailable):
		return asset.Unavailable(asset.OnStore, asset.CodeSourceUnreadable, "The "+where+" could not be read, because the object store did not respond as it should.", err)
	}
	return err
}

// sourceFailure puts an error of the asset's source into words. An uploaded one is in the service's own bucket: what the
// operator has to mend there must not fail the asset, whose file would go with it.
func (w *attempt) sourceFailure(err error) error {
	for _, own := range []error{object.ErrNoBucket, object.ErrDenied, object.ErrArchived} {
		if w.Asset.Uploaded() && errors.Is(err, own) {
			return ownFailure(err)
		}
	}
	return sourceFailure(w.Asset.Source, err)
}

// ownFailure is for an error of the service's own bucket: whatever it is, the
// owner of the asset cannot mend it, and the operator may.
func ownFailure(err error) error {
	return asset.Unavailable(asset.OnStore, asset.CodeInternal, "The service could not use its own storage.", err)
}

// scratchFailure is for working files that this machine does not take or return.
func scratchFailure(err error) error {
	if full, ok := errors.AsType[*roomError](err); ok {
		return full.failure()
	}
	reason := "The service could not use its working directory."
	switch {
	case errors.Is(err, syscall.ENOSPC):
		reason = "The service has no room on its disk to work on the media now."
	case errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.ENFILE):
		reason = "The service has too many files and connections open to work on the media now."
	}
	return asset.Unavailable(asset.OnDisk, asset.CodeInternal, reason, err)
}

// failure puts the lack of room into words: how much is needed, and whether the disk can ever have it.
func (e *roomError) failure() error {
	needed, total := (e.needed+1<<20-1)>>20, e.disk.Total>>20
	reason := fmt.Sprintf("The service has no room on its disk to work on the media now: %d MB are needed.", needed)
	if e.needed > e.disk.Total {
		reason = fmt.Sprintf("The disk of the service is too small for the work on the media: %d MB are needed, and it holds %d MB in all. "+
			"The work goes on when the operator of the service has provided a larger one.", needed, total)
	}
	return &asset.DeferredError{PermanentError: asset.PermanentError{Code: asset.CodeInternal, Reason: reason, Err: e}, On: asset.OnDisk, Room: e.needed}
}
