package api

import (
	"context"
	"errors"
	"io"
	"net/http"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/service/config"
	"github.com/vod-reproduction/vod/service/object"
)

// maxUploads bounds the uploads at the same time, each of which takes 16 MiB of memory; maxUploadsEach those of one project.
const maxUploads, maxUploadsEach = 8, 3

// BeginUpload takes a place for a visitor's upload, until release is called. It comes before anything is read of the upload.
func (s *Server) BeginUpload(v Visitor) (release func(), err error) {
	if err := v.permit(config.ActionDump); err != nil {
		return nil, err
	}
	release, ok := s.limits.uploads.enter(v.Project, maxUploads, maxUploadsEach)
	if !ok {
		return nil, refuse(contract.CodeUnavailable, "too many uploads at the same time")
	}
	return release, nil
}

// Upload puts a file of a visitor into an authorized bucket of the visitor's project, for it to be dumped from there. An
// object that exists is not replaced. An error of body is returned as it is. The upload has a place of BeginUpload.
func (s *Server) Upload(ctx context.Context, v Visitor, bucket, key string, body io.Reader) error {
	if err := v.permit(config.ActionDump); err != nil {
		return err
	}
	if err := s.mayWrite(ctx, v.Project, bucket); err != nil {
		return err
	}
	// Upload replaces nothing either, but finds out when all bytes have come.
	switch _, err := s.objects.Stat(ctx, bucket, key); {
	case err == nil:
		return uploadProblem(object.ErrExists)
	case !errors.Is(err, object.ErrNotFound):
		return uploadProblem(err)
	}
	_, err := s.objects.Upload(ctx, bucket, key, "", body)
	return uploadProblem(err)
}

// mayWrite refuses a bucket of another project, which looks like one that does not exist, and one that is not authorized.
func (s *Server) mayWrite(ctx context.Context, project, bucket string) error {
	if s.tenants.owns(project, bucket) {
		open, err := s.assets.Authorized(ctx, project, bucket)
		if err != nil || open {
			return err
		}
	}
	return refuse(contract.CodeBucketForbidden, "%q", bucket).at("bucket")
}

func uploadProblem(err error) error {
	switch {
	case errors.Is(err, object.ErrExists):
		return illegal(contract.Violations{{Field: "object", Rule: "unique", Message: "exists already; choose another name"}}).
			withStatus(http.StatusConflict)
	case errors.Is(err, object.ErrName):
		return illegal(contract.Violations{{Field: "object", Rule: "name", Message: "is not a usable object key"}})
	case errors.Is(err, object.ErrNoBucket):
		return refuse(contract.CodeNoSuchObject, "the bucket does not exist").at("bucket")
	case errors.Is(err, object.ErrDenied):
		return refuse(contract.CodeOBSPermission, "the bucket").at("bucket")
	case errors.Is(err, object.ErrTooLarge):
		return refuse(contract.CodeRequestTooLarge, "use an S3 tool for this file").at("file")
	case errors.Is(err, object.ErrUnavailable):
		return refuse(contract.CodeUnavailable, "the object store does not respond").because(err)
	}
	return err
}
