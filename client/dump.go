package client

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"net/http"
	"regexp"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen"
)

const opDump = "dump"

// assetIDPattern is wider than the 32 hexadecimal digits that the cloud assigns, and narrower than anything that could
// harm a log, a file name or the next call.
var assetIDPattern = regexp.MustCompile(`^[0-9A-Za-z_-]{1,64}$`)

// DumpOption changes one dump.
type DumpOption func(*dumpOptions)

type dumpOptions struct {
	params   gen.PublishAssetFromObsParams
	response *gen.DumpResponse
}

// WithIdempotencyKey sends the dump under the caller's own key, 1 to 255 visible ASCII characters, unique per asset that
// is wanted. A server that honors keys returns the same asset for the same key, also to another process and after a
// restart; the cloud ignores it. Without this option every dump has a random key.
func WithIdempotencyKey(key string) DumpOption {
	return func(o *dumpOptions) { o.params.IdempotencyKey = &key }
}

// WithParams sends the header parameters of the document that params has. An IdempotencyKey among them is that of
// [WithIdempotencyKey]; without one the dump keeps the key that it has.
func WithParams(params gen.PublishAssetFromObsParams) DumpOption {
	return func(o *dumpOptions) {
		if params.IdempotencyKey == nil {
			params.IdempotencyKey = o.params.IdempotencyKey
		}
		o.params = params
	}
}

// WithResponse stores the complete response in response, for what it holds beside the ID. It is left alone when Dump returns
// an error.
func WithResponse(response *gen.DumpResponse) DumpOption {
	return func(o *dumpOptions) { o.response = response }
}

// Dump has the service take one object of a bucket and returns the ID of the new asset. The work itself goes on after
// that: see Wait.
//
// The request is checked against the contract first; one that breaks it is not sent (ValidationError). An error other
// than AmbiguousError means that no asset was created by this call. The request is not changed.
func (c *Client) Dump(ctx context.Context, request *gen.DumpRequest, options ...DumpOption) (assetID string, err error) {
	var o dumpOptions
	WithIdempotencyKey(newKey())(&o)
	for _, option := range options {
		option(&o)
	}
	if violations := append(contract.Validate(request), contract.Check(&o.params)...); len(violations) > 0 {
		return "", &ValidationError{Op: opDump, Violations: violations}
	}
	sent := *request
	sent.VideoType = contract.Canonical(sent.VideoType)
	body, err := json.Marshal(sent)
	if err != nil {
		return "", &TransportError{Op: opDump, Sent: SentNo, Err: err}
	}
	err = c.do(ctx, call{
		op:  opDump,
		key: *o.params.IdempotencyKey,
		request: func() (*http.Request, error) {
			return gen.NewPublishAssetFromObsRequestWithBody(c.base, c.projectID, &o.params, "application/json", bytes.NewReader(body))
		},
		accept: func(a *response) error {
			id, err := a.field("asset_id")
			if err != nil {
				return err
			}
			if !assetIDPattern.MatchString(id) {
				return errors.New("its asset_id does not look like an ID")
			}
			if o.response != nil {
				var response gen.DumpResponse
				if err := a.into(&response); err != nil {
					return err
				}
				*o.response = response
			}
			assetID = id
			return nil
		},
	})
	return assetID, err
}

// newKey makes a key that nobody else has: 130 random bits.
func newKey() string { return rand.Text() }

// HonorsKeys reports whether the server creates one asset for each Idempotency-Key, so that a dump whose outcome is
// unknown may be sent again under its key. It asks the server unless an earlier response said so; no response counts as
// no.
func (c *Client) HonorsKeys(ctx context.Context) bool {
	if c.keysHonored.Load() {
		return true
	}
	// Any response will do, even a refusal; try looks at its headers.
	_ = c.do(ctx, call{
		op: "ask for Idempotency-Key",
		request: func() (*http.Request, error) {
			request, err := gen.NewPublishAssetFromObsRequestWithBody(c.base, c.projectID, nil, "application/json", http.NoBody)
			if err != nil {
				return nil, err
			}
			request.Method = http.MethodOptions
			request.Header.Del("Content-Type")
			return request, nil
		},
		accept: func(*response) error { return nil },
	})
	return c.keysHonored.Load()
}
