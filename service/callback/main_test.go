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
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const key = "canary-key-5b1f"

// now is the time of every Sender under test.
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
func sender(t *testing.T, address string, change func(*callback.Config)) *callback.Sender {
	t.Helper()
	c := callback.Config{URL: address, Key: key, Now: clock}
	if change != nil {
		change(&c)
	}
	s, err := callback.New(c)
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

// hang answers nothing until the client has gone.
func hang(r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body) // the server watches the connection only behind the body
	<-r.Context().Done()
}
