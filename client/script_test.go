package client_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vod-reproduction/vod/client"
	"github.com/vod-reproduction/vod/gen"
	"github.com/vod-reproduction/vod/signer"
)

const (
	project = "0f5e1b6a2c3d4e5f8091a2b3c4d5e6f7"
	assetID = "f488337c31c8e4622f1590735b134c65"
)

var keys = signer.Credentials{AccessKey: "AKEXAMPLE0000000001", SecretKey: "SKexample0000000000000000000000000000001"}

// step is one request that the server expects, and its response.
type step struct {
	// want is the method and the last part of the path: "POST reproduction", "OPTIONS reproduction", "GET info", ...
	want   string
	check  func(t *testing.T, r *http.Request, body []byte)
	status int
	header map[string]string
	body   string
}

const (
	post  = "POST reproduction"
	probe = "OPTIONS reproduction"
	info  = "GET info"
)

func accepted() step { return ok(post, `{"asset_id":"`+assetID+`"}`) }

func ok(want, body string) step { return step{want: want, status: 200, body: body} }

func refusal(want string, status int, code, message string, header ...string) step {
	s := step{want: want, status: status, body: fmt.Sprintf(`{"error_code":%q,"error_msg":%q}`, code, message)}
	return s.with(header...)
}

// with adds header fields, given as name, value, name, value.
func (s step) with(header ...string) step {
	all := map[string]string{}
	for name, value := range s.header {
		all[name] = value
	}
	for i := 0; i < len(header); i += 2 {
		all[header[i]] = header[i+1]
	}
	s.header = all
	return s
}

// scripted is a server that expects exactly the given requests, in order, each correctly signed.
type scripted struct {
	*httptest.Server
	t     *testing.T
	clock client.Clock
	mu    sync.Mutex
	steps []step
	next  int
	keys  []string // the Idempotency-Key of every POST
}

func script(t *testing.T, clock client.Clock, steps ...step) *scripted {
	s := &scripted{t: t, clock: clock, steps: steps}
	s.Server = httptest.NewServer(s)
	t.Cleanup(func() {
		s.Close()
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, missing := range s.steps[min(s.next, len(s.steps)):] {
			t.Errorf("the expected request %q did not come", missing.want)
		}
	})
	return s
}

func (s *scripted) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		s.t.Errorf("reading request %s %s: %v", r.Method, r.URL, err)
	}
	verify(s.t, s.clock, r, body)
	s.mu.Lock()
	at := s.next
	s.next++
	if r.Method == http.MethodPost {
		s.keys = append(s.keys, r.Header.Get("Idempotency-Key"))
	}
	s.mu.Unlock()
	got := r.Method + " " + r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
	if at >= len(s.steps) {
		s.t.Errorf("request %d, %q, is one too many", at+1, got)
		w.WriteHeader(http.StatusTeapot)
		return
	}
	step := s.steps[at]
	if got != step.want {
		s.t.Errorf("request %d is %q, want %q", at+1, got, step.want)
	}
	if step.check != nil {
		step.check(s.t, r, body)
	}
	respond(w, step)
}

func respond(w http.ResponseWriter, s step) {
	w.Header()["Date"] = nil
	w.Header().Set("Content-Type", "application/json")
	for name, value := range s.header {
		w.Header()[name] = []string{value}
		if value == "" {
			w.Header()[name] = nil
		}
	}
	w.WriteHeader(s.status)
	_, _ = io.WriteString(w, s.body)
}

func verify(t *testing.T, clock client.Clock, r *http.Request, body []byte) {
	t.Helper()
	verifier := signer.Verifier{
		Lookup: func(context.Context, string) (signer.Credentials, error) { return keys, nil },
		Now:    clock.Now,
	}
	if _, err := verifier.Verify(r, bytes.Clone(body)); err != nil {
		t.Errorf("%s %s: the signature does not hold: %v", r.Method, r.URL, err)
	}
}

func (s *scripted) keysSeen() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.keys
}

// connect makes a client for the endpoint with half of every possible jitter.
func connect(t *testing.T, endpoint string, clock client.Clock, change ...func(*client.Config)) *client.Client {
	t.Helper()
	pen, err := signer.New(keys)
	if err != nil {
		t.Fatal(err)
	}
	config := client.Config{
		Endpoint: endpoint, ProjectID: project, Auth: pen, Clock: clock,
		Random: func() float64 { return 0.5 }, Timeout: time.Minute,
		Retry: client.RetryPolicy{MaxAttempts: 3, BaseDelay: time.Second, MaxDelay: 10 * time.Second},
	}
	for _, f := range change {
		f(&config)
	}
	c, err := client.New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.CloseIdleConnections)
	return c
}

// example is the second request of the page, shortened.
func example() *gen.DumpRequest {
	return &gen.DumpRequest{
		VideoType: gen.VideoTypeMP4, Title: "title",
		Input: gen.FileAddr{Bucket: "bucket", Location: "cn-north-4", Object: "path"},
	}
}
