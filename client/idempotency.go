package client

import (
	"context"
	"crypto/rand"
	"net/http"

	"github.com/vod-reproduction/vod/gen"
)

// newKey makes a key that nobody else has: 130 bits of chance.
func newKey() string { return rand.Text() }

// HonorsKeys tells whether the server gives the same asset for the same Idempotency-Key, so that a dump whose outcome is
// open may be sent again under its key. It asks the server unless an earlier answer told; no answer counts as no.
func (c *Client) HonorsKeys(ctx context.Context) bool {
	if c.keysHonored.Load() {
		return true
	}
	// Any answer will do, even a refusal; try looks at its headers.
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
		accept: func(*answer) error { return nil },
	})
	return c.keysHonored.Load()
}
