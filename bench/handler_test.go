//go:build unix

package bench_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers/legacy"

	"github.com/vod-reproduction/vod/gen"
	"github.com/vod-reproduction/vod/handler"
	"github.com/vod-reproduction/vod/internal/sidebyside"
	"github.com/vod-reproduction/vod/openapi"
	"github.com/vod-reproduction/vod/signer"
)

// BenchmarkBesideServers serves dumps over loopback, with the clients in another process. Ours verifies the signature, decodes
// strictly, holds the request against every rule, and accepts.
func BenchmarkBesideServers(b *testing.B) {
	ours := served(b, ourHandler())
	bare := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.ReadAll(r.Body)
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, response)
	})
	b.Run("a dump served, the server's processor time, beside net/http that reads the body", func(b *testing.B) {
		sidebyside.CompareProcessor(b, 2*callsInATurn, turns, ours, served(b, bare))
	})
	b.Run("the same, beside kin-openapi's middleware, which verifies no signature", func(b *testing.B) {
		sidebyside.CompareProcessor(b, callsInATurn, turns, ours, served(b, kinHandler(b, bare)))
	})
}

func ourHandler() http.Handler {
	verifier := &signer.Verifier{Lookup: func(_ context.Context, accessKey string) (signer.Credentials, error) {
		if accessKey != keys.AccessKey {
			return signer.Credentials{}, signer.ErrUnknownAccessKey
		}
		return keys, nil
	}}
	return handler.New(func(context.Context, handler.Dump) (handler.Accepted, error) {
		return handler.Accepted{DumpResponse: gen.DumpResponse{AssetID: "f488337c31c8e4622f1590735b134c65"}}, nil
	}, handler.Config{Authenticate: func(r *http.Request, _ string, body []byte) error {
		_, err := verifier.Verify(r, body)
		return err
	}})
}

func kinHandler(b *testing.B, next http.Handler) http.Handler {
	b.Helper()
	document, err := openapi3.NewLoader().LoadFromData(openapi.Reproduction)
	if err != nil {
		b.Fatal(err)
	}
	document.Servers = nil // any host
	router, err := legacy.NewRouter(document)
	if err != nil {
		b.Fatal(err)
	}
	validator := openapi3filter.NewValidator(router, openapi3filter.ValidationOptions(openapi3filter.Options{
		MultiError: true, SkipSettingDefaults: true, AuthenticationFunc: openapi3filter.NoopAuthenticationFunc,
	}))
	return validator.Middleware(next)
}

// served serves a handler and returns dumps by the clients of another process.
func served(b *testing.B, h http.Handler) sidebyside.Work {
	b.Helper()
	server := httptest.NewServer(h)
	b.Cleanup(server.Close)
	return dumpsTo(b, server.URL)
}

// dumpsTo returns dumps to a server by the clients of another process.
func dumpsTo(b *testing.B, url string) sidebyside.Work {
	b.Helper()
	order, done := startRole(b, clientRole+"="+url)
	return func(n int) {
		if _, err := fmt.Fprintln(order, n); err != nil {
			b.Fatal(err)
		}
		if said, err := done.ReadString('\n'); err != nil || said != "done\n" {
			b.Fatalf("the clients said %q, %v", said, err)
		}
	}
}
