//go:build unix

package bench_test

import (
	"bufio"
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
	clients := startClients(b)
	ours := clients.dumpTo(b, startHandler(b, ourHandler()))
	bare := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.ReadAll(r.Body)
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, response)
	})
	b.Run("a dump served, the server's processor time, beside net/http that reads the body", func(b *testing.B) {
		sidebyside.CompareProcessor(b, callsInATurn, 4*turns, ours, clients.dumpTo(b, startHandler(b, bare)))
	})
	b.Run("the same, beside kin-openapi's middleware, which verifies no signature", func(b *testing.B) {
		sidebyside.CompareProcessor(b, callsInATurn, turns, ours, clients.dumpTo(b, startHandler(b, kinHandler(b, bare))))
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

// startHandler serves a handler and returns its URL.
func startHandler(b *testing.B, h http.Handler) (url string) {
	b.Helper()
	server := httptest.NewServer(h)
	b.Cleanup(server.Close)
	return server.URL
}

// clients are those of another process. They dump to several servers in turns: from one process to the next, what one call
// costs a server differs by more than the servers do.
type clients struct {
	order io.Writer
	done  *bufio.Reader
}

func startClients(b *testing.B) clients {
	b.Helper()
	order, done := startRole(b, clientRole+"=1")
	return clients{order, done}
}

// dumpTo returns dumps to a server.
func (c clients) dumpTo(b *testing.B, url string) sidebyside.Work {
	b.Helper()
	return func(n int) {
		if _, err := fmt.Fprintln(c.order, url, n); err != nil {
			b.Fatal(err)
		}
		if said, err := c.done.ReadString('\n'); err != nil || said != "done\n" {
			b.Fatalf("the clients said %q, %v", said, err)
		}
	}
}
