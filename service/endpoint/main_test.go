package endpoint_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/vod-reproduction/vod/service/endpoint"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// now is the time of every Endpoint under test.
var now = time.Date(2026, 1, 16, 8, 0, 0, 0, time.UTC)

// limit is the largest response that the tests take.
const limit = 10

// serve starts an endpoint that lives as long as the test.
func serve(t *testing.T, handler http.HandlerFunc) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server
}

// connect returns an endpoint at address.
func connect(t *testing.T, address string, change func(*endpoint.Config)) *endpoint.Endpoint {
	t.Helper()
	c := endpoint.Config{URL: address, Now: func() time.Time { return now }}
	if change != nil {
		change(&c)
	}
	e, err := endpoint.New(c, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.CloseIdleConnections)
	return e
}

// hang sends nothing until the client has gone.
func hang(r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body) // the server watches the connection only behind the body
	<-r.Context().Done()
}

// roundTrip is a transport of a test's own making.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
