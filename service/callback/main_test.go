package callback_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/vod-reproduction/vod/service/callback"
	"github.com/vod-reproduction/vod/service/endpoint"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const key = "canary-key-5b1f"

var now = time.Date(2026, 1, 16, 8, 0, 0, 0, time.UTC)

func clock() time.Time { return now }

// event is one that can be sent.
func event() callback.Event {
	return callback.Event{Type: callback.CreateComplete, ID: "e1", AssetID: "f488337c31c8e4622f1590735b134c65", Status: callback.Succeeded}
}

// serve starts a receiver that lives as long as the test.
func serve(t *testing.T, handler http.HandlerFunc) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server
}

// sender sends to address.
func sender(t *testing.T, address string, now func() time.Time) *callback.Sender {
	t.Helper()
	s, err := callback.New(endpoint.Config{URL: address, Now: now}, key)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.CloseIdleConnections)
	return s
}

// open reads a notification as receivers do and gives its message.
func open(t *testing.T, r *http.Request) string {
	t.Helper()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Error(err)
	}
	var envelope map[string]string
	if err := json.Unmarshal(body, &envelope); err != nil || len(envelope) != 1 {
		t.Errorf("body %s: %v", body, err)
	}
	return envelope["message"]
}
