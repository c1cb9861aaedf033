package routers_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/contract/contracttest"
	"github.com/vod-reproduction/vod/examples/routers"
	"github.com/vod-reproduction/vod/gen"
	"github.com/vod-reproduction/vod/handler"
	"github.com/vod-reproduction/vod/signer"
)

const (
	project = "0f5e1b6a2c3d4e5f8091a2b3c4d5e6f7"
	region  = "cn-north-4"
	token   = "token-that-opens"
	maxBody = 1 << 20
)

// TestContract puts the call in each router to the corpus that every server of the contract has to pass.
func TestContract(t *testing.T) {
	t.Parallel()
	for name, mounted := range map[string]func(http.Handler) http.Handler{"chi": routers.Chi, "echo": routers.Echo} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var created atomic.Int64
			accept := func(_ context.Context, dump handler.Dump) (handler.Accepted, error) {
				if dump.Request.Input.Location != region {
					return handler.Accepted{}, &handler.Refusal{Code: contract.CodeWrongAddress, Detail: "input.location must be " + region}
				}
				return handler.Accepted{DumpResponse: gen.DumpResponse{AssetID: fmt.Sprintf("%032x", created.Add(1))}}, nil
			}
			server := httptest.NewServer(mounted(handler.New(accept, handler.Config{Authenticate: authenticate, MaxBody: maxBody})))
			defer server.Close()
			response, err := http.Get(server.URL + "/health")
			if err != nil {
				t.Fatal(err)
			}
			if _ = response.Body.Close(); response.StatusCode != http.StatusNoContent {
				t.Errorf("the router's own route responds with %s", response.Status)
			}
			contracttest.Run(t, contracttest.Target{
				Endpoint: server.URL, ProjectID: project, MaxBody: maxBody,
				Names:  contracttest.Names{Bucket: "media", Object: "film.mp4", Region: region},
				Client: &http.Client{Transport: &signer.Transport{Auth: signer.StaticToken(token)}}, Stranger: http.DefaultClient,
				Skip: []string{
					"source", "category", "template-group", "workflow", // accept takes every name
					"http/another version", // the router refuses it, in a form of its own
				},
			})
		})
	}
}

func authenticate(r *http.Request, projectID string, _ []byte) error {
	switch {
	case r.Header.Get("X-Auth-Token") != token:
		return &handler.Refusal{Code: contract.CodeNotAuthenticated}
	case projectID != project:
		return &handler.Refusal{Code: contract.CodeWrongProject}
	}
	return nil
}
