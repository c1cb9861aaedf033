package handler_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"

	"github.com/vod-reproduction/vod/client"
	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen"
	"github.com/vod-reproduction/vod/handler"
	"github.com/vod-reproduction/vod/signer"
)

// A program serves the call in front of its own mux, to clients that sign with one key pair, for buckets of one region.
func Example() {
	pair := signer.Credentials{AccessKey: "AKEXAMPLE", SecretKey: "not a real secret"}
	verifier := signer.Verifier{Lookup: func(_ context.Context, accessKey string) (signer.Credentials, error) {
		if accessKey != pair.AccessKey {
			return signer.Credentials{}, signer.ErrUnknownAccessKey
		}
		return pair, nil
	}}
	authenticate := func(r *http.Request, _ string, body []byte) error {
		_, err := verifier.Verify(r, body)
		if refused, ok := errors.AsType[*signer.VerifyError](err); ok {
			return &handler.Refusal{Code: contract.CodeNotAuthenticated, Detail: refused.Message}
		}
		return err
	}
	accept := func(_ context.Context, dump handler.Dump) (handler.Accepted, error) {
		if dump.Request.Input.Location != "cn-north-4" {
			return handler.Accepted{}, &handler.Refusal{Code: contract.CodeWrongAddress, Detail: "input.location must be cn-north-4"}
		}
		return handler.Accepted{DumpResponse: gen.DumpResponse{AssetID: "f488337c31c8e4622f1590735b134c65"}}, nil
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /health", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok") })
	server := httptest.NewServer(handler.New(accept, handler.Config{Authenticate: authenticate, Next: mux}))
	defer server.Close()

	sign, err := signer.New(pair)
	if err != nil {
		fmt.Println(err)
		return
	}
	vod, err := client.New(client.Config{Endpoint: server.URL, ProjectID: "0f5e1b6a2c3d4e5f8091a2b3c4d5e6f7", Auth: sign})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, region := range []string{"cn-north-4", "cn-south-1"} {
		id, err := vod.Dump(context.Background(), &gen.DumpRequest{
			VideoType: gen.VideoTypeMP4, Title: "Holidays", Input: gen.FileAddr{Bucket: "media", Location: region, Object: "holidays.mp4"},
		})
		fmt.Println(id, err)
	}
	// Output:
	// f488337c31c8e4622f1590735b134c65 <nil>
	//  dump: VOD.10075 The OBS source or destination address is incorrect, input.location must be cn-north-4 (HTTP 403)
}
