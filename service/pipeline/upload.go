package pipeline

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"strings"

	"github.com/vod-reproduction/vod/service/asset"
	"github.com/vod-reproduction/vod/service/object"
)

// outputKinds are the types of the files that the service makes.
var outputKinds = map[string]string{
	".jpg": "image/jpeg", ".m3u8": "application/vnd.apple.mpegurl", ".ts": "video/mp2t", ".mp4": "video/mp4",
}

// upload puts a file that a stage made to where the request wants results.
func (w *attempt) upload(ctx context.Context, name, from string) (_ asset.File, err error) {
	file, err := os.Open(from)
	if err != nil {
		return asset.File{}, scratchFailure(err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	bucket, prefix := w.results(w.Asset)
	key := fmt.Sprintf("%s%d/%s", prefix, w.Number, name)
	info, err := w.objects.Put(ctx, bucket, key, outputKinds[path.Ext(name)], file)
	if err != nil {
		return asset.File{}, w.outputFailure(err)
	}
	return asset.File{Name: name, Bucket: bucket, Key: key, Size: info.Size, ETag: info.ETag, ModTime: info.ModTime,
		ContentType: outputKinds[path.Ext(name)]}, nil
}

// results is the place below which everything that is made of an asset lies:
// the asset's own directory, in the service's bucket or where the tenant said.
// Nothing else is written or deleted anywhere.
func (r *Runner) results(a asset.Asset) (bucket, prefix string) {
	if a.StorageMode == 0 {
		return r.cfg.Bucket, "assets/" + a.ID + "/"
	}
	if dir := strings.Trim(a.OutputPath, "/"); dir != "" {
		prefix = dir + "/"
	}
	return a.OutputBucket, prefix + a.ID + "/"
}

// outputFailure is for a store that did not take a result.
func (w *attempt) outputFailure(err error) error {
	if w.Asset.StorageMode == 0 {
		return ownFailure(err)
	}
	where := fmt.Sprintf("below %q in bucket %q", w.Asset.OutputPath, w.Asset.OutputBucket)
	switch {
	case errors.Is(err, object.ErrDenied):
		return asset.Permanent(codeDenied, "Writing "+where+" is not permitted: authorize the bucket, or allow the service to write there.", err)
	case errors.Is(err, object.ErrNoBucket), errors.Is(err, object.ErrName), errors.Is(err, object.ErrTooLarge):
		return asset.Permanent(codeAddress, "The store does not take results "+where+".", err)
	}
	return asset.Temporary(codeInternal, "The results could not be written "+where+".", err)
}
