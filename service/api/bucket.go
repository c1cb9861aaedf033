package api

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen/companions"
	"github.com/vod-reproduction/vod/service/asset"
	"github.com/vod-reproduction/vod/service/config"
	"github.com/vod-reproduction/vod/service/object"
)

// UpdateBucketAuthorized opens one of the project's own buckets to VOD, or closes it again.
func (s *Server) UpdateBucketAuthorized(w http.ResponseWriter, r *http.Request, projectID companions.ProjectID) {
	var body *companions.BucketAuthority
	err := s.authorize(r, projectID, config.ActionAuthorizeBucket)
	if err == nil {
		body, err = read(r, contract.DecodeInto[companions.BucketAuthority])
	}
	if err == nil && !s.tenants.owns(projectID, body.Bucket) {
		err = refuse(contract.CodeOBSPermission, "bucket %s is not one of the project's", bucketName(body.Bucket))
	}
	switch {
	case err != nil:
	case body.Operation == companions.BucketOperationOpen:
		err = s.assets.AuthorizeBucket(r.Context(), projectID, body.Bucket)
	default:
		err = s.assets.RevokeBucket(r.Context(), projectID, body.Bucket)
	}
	if errors.Is(err, asset.ErrBucketInUse) {
		err = refuse(contract.CodeBucketInUse, "%q", body.Bucket)
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	w.WriteHeader(http.StatusOK)
}

// bucketName shows a bucket that cannot be used. One that the vendor's API reference has in an example, bucket_name, can
// nowhere exist, which a caller who copied it is told.
func bucketName(bucket string) string {
	if object.CheckBucket(bucket) != nil {
		return strconv.Quote(bucket) + " (no bucket can have this name: they have 3 to 63 of a-z, 0-9, dot and hyphen, and no underscore)"
	}
	return strconv.Quote(bucket)
}
