package api

import (
	"context"
	"crypto/sha256"
	"errors"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen"
	"github.com/vod-reproduction/vod/service/asset"
	"github.com/vod-reproduction/vod/service/object"
)

// actionDump is the IAM action that the cloud asks for on this call.
const actionDump = "vod:asset:publishFromObs"

// PublishAssetFromObs accepts one dump: checked offline, held against what only the service knows, and recorded
// together with its job. The answer leaves when the record is on disk.
func (s *Server) PublishAssetFromObs(w http.ResponseWriter, r *http.Request, projectID gen.ProjectID, params gen.PublishAssetFromObsParams) {
	accepted, replayed, err := s.accept(r, projectID, params)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	if replayed {
		w.Header().Set("Idempotent-Replayed", "true")
	}
	respond(w, http.StatusOK, gen.DumpResponse{AssetID: accepted.ID})
}

func (s *Server) accept(r *http.Request, projectID string, params gen.PublishAssetFromObsParams) (asset.Asset, bool, error) {
	if err := s.authorize(r, projectID, actionDump); err != nil {
		return asset.Asset{}, false, err
	}
	if err := wantJSON(r); err != nil {
		return asset.Asset{}, false, err
	}
	violations := headerViolations(r, params)
	request, faults := contract.Parse(bodyOf(r))
	if violations = append(violations, faults...); len(violations) > 0 {
		return asset.Asset{}, false, illegal(violations)
	}
	n := newAsset(request, projectID, bodyOf(r))
	n.RequestID = requestID(r.Context())
	if params.IdempotencyKey != nil {
		n.IdempotencyKey = *params.IdempotencyKey
	}
	err := s.admit(r.Context(), request, projectID)
	if err == nil {
		n.Plan, n.AutoPublish, err = s.plan(request)
	}
	if err != nil {
		return s.replayOr(r.Context(), n, err)
	}
	accepted, replayed, err := s.assets.Accept(r.Context(), n)
	return accepted, replayed, acceptProblem(err)
}

// replayOr gives the asset that n's key already made, so that a repetition succeeds even when the source was deleted
// or the bucket closed in the meantime; for a new request it gives the refusal.
func (s *Server) replayOr(ctx context.Context, n asset.New, refusal error) (asset.Asset, bool, error) {
	if n.IdempotencyKey == "" {
		return asset.Asset{}, false, refusal
	}
	earlier, ok, err := s.assets.Replay(ctx, n)
	switch {
	case err != nil:
		return asset.Asset{}, false, acceptProblem(err)
	case !ok:
		return asset.Asset{}, false, refusal
	}
	return earlier, true, nil
}

func acceptProblem(err error) error {
	switch {
	case errors.Is(err, asset.ErrIdempotencyMismatch):
		return illegal(contract.Violations{{
			Field: "Idempotency-Key", Rule: "unique", Message: "was used before with another body",
		}}).withStatus(http.StatusConflict)
	case errors.Is(err, asset.ErrNoCategory):
		return refuse(contract.CodeNoSuchCategory, "category_id")
	case err == nil, errors.Is(err, context.Canceled):
		return err
	}
	// A full disk, for instance. Nothing was recorded, so the call may be repeated.
	return refuse(contract.CodeUnavailable, "the request cannot be recorded now").because(err)
}

// admit checks what the document leaves to the service: region, ownership, authorization, and that the source exists.
func (s *Server) admit(ctx context.Context, request *gen.DumpRequest, projectID string) error {
	if request.Input.Location != s.service.Region {
		return refuse(contract.CodeWrongAddress, "input.location is %q, and this service takes buckets of %s only",
			request.Input.Location, s.service.Region)
	}
	if err := s.open(ctx, projectID, request.Input.Bucket, "input.bucket"); err != nil {
		return err
	}
	if request.OutputBucket != nil && *request.OutputBucket != request.Input.Bucket {
		if err := s.open(ctx, projectID, *request.OutputBucket, "output_bucket"); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, lookWithin)
	defer cancel()
	_, err := s.objects.Stat(ctx, request.Input.Bucket, request.Input.Object)
	return sourceProblem(err)
}

// lookWithin bounds how long a caller waits for a store that does not answer.
const lookWithin = 5 * time.Second

// open checks that the bucket is the project's own and that VOD may use it. Another tenant's bucket looks like one that
// nobody authorized, so that names cannot be tried out.
func (s *Server) open(ctx context.Context, projectID, bucket, field string) error {
	if s.tenants.owns(projectID, bucket) {
		ok, err := s.assets.Authorized(ctx, projectID, bucket)
		if err != nil || ok {
			return err
		}
	}
	return refuse(contract.CodeBucketForbidden, "%s %q", field, bucket)
}

func sourceProblem(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, object.ErrNotFound), errors.Is(err, object.ErrNoBucket):
		return refuse(contract.CodeNoSuchObject, "")
	case errors.Is(err, object.ErrName):
		return illegal(contract.Violations{{Field: "input.object", Rule: "name", Message: "is not a usable object key"}})
	case errors.Is(err, object.ErrDenied):
		return refuse(contract.CodeOBSPermission, "input.bucket")
	case errors.Is(err, object.ErrArchived):
		return refuse(contract.CodeSourceUnreadable, "the object is archived; restore it first")
	case errors.Is(err, object.ErrUnavailable), errors.Is(err, context.DeadlineExceeded):
		return refuse(contract.CodeUnavailable, "the object store does not answer").because(err)
	}
	return err
}

// wantJSON refuses a body that does not call itself JSON.
func wantJSON(r *http.Request) error {
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	charset := params["charset"]
	if err != nil || kind != "application/json" || charset != "" && !strings.EqualFold(charset, "utf-8") && !strings.EqualFold(charset, "utf8") {
		return refuse(contract.CodeContentType, "send Content-Type: application/json, in UTF-8")
	}
	if r.Header.Get("Content-Encoding") != "" {
		return refuse(contract.CodeContentType, "send the body without Content-Encoding")
	}
	return nil
}

func headerViolations(r *http.Request, params gen.PublishAssetFromObsParams) contract.Violations {
	if len(r.Header.Values("Idempotency-Key")) > 1 {
		return contract.Violations{{Field: "Idempotency-Key", Rule: "unique", Message: "is there twice; keep one"}}
	}
	return contract.Check(&params)
}

// newAsset is the one place where the wire's types end and the service's own record begins.
func newAsset(request *gen.DumpRequest, projectID string, body []byte) asset.New {
	n := asset.New{
		ProjectID:    projectID,
		Title:        request.Title,
		Description:  deref(request.Description),
		CategoryID:   asset.OtherCategory,
		Tags:         deref(request.Tags),
		VideoType:    string(contract.Canonical(request.VideoType)),
		Source:       asset.Location{Bucket: request.Input.Bucket, Key: request.Input.Object, Region: request.Input.Location},
		StorageMode:  int(request.GetStorageMode()),
		OutputBucket: deref(request.OutputBucket),
		OutputPath:   deref(request.OutputPath),
		Request:      body,
		BodySHA256:   sha256.Sum256(body),
	}
	if request.CategoryID != nil && *request.CategoryID > 0 {
		n.CategoryID = int64(*request.CategoryID)
	}
	return n
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
