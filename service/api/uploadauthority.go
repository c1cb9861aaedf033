package api

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen/companions"
	"github.com/vod-reproduction/vod/service/asset"
	"github.com/vod-reproduction/vod/service/config"
)

// ShowAssetTempAuthority returns an address for one request of an upload in parts.
func (s *Server) ShowAssetTempAuthority(w http.ResponseWriter, r *http.Request, projectID companions.ProjectID, params companions.ShowAssetTempAuthorityParams) {
	err := s.authorize(r, projectID, config.ActionUpload)
	if violations := contract.Check(&params); err == nil && len(violations) > 0 {
		err = illegal(violations)
	}
	var address string
	if err == nil {
		address, err = s.uploadAuthority(r.Context(), projectID, params)
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	respond(w, http.StatusOK, companions.UploadAuthority{SignStr: address})
}

func (s *Server) uploadAuthority(ctx context.Context, projectID string, params companions.ShowAssetTempAuthorityParams) (string, error) {
	query, violations := uploadQuery(params)
	if len(violations) > 0 {
		return "", illegal(violations)
	}
	u, err := s.uploadTo(ctx, projectID, params.Bucket, params.ObjectKey)
	if err != nil {
		return "", err
	}
	if err := s.mayPresign(ctx); err != nil {
		return "", err
	}
	header := http.Header{}
	for name, value := range map[string]*string{"Content-Type": params.ContentType, "Content-Md5": params.ContentMd5} {
		if value != nil {
			header.Set(name, *value)
		}
	}
	return s.presign(ctx, u, u.Source.Key, string(params.HTTPVerb), query, header)
}

// uploadQuery returns the parameters of a request that is one of an upload, and refuses every other one: to read the object,
// say, or to delete it.
func uploadQuery(params companions.ShowAssetTempAuthorityParams) (url.Values, contract.Violations) {
	refused := func(field, message string) (url.Values, contract.Violations) {
		return nil, contract.Violations{{Field: field, Rule: "upload-request", Message: message}}
	}
	switch verb := params.HTTPVerb; {
	case params.PartNumber != nil && verb != companions.UploadMethodPUT:
		return refused("part_number", "belongs to http_verb PUT")
	case params.PartNumber != nil && params.UploadID == nil:
		return refused("upload_id", "is missing; a part_number belongs to one")
	case params.PartNumber != nil:
		return url.Values{"partNumber": {strconv.Itoa(int(*params.PartNumber))}, "uploadId": {*params.UploadID}}, nil
	case params.UploadID != nil && verb == companions.UploadMethodPUT:
		return refused("part_number", "is missing; a part has the number that it is put together by")
	case params.UploadID != nil:
		return url.Values{"uploadId": {*params.UploadID}}, nil
	case verb == companions.UploadMethodPOST:
		return url.Values{"uploads": {""}}, nil
	case verb == companions.UploadMethodPUT:
		return nil, nil
	}
	return refused("upload_id", "is missing; http_verb GET lists its parts, and DELETE aborts it")
}

// uploadTo returns the upload of a project that goes to an object. Objects that are not the project's to write look like those
// that do not exist.
func (s *Server) uploadTo(ctx context.Context, projectID, bucket, key string) (asset.Upload, error) {
	if id, ok := asset.UploadOf(key); ok {
		u, err := s.assets.Upload(ctx, projectID, id)
		if err != nil && !errors.Is(err, asset.ErrNotFound) {
			return asset.Upload{}, err
		}
		if err == nil && u.State == asset.Uploading && u.Source.Bucket == bucket && u.Source.Key == key {
			return u, nil
		}
	}
	return asset.Upload{}, refuse(contract.CodeNoSuchAsset, "bucket and object_key are not the target of an asset that waits for its file")
}
