package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/service/asset"
)

// TestAcceptProblem holds that a dump is offered for repetition only when nothing of it was recorded: the client takes 503
// with Retry-After for that.
func TestAcceptProblem(t *testing.T) {
	t.Parallel()
	full := errors.New("disk is full")
	for _, c := range []struct {
		err    error
		status int
		code   contract.Code
	}{
		{fmt.Errorf("accept: %w", full), http.StatusServiceUnavailable, contract.CodeUnavailable},
		{fmt.Errorf("accept: %w: %w", asset.ErrOutcomeUnknown, full), http.StatusInternalServerError, contract.CodeInternal},
		{fmt.Errorf("accept: %w: %w", asset.ErrOutcomeUnknown, context.DeadlineExceeded), http.StatusInternalServerError, contract.CodeInternal},
		{asset.ErrIdempotencyMismatch, http.StatusConflict, contract.CodeIllegalParameter},
		{&asset.BucketError{Bucket: "media"}, http.StatusForbidden, contract.CodeBucketForbidden},
	} {
		p, ok := errors.AsType[*problem](acceptProblem(c.err))
		if !ok || p.status != c.status || p.code != c.code {
			t.Errorf("%v: %+v, want status %d and code %s", c.err, p, c.status, c.code)
		}
	}
	if err := acceptProblem(nil); err != nil {
		t.Errorf("no error: %v", err)
	}
}
