package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen"
	"github.com/vod-reproduction/vod/service/asset"
	"github.com/vod-reproduction/vod/service/config"
	"github.com/vod-reproduction/vod/service/object"
)

// PublishAssetFromObs accepts one dump. The response leaves when the request is recorded on disk, with its job.
func (s *Server) PublishAssetFromObs(w http.ResponseWriter, r *http.Request, projectID gen.ProjectID, params gen.PublishAssetFromObsParams) {
	id, replayed, err := s.dump(r, projectID, params)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	if replayed {
		w.Header().Set("Idempotent-Replayed", "true")
	}
	respond(w, http.StatusOK, gen.DumpResponse{AssetID: id})
}

// dump takes a request, which authenticate let through, to the database: permitted, decoded, validated and accepted.
func (s *Server) dump(r *http.Request, projectID string, params gen.PublishAssetFromObsParams) (id string, replayed bool, err error) {
	ctx := r.Context()
	if err := s.authorize(r, projectID, config.ActionDump); err != nil {
		return "", false, err
	}
	request, err := decodeDump(r, params)
	if err != nil {
		return "", false, err
	}
	return s.accept(ctx, projectID, request, bodyOf(r), deref(params.IdempotencyKey))
}

// accept takes a valid request, whose body is given too, to the database: returned at once when it is a repetition,
// resolved against the configuration, its source found, accepted.
func (s *Server) accept(ctx context.Context, projectID string, request *gen.DumpRequest, body []byte, idempotencyKey string) (id string, replayed bool, err error) {
	// Before everything that may have changed since: a repetition succeeds even when the source was deleted, or the bucket revoked.
	key := asset.Idempotency{Key: idempotencyKey, BodySHA256: sha256.Sum256(body)}
	if id, err = s.assets.Replay(ctx, projectID, key); err != nil || id != "" {
		return id, true, recordProblem(err)
	}
	n, err := s.resolve(request, projectID)
	if err != nil {
		return "", false, err
	}
	if missing := s.findSource(ctx, n); missing != nil {
		// The first of two requests with this key may have been accepted, and its source removed, since the look above.
		if id, err = s.assets.Replay(ctx, projectID, key); err != nil || id == "" {
			return "", false, missing
		}
		return id, true, nil
	}
	n.Idempotency, n.Request, n.RequestID = key, compact(body), requestID(ctx)
	id, replayed, err = s.assets.Accept(ctx, n)
	return id, replayed, acceptProblem(err)
}

// acceptProblem is recordProblem for a dump, which is not to be repeated without its key when it may have been recorded: after
// 503 clients would.
func acceptProblem(err error) error {
	if errors.Is(err, asset.ErrOutcomeUnknown) {
		return refuse(contract.CodeInternal, "the request may have been recorded; repeat it with its %s, or look for its asset first", headerKey).because(err)
	}
	return recordProblem(err)
}

// compact returns a body, which is JSON, without its padding: all of it is kept.
func compact(body []byte) []byte {
	var b bytes.Buffer
	if err := json.Compact(&b, body); err != nil {
		return body
	}
	return b.Bytes()
}

// decodeDump reads and validates the body and the headers of a dump.
func decodeDump(r *http.Request, params gen.PublishAssetFromObsParams) (*gen.DumpRequest, error) {
	if err := wantJSON(r); err != nil {
		return nil, err
	}
	request, violations := contract.Parse(bodyOf(r))
	if violations = append(headerViolations(r, params), violations...); len(violations) > 0 {
		return nil, illegal(violations)
	}
	return request, nil
}

// findSource checks that the project's buckets are authorized, and only then that the source is in its own. Accept
// checks the authorization again, together with what it records.
func (s *Server) findSource(ctx context.Context, n asset.New) error {
	if err := n.CheckBuckets(func(bucket string) (bool, error) { return s.assets.Authorized(ctx, n.ProjectID, bucket) }); err != nil {
		return recordProblem(err)
	}
	ctx, cancel := context.WithTimeout(ctx, sourceTimeout)
	defer cancel()
	_, err := s.objects.Stat(ctx, n.Source.Bucket, n.Source.Key)
	return sourceProblem(err)
}

// sourceTimeout bounds how long a caller waits for a store that does not respond.
const sourceTimeout = 5 * time.Second

// recordProblem puts the errors of the database into the contract's words.
func recordProblem(err error) error {
	var closed *asset.BucketError
	switch {
	case err == nil, errors.Is(err, context.Canceled):
		return err
	case errors.As(err, &closed):
		field := "input.bucket"
		if closed.Output {
			field = "output_bucket"
		}
		return refuse(contract.CodeBucketForbidden, "%s %s", field, bucketName(closed.Bucket)).at(field)
	case errors.Is(err, asset.ErrIdempotencyMismatch):
		return illegal(contract.Violations{{
			Field: headerKey, Rule: "unique", Message: "was used before with another body",
		}}).withStatus(http.StatusConflict)
	case errors.Is(err, asset.ErrNoCategory):
		return refuse(contract.CodeNoSuchCategory, "category_id").at("category_id")
	}
	// A full disk, for instance. Nothing was recorded, so the call may be repeated.
	return refuse(contract.CodeUnavailable, "the request cannot be recorded now").because(err)
}

func sourceProblem(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, object.ErrNotFound), errors.Is(err, object.ErrNoBucket):
		return refuse(contract.CodeNoSuchObject, "").at("input.object")
	case errors.Is(err, object.ErrName):
		return illegal(contract.Violations{{Field: "input.object", Rule: "name", Message: "is not a usable object key"}})
	case errors.Is(err, object.ErrDenied):
		return refuse(contract.CodeOBSPermission, "input.bucket").at("input.bucket")
	case errors.Is(err, object.ErrArchived):
		return refuse(contract.CodeSourceUnreadable, "the object is archived; restore it first").at("input.object")
	case errors.Is(err, object.ErrUnavailable), errors.Is(err, context.DeadlineExceeded):
		return refuse(contract.CodeUnavailable, "the object store does not respond").because(err)
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

// headerKey is the header of a request that may be repeated.
const headerKey = "Idempotency-Key"

func headerViolations(r *http.Request, params gen.PublishAssetFromObsParams) contract.Violations {
	if len(r.Header.Values(headerKey)) > 1 {
		return contract.Violations{{Field: headerKey, Rule: "unique", Message: "is specified more than once; keep one"}}
	}
	return contract.Check(&params)
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
