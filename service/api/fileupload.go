package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen"
	"github.com/vod-reproduction/vod/gen/companions"
	"github.com/vod-reproduction/vod/service/asset"
	"github.com/vod-reproduction/vod/service/config"
	"github.com/vod-reproduction/vod/service/object"
)

// CreateAssetByFileUpload creates an asset that waits for its file.
func (s *Server) CreateAssetByFileUpload(w http.ResponseWriter, r *http.Request, projectID companions.ProjectID) {
	target, err := s.createUpload(r, projectID)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	respond(w, http.StatusOK, target)
}

func (s *Server) createUpload(r *http.Request, projectID string) (target companions.FileUploadTarget, err error) {
	if err := s.authorize(r, projectID, config.ActionUpload); err != nil {
		return target, err
	}
	body, err := read(r, contract.DecodeInto[companions.FileUpload])
	if err != nil {
		return target, err
	}
	if err := checkFileName(body.VideoName); err != nil {
		return target, err
	}
	request, err := s.dumpOf(bodyOf(r))
	if err != nil {
		return target, err
	}
	n, err := describe(request, projectID)
	if err == nil {
		err = s.process(&n, request)
	}
	if err != nil {
		return target, err
	}
	n.Request, n.RequestID = compact(bodyOf(r)), requestID(r.Context())
	u, err := s.assets.CreateUpload(r.Context(), n, body.VideoName)
	if err != nil {
		return target, recordProblem(err)
	}
	header := http.Header{}
	if body.VideoMD5 != nil {
		header.Set("Content-Md5", *body.VideoMD5)
	}
	address, err := s.presign(r.Context(), u, http.MethodPut, nil, header)
	return companions.FileUploadTarget{
		AssetID: u.ID, VideoUploadURL: address,
		Target: companions.ObjectAddress{Bucket: u.Source.Bucket, Location: u.Source.Region, Object: u.Source.Key},
	}, err
}

// maxFileName is the longest name of an uploaded file, in bytes.
const maxFileName = 128

// checkFileName refuses a name that cannot be the last part of a key and of a URL.
func checkFileName(name string) error {
	if len(name) > maxFileName || strings.Contains(name, "/") || name == "." || name == ".." || strings.ContainsFunc(name, unicode.IsControl) {
		return illegal(contract.Violations{{Field: "video_name", Rule: "upload-name",
			Message: "must be a file name of at most 128 bytes of UTF-8, without slashes and control characters"}})
	}
	return nil
}

// dumpOf returns the dump that asks for what the body of an upload does, from the service's own bucket, and holds it against
// the rules of dumps. The body has been decoded strictly.
func (s *Server) dumpOf(body []byte) (*gen.DumpRequest, error) {
	var fields map[string]json.RawMessage
	err := json.Unmarshal(body, &fields)
	if err != nil {
		return nil, err
	}
	delete(fields, "video_name")
	delete(fields, "video_md5")
	if preheat, ok := fields["auto_preheat"]; ok { // a string here
		fields["auto_preheat"] = bytes.Trim(preheat, `"`)
	}
	fields["input"], err = json.Marshal(gen.FileAddr{Bucket: s.service.Store.Bucket, Location: s.service.Region, Object: "upload"})
	if err != nil {
		return nil, err
	}
	if body, err = json.Marshal(fields); err != nil {
		return nil, err
	}
	request, violations := contract.Parse(body)
	if len(violations) > 0 {
		return nil, illegal(violations)
	}
	return request, nil
}

// presign returns an address for one request for the file of an upload.
func (s *Server) presign(ctx context.Context, u asset.Upload, method string, query url.Values, header http.Header) (string, error) {
	lifetime := min(asset.UploadURLTime, u.ExpiresAt.Sub(s.now()).Truncate(time.Second))
	return s.objects.Presign(ctx, method, u.Source.Bucket, u.Source.Key, query, header, lifetime)
}

// ConfirmAssetUpload ends an upload: the asset is processed, or will not be.
func (s *Server) ConfirmAssetUpload(w http.ResponseWriter, r *http.Request, projectID companions.ProjectID) {
	var body *companions.UploadConfirmation
	err := s.authorize(r, projectID, config.ActionUpload)
	if err == nil {
		body, err = read(r, contract.DecodeInto[companions.UploadConfirmation])
	}
	if err == nil {
		err = s.endUpload(r.Context(), projectID, body)
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	respond(w, http.StatusOK, companions.ConfirmedUpload{AssetID: body.AssetID})
}

func (s *Server) endUpload(ctx context.Context, projectID string, body *companions.UploadConfirmation) (err error) {
	switch body.Status {
	case companions.UploadResultFailed:
		err = s.assets.EndUpload(ctx, projectID, body.AssetID, asset.UploadFailed)
	case companions.UploadResultCancelled:
		err = s.assets.EndUpload(ctx, projectID, body.AssetID, asset.UploadCancelled)
	default:
		if err := s.findUploaded(ctx, projectID, body.AssetID); err != nil {
			return err
		}
		err = s.assets.ConfirmUpload(ctx, projectID, body.AssetID)
	}
	switch {
	case errors.Is(err, asset.ErrNotFound):
		return assetProblem(err)
	case errors.Is(err, asset.ErrNotUploading):
		return refuse(contract.CodeWrongState, "the asset does not wait for its file")
	}
	return recordProblem(err)
}

// findUploaded refuses an upload that waits for its file still.
func (s *Server) findUploaded(ctx context.Context, projectID, id string) error {
	uploads, err := s.assets.Uploads(ctx, projectID, []string{id})
	if err != nil || len(uploads) == 0 || uploads[0].State != asset.Uploading {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, sourceTimeout)
	defer cancel()
	source := uploads[0].Source
	switch _, err := s.objects.Stat(ctx, source.Bucket, source.Key); {
	case errors.Is(err, object.ErrNotFound):
		return refuse(contract.CodeNoSuchObject, "the file is not there; send it to video_upload_url, or complete the upload in parts, before this")
	case err != nil:
		return refuse(contract.CodeUnavailable, "the object store does not respond").because(err)
	}
	return nil
}
