package endpoint_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/vod-reproduction/vod/service/endpoint"
)

// TestPost sends what it was given and nothing more.
func TestPost(t *testing.T) {
	t.Parallel()
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		want := http.Header{"Accept-Encoding": {"gzip"}, "Content-Length": {"5"}, "User-Agent": {"vod"}, "X-Key": {"k"}}
		if err != nil || string(body) != "hello" || r.Method != http.MethodPost || r.RequestURI != "/hook?a=b" || fmt.Sprint(r.Header) != fmt.Sprint(want) {
			t.Errorf("%s %s, %v, %q, %v", r.Method, r.RequestURI, r.Header, body, err)
		}
		w.Header().Set("Set-Cookie", "session=1")
		_, _ = io.WriteString(w, "0123456789")
	})
	e := connect(t, server.URL+"/hook?a=b", nil)
	header := http.Header{"X-Key": {"k"}}
	for range 2 {
		if response, err := e.Post(t.Context(), header, []byte("hello"), limit); err != nil || string(response) != "0123456789" {
			t.Errorf("%q, %v", response, err)
		}
	}
	if response, err := e.Post(t.Context(), header, []byte("hello"), 0); err != nil || response != nil {
		t.Errorf("ignored response: %q, %v", response, err)
	}
	if len(header) != 1 {
		t.Errorf("the caller's header became %v", header)
	}
}

func TestBadConfig(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]endpoint.Config{
		"no URL":        {},
		"no host":       {URL: "https:///x"},
		"scheme":        {URL: "ftp://a/"},
		"no URL at all": {URL: "http://canary\x00"},
		"password":      {URL: "https://u:canary@a/"},
		"fragment":      {URL: "https://a/#canary"},
		"timeout":       {URL: "https://a/", Timeout: -1},
	} {
		if e, err := endpoint.New(c, 1); err == nil || e != nil || strings.Contains(err.Error(), "canary") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestSecrets looks for the path of the URL wherever the configuration or an error may be printed.
func TestSecrets(t *testing.T) {
	t.Parallel()
	c := endpoint.Config{URL: "https://127.0.0.1:1/canary-path?token=canary-token"}
	_, err := connect(t, c.URL, nil).Post(t.Context(), http.Header{}, nil, 0)
	if err == nil {
		t.Fatal("a closed port accepts")
	}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("a", "config", c)
	for _, text := range []string{fmt.Sprint(c), fmt.Sprintf("%+v %#v", c, c), connect(t, c.URL, nil).String(), log.String(), err.Error()} {
		if !strings.Contains(text, "127.0.0.1:1") || strings.Contains(text, "canary") {
			t.Errorf("printed: %s", text)
		}
	}
	if text := fmt.Sprint(endpoint.Config{URL: "canary\x00"}); text != "no endpoint" {
		t.Errorf("printed: %s", text)
	}
}

// TestTLS trusts nobody whom the system does not trust.
func TestTLS(t *testing.T) {
	t.Parallel()
	var calls atomic.Int32
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { calls.Add(1) }))
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	server.StartTLS()
	t.Cleanup(server.Close)
	_, err := connect(t, server.URL, nil).Post(t.Context(), http.Header{}, nil, 0)
	if fault, ok := errors.AsType[*endpoint.Error](err); !ok || !fault.Temporary || !strings.Contains(fault.Error(), "certificate") || calls.Load() != 0 {
		t.Errorf("unknown certificate: %v, %d calls", err, calls.Load())
	}
	trusting := connect(t, server.URL, func(c *endpoint.Config) { c.Transport = server.Client().Transport })
	if _, err := trusting.Post(t.Context(), http.Header{}, nil, 0); err != nil || calls.Load() != 1 {
		t.Errorf("trusted certificate: %v, %d calls", err, calls.Load())
	}
}

// TestCanceled distinguishes the end of the caller's context from an endpoint that is slow, before a response and in the midst.
func TestCanceled(t *testing.T) {
	t.Parallel()
	for name, begin := range map[string]func(w http.ResponseWriter){
		"no response": func(http.ResponseWriter) {},
		"half of it": func(w http.ResponseWriter) {
			_, _ = io.WriteString(w, "1234")
			_ = http.NewResponseController(w).Flush()
		},
	} {
		ctx, cancel := context.WithCancelCause(t.Context())
		stopped := errors.New("the service stops")
		server := serve(t, func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			begin(w)
			cancel(stopped)
			<-r.Context().Done()
		})
		_, err := connect(t, server.URL, nil).Post(ctx, http.Header{}, nil, limit)
		if _, ok := errors.AsType[*endpoint.Error](err); ok || !errors.Is(err, stopped) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
