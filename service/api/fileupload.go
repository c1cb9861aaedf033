package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
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
	var sums []*string
	if n.Plan.Attachments, sums, err = attachments(body); err != nil {
		return target, err
	}
	if n.Plan.Review != nil && len(n.Plan.Attachments) > 0 {
		return target, refuse(contract.CodeOffline, "the review of covers and subtitles; leave out either them or the review")
	}
	if err := s.mayPresign(r.Context()); err != nil {
		return target, err
	}
	u, err := s.assets.CreateUpload(r.Context(), n, body.VideoName)
	if err != nil {
		return target, recordProblem(err)
	}
	return s.uploadTarget(r.Context(), u, append([]*string{body.VideoMD5}, sums...))
}

// uploadTarget returns the addresses of all that is to be uploaded, the media and the attachments. sums are their MD5 sums,
// nil where there is none.
func (s *Server) uploadTarget(ctx context.Context, u asset.Upload, sums []*string) (companions.FileUploadTarget, error) {
	target := companions.FileUploadTarget{
		AssetID: u.ID, Target: companions.ObjectAddress{Bucket: u.Source.Bucket, Location: u.Source.Region, Object: u.Source.Key},
	}
	for i, key := range u.Keys() {
		header := http.Header{}
		if sums[i] != nil {
			header.Set("Content-Md5", *sums[i])
		}
		address, err := s.presign(ctx, u, key, http.MethodPut, nil, header)
		switch {
		case err != nil:
			return target, err
		case i == 0:
			target.VideoUploadURL = address
		case u.Plan.Attachments[i-1].Type == asset.AttachmentSRT:
			target.SubtitleUploadURLs = append(target.SubtitleUploadURLs, address)
		default:
			target.CoverUploadURL = &address
		}
	}
	return target, nil
}

// attachments returns the cover and the subtitles that a request announces, with the MD5 sums that it has of them.
func attachments(body *companions.FileUpload) (list []asset.Attachment, sums []*string, err error) {
	refused := func(field, rule, message string) ([]asset.Attachment, []*string, error) {
		return nil, nil, illegal(contract.Violations{{Field: field, Rule: rule, Message: message}})
	}
	if body.CoverType != nil {
		kind := string(*body.CoverType)
		list, sums = append(list, asset.Attachment{Name: "cover0." + strings.ToLower(kind), Type: kind}), append(sums, body.CoverMD5)
	} else if body.CoverMD5 != nil {
		return refused("cover_type", "upload-cover-sum", "is missing; cover_md5 is the sum of a cover")
	}
	if media, _ := asset.FindMediaType(string(body.VideoType)); media.Audio && len(body.Subtitles) > 0 {
		return refused("subtitles", "upload-subtitles", "must be left out for audio")
	}
	seen := map[int32]bool{}
	for _, t := range body.Subtitles {
		if seen[t.ID] {
			return refused("subtitles", "upload-subtitles", "must have an id of their own each")
		}
		seen[t.ID] = true
		list = append(list, asset.Attachment{Name: fmt.Sprintf("subtitle%d.srt", t.ID), Type: string(t.Type), ID: int(t.ID), Language: string(t.Language)})
		sums = append(sums, t.MD5)
	}
	return list, sums, nil
}

// maxFileName is the longest name of an uploaded file, in bytes.
const maxFileName = 128

// checkFileName refuses a name that cannot be the last part of a key and of a URL.
func checkFileName(name string) error {
	odd := func(c rune) bool { return unicode.IsControl(c) || c == '\uFFFE' || c == '\uFFFF' } // no listing in XML has the last two
	if len(name) > maxFileName || strings.Contains(name, "/") || strings.Contains(name, "?versionId=") || name == "." || name == ".." ||
		strings.ContainsFunc(name, odd) {
		return illegal(contract.Violations{{Field: "video_name", Rule: "upload-name",
			Message: "must be a file name of at most 128 bytes of UTF-8, without slashes, control characters and ?versionId="}})
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
	for _, own := range []string{"video_name", "video_md5", "cover_type", "cover_md5", "subtitles"} {
		delete(fields, own)
	}
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

// mayPresign refuses to hand out addresses of a store that does not hold requests against them.
func (s *Server) mayPresign(ctx context.Context) error {
	if s.presigns.Load() {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, sourceTimeout)
	defer cancel()
	err := s.objects.CheckPresign(ctx, s.service.Store.Bucket)
	switch {
	case err == nil:
		s.presigns.Store(true)
		return nil
	case errors.Is(err, object.ErrLax):
		return refuse(contract.CodeOffline, "uploads; the object store of this service takes headers that presigned URLs do not cover").because(err)
	}
	return refuse(contract.CodeUnavailable, "the object store does not respond").because(err)
}

// presign returns an address for one request for a file of an upload. It can always be used for as long as promised: what is
// written when the upload's time is over is not confirmed any more, and is removed.
func (s *Server) presign(ctx context.Context, u asset.Upload, key, method string, query url.Values, header http.Header) (string, error) {
	return s.objects.Presign(ctx, method, u.Source.Bucket, key, query, header, asset.UploadURLTime)
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
	u, err := s.assets.Upload(ctx, projectID, id)
	switch {
	case errors.Is(err, asset.ErrNotFound), err == nil && u.State != asset.Uploading:
		return nil // the database says what it is
	case err != nil:
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, sourceTimeout)
	defer cancel()
	switch _, err := s.objects.Stat(ctx, u.Source.Bucket, u.Source.Key); {
	case errors.Is(err, object.ErrNotFound):
		return refuse(contract.CodeNoSuchObject, "the file is not there; send it to video_upload_url, or complete the upload in parts, before this")
	case err != nil:
		return refuse(contract.CodeUnavailable, "the object store does not respond").because(err)
	}
	return nil
}
