package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/vod-reproduction/vod/gen"
	"github.com/vod-reproduction/vod/service/config"
)

const project = "0f5e1b6a2c3d4e5f8091a2b3c4d5e6f7"

// newServer returns an API without a database behind it: enough for what is decided before one is asked.
func newServer(t *testing.T, now func() time.Time, perMinute int) (*Server, *bytes.Buffer) {
	t.Helper()
	var log bytes.Buffer
	return New(Config{
		Service: config.Config{
			Region: "cn-north-4", RequestsPerMinute: perMinute,
			Projects: []config.Project{{ID: project, Name: "cn-north-4"}},
			Users:    []config.User{{Name: "developer", Domain: "local", Password: "secret", Project: project}},
		},
		Log: slog.New(slog.NewTextHandler(&log, nil)), Now: now,
	}), &log
}

func ask(h http.Handler, r *http.Request) (*httptest.ResponseRecorder, gen.Error) {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	var refusal gen.Error
	_ = json.Unmarshal(w.Body.Bytes(), &refusal)
	return w, refusal
}

func TestThrottle(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 16, 8, 0, 0, 0, time.UTC)
	s, _ := newServer(t, func() time.Time { return now }, 2)
	token, _ := s.tokens.issue(caller{name: "developer", project: project})
	h := s.Handler()
	call := func() (*httptest.ResponseRecorder, gen.Error) {
		r := httptest.NewRequest(http.MethodGet, "/v1.0/"+project+"/nothing", nil)
		r.Header.Set("X-Auth-Token", token)
		return ask(h, r)
	}
	for range 2 {
		if w, _ := call(); w.Code != http.StatusNotFound {
			t.Fatalf("within the limit: %d", w.Code)
		}
	}
	w, refusal := call()
	if w.Code != http.StatusTooManyRequests || refusal.ErrorCode != "APIGW.0308" || w.Header().Get("Retry-After") != "30" {
		t.Errorf("beyond the limit: %d %s, Retry-After %q", w.Code, w.Body, w.Header().Get("Retry-After"))
	}
	now = now.Add(30 * time.Second)
	if w, _ := call(); w.Code != http.StatusNotFound {
		t.Errorf("after Retry-After: %d", w.Code)
	}
}

func TestPanicIsAnInternalError(t *testing.T) {
	t.Parallel()
	s, log := newServer(t, time.Now, 0)
	h := s.withRequestID(s.logged(s.rescued(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		panic("details that are nobody's business")
	}))))
	w, refusal := ask(h, httptest.NewRequest(http.MethodGet, "/", nil))
	if w.Code != http.StatusInternalServerError || refusal.ErrorCode != "VOD.10051" || strings.Contains(w.Body.String(), "business") {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
	if !strings.Contains(log.String(), "business") || !strings.Contains(log.String(), *refusal.RequestID) {
		t.Errorf("the log does not tell what happened: %s", log)
	}
}

func TestPanicBehindAnAnswerCutsIt(t *testing.T) {
	t.Parallel()
	s, _ := newServer(t, time.Now, 0)
	h := s.logged(s.rescued(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("half"))
		panic("too late")
	})))
	defer func() {
		if err, _ := recover().(error); !errors.Is(err, http.ErrAbortHandler) {
			t.Errorf("the connection is not cut: %v", err)
		}
	}()
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil))
}

func TestInternalErrorsStayInside(t *testing.T) {
	t.Parallel()
	s, log := newServer(t, time.Now, 0)
	w := httptest.NewRecorder()
	s.fail(w, httptest.NewRequest(http.MethodGet, "/", nil), errors.New("dsn=file:/secret/place"))
	if w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "secret") {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
	if !strings.Contains(log.String(), "dsn") {
		t.Error("the log does not tell what happened")
	}
}

func TestTokensExpire(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 16, 8, 0, 0, 0, time.UTC)
	tokens := newTokens(func() time.Time { return now })
	value, expires := tokens.issue(caller{name: "developer"})
	now = expires.Add(-time.Second)
	if who, ok := tokens.find(value); !ok || who.name != "developer" {
		t.Errorf("before its end: %v %v", who, ok)
	}
	now = expires
	if _, ok := tokens.find(value); ok {
		t.Error("a token is good at its end")
	}
}

func TestTokensAreBounded(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 16, 8, 0, 0, 0, time.UTC)
	tokens := newTokens(func() time.Time { return now })
	first, _ := tokens.issue(caller{})
	for range maxTokens {
		now = now.Add(time.Second)
		tokens.issue(caller{})
	}
	if len(tokens.issued) > maxTokens {
		t.Errorf("%d tokens are kept", len(tokens.issued))
	}
	if _, ok := tokens.find(first); ok {
		t.Error("the oldest token has not given way")
	}
}
