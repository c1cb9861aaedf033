package client

import (
	"context"
	"crypto/rand"
	"net/http"

	"github.com/vod-reproduction/vod/gen"
)

// A server announces in every answer that it honours Idempotency-Key, OPTIONS on the dump's path included.
const (
	headerHonoured = "Vod-Idempotency"
	honoured       = "supported"
)

// newKey makes a key that nobody else has: 130 bits of chance.
func newKey() string { return rand.Text() }

// honoursKeys tells whether a dump may be repeated under its key. It asks the server unless an earlier answer told.
func (c *Client) honoursKeys(ctx context.Context) bool {
	if c.keysHonoured.Load() {
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
	return c.keysHonoured.Load()
}
