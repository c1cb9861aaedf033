package api

import (
	"errors"
	"net/http"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen/companions"
	"github.com/vod-reproduction/vod/service/asset"
)

// actionAuthority is the cloud's own name.
const actionAuthority = "vod:bucket:authority"

// UpdateBucketAuthorized opens one of the project's own buckets to VOD, or closes it again.
func (s *Server) UpdateBucketAuthorized(w http.ResponseWriter, r *http.Request, projectID companions.ProjectID) {
	var body *companions.BucketAuthority
	err := s.authorize(r, projectID, actionAuthority)
	if err == nil {
		body, err = read(r, contract.DecodeInto[companions.BucketAuthority])
	}
	if err == nil && !s.tenants.owns(projectID, body.Bucket) {
		err = refuse(contract.CodeOBSPermission, "bucket %q is not one of the project's", body.Bucket)
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
