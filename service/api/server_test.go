package api

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/vod-reproduction/vod/gen"
	"github.com/vod-reproduction/vod/service/config"
	"github.com/vod-reproduction/vod/service/keyring"
	"github.com/vod-reproduction/vod/service/metrics"
	"github.com/vod-reproduction/vod/signer"
)

const project = "0f5e1b6a2c3d4e5f8091a2b3c4d5e6f7"

// newServer returns an API without a database behind it: enough for what is decided before one is asked.
func newServer(t testing.TB, now func() time.Time, perMinute int) (*Server, *bytes.Buffer) {
	t.Helper()
	var log bytes.Buffer
	keys, err := keyring.Open(filepath.Join(t.TempDir(), "key"), true)
	if err != nil {
		t.Fatal(err)
	}
	return New(Config{
		Service: config.Config{
			Region: "cn-north-4", RequestsPerMinute: perMinute,
			Projects: []config.Project{{ID: project, Name: "cn-north-4"}},
			Users:    []config.User{{Name: "developer", Domain: "local", Password: "secret", Project: project}},
		},
		Keys: keys, Log: slog.New(slog.NewTextHandler(&log, nil)), Now: now,
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
	token, _ := s.tokens.issue("developer")
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
	h := s.Wrap(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		panic("details that are nobody's business")
	}))
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
	s, log := newServer(t, time.Now, 0)
	var observed []metrics.Request
	s.observe = func(r metrics.Request) { observed = append(observed, r) }
	h := s.logged(s.rescued(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.(*response).operation = "POST /dump"
		_, _ = w.Write([]byte("half"))
		panic("too late")
	})))
	defer func() {
		if err, _ := recover().(error); !errors.Is(err, http.ErrAbortHandler) {
			t.Errorf("the connection is not cut: %v", err)
		}
		if len(observed) != 1 || observed[0].Bytes != int64(len("half")) || !strings.Contains(log.String(), "msg=request ") {
			t.Errorf("observed %+v, logged %s", observed, log)
		}
	}()
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, "/dump", nil))
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
	now := time.Date(2026, 1, 16, 8, 0, 0, 123456789, time.UTC)
	s, _ := newServer(t, func() time.Time { return now }, 0)
	value, expires := s.tokens.issue("developer")
	now = expires.Add(-time.Second)
	if who, ok := s.tokens.find(value); !ok || who.name != "developer" || who.project != project {
		t.Errorf("before its end: %v %v", who, ok)
	}
	now = expires
	if _, ok := s.tokens.find(value); ok {
		t.Error("a token is good at its end")
	}
}

// A token is taken by every process with the key, for as long as its user is the same.
func TestTokensOfOthers(t *testing.T) {
	t.Parallel()
	ours, _ := newServer(t, time.Now, 0)
	value, _ := ours.tokens.issue("developer")
	other := func(keys Keys, users ...config.User) *Server {
		return New(Config{Service: config.Config{Users: users}, Keys: keys, Log: slog.New(slog.DiscardHandler), Now: time.Now})
	}
	developer := ours.tenants.users["developer"]
	promoted, changed := developer, developer
	promoted.Permissions = []string{"*"}
	changed.Password = "another"
	foreign, err := keyring.Open(filepath.Join(t.TempDir(), "key"), true)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		at   *Server
		want bool
	}{
		"another process":       {other(ours.keys, developer), true},
		"other permissions now": {other(ours.keys, promoted), true},
		"password changed":      {other(ours.keys, changed), false},
		"user removed":          {other(ours.keys), false},
		"another key":           {other(foreign, developer), false},
	} {
		who, ok := c.at.tokens.find(value)
		if ok != c.want {
			t.Errorf("%s: %v", name, ok)
		}
		if name == "other permissions now" && !who.may("anything") {
			t.Error("a token keeps the permissions that its user had")
		}
	}
}

// What is no token of ours is none, whatever it looks like.
func FuzzToken(f *testing.F) {
	s, _ := newServer(f, time.Now, 0)
	value, _ := s.tokens.issue("developer")
	f.Add(value)
	f.Add(value[:len(value)-1])
	f.Add(strings.ToUpper(value))
	f.Add("")
	f.Add(base64.RawURLEncoding.EncodeToString(s.keys.Seal("an asset", []byte(`{"user":"developer","expires":9999999999}`))))
	f.Fuzz(func(t *testing.T, other string) {
		if _, ok := s.tokens.find(other); ok != (other == value) {
			t.Errorf("%q is taken: %v", other, ok)
		}
	})
}

// unread is a body that nobody may read.
type unread struct{ t *testing.T }

func (u unread) Read([]byte) (int, error) {
	u.t.Error("the body was read before the credential was judged")
	return 0, io.EOF
}

func TestNoBodyOfStrangersIsRead(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 16, 8, 0, 0, 0, time.UTC)
	s, _ := newServer(t, func() time.Time { return now }, 0)
	signature := signer.Algorithm + " Access=%s, SignedHeaders=host;x-sdk-date, Signature=" + strings.Repeat("0", 64)
	for name, header := range map[string]http.Header{
		"nothing":       {},
		"no signature":  {"Authorization": {"x"}},
		"unknown key":   {"Authorization": {fmt.Sprintf(signature, "NOBODY")}, "X-Sdk-Date": {"20260116T080000Z"}},
		"old date":      {"Authorization": {fmt.Sprintf(signature, "NOBODY")}, "X-Sdk-Date": {"20200116T080000Z"}},
		"unknown token": {"X-Auth-Token": {"x"}},
		"both":          {"X-Auth-Token": {"x"}, "Authorization": {"x"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest(http.MethodPost, "/v1.0/"+project+"/asset/reproduction", unread{t})
			r.Header = header
			if w, refusal := ask(s.Handler(), r); w.Code != http.StatusUnauthorized || refusal.ErrorCode != "APIGW.0301" {
				t.Errorf("%d %s", w.Code, w.Body)
			}
		})
	}
}

// Padding of a request is not kept.
func TestCompact(t *testing.T) {
	t.Parallel()
	padded := `{"title":` + strings.Repeat(" ", 1<<10) + `"a  b"` + strings.Repeat("\n", 1<<10) + `}`
	if got := string(compact([]byte(padded))); got != `{"title":"a  b"}` {
		t.Errorf("%q is kept", got)
	}
}

// A key is part of what was signed: nobody else may add one, change it or take it away.
func TestIdempotencyKeyIsSigned(t *testing.T) {
	t.Parallel()
	s, _ := newServer(t, time.Now, 0)
	pair := signer.Credentials{AccessKey: "AK", SecretKey: "SK"}
	s.tenants.keys[pair.AccessKey] = config.Credential{AccessKey: "AK", SecretKey: "SK", Project: project}
	for name, c := range map[string]struct {
		signed, sent string
		ok           bool
	}{
		"signed":    {"one", "one", true},
		"none":      {"", "", true},
		"added":     {"", "another", false},
		"changed":   {"one", "another", false},
		"taken out": {"one", "", false},
	} {
		r := httptest.NewRequest(http.MethodPost, "/v1.0/"+project+"/nothing", nil)
		if c.signed != "" {
			r.Header.Set(headerKey, c.signed)
		}
		if err := signer.Sign(r, nil, pair, time.Now()); err != nil {
			t.Fatal(err)
		}
		r.Header.Del(headerKey)
		if c.sent != "" {
			r.Header.Set(headerKey, c.sent)
		}
		w, refusal := ask(s.Handler(), r)
		if ok := w.Code == http.StatusNotFound; ok != c.ok || !ok && refusal.ErrorCode != "APIGW.0301" {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
}

// Small bodies are always read. Large ones have places, a few for each address.
func TestBodiesAreBounded(t *testing.T) {
	t.Parallel()
	var b bodies
	read := func(size int, address string) (func(), error) {
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(strings.Repeat("x", size)))
		body, release, err := b.read(httptest.NewRecorder(), r, netip.MustParsePrefix(address+"/32"))
		if err == nil && len(body) != size {
			t.Errorf("%d of %d bytes were read", len(body), size)
		}
		return release, err
	}
	var releases []func()
	for i := range maxLarge {
		release, err := read(smallBody+1, fmt.Sprint("10.0.0.", i/maxLargeEach))
		if err != nil {
			t.Fatalf("body %d: %v", i, err)
		}
		releases = append(releases, release)
	}
	for name, c := range map[string]struct {
		size    int
		address string
		err     string
	}{
		"small":         {smallBody, "10.0.0.0", ""},
		"large":         {smallBody + 1, "10.0.0.9", "VOD.10052"},
		"large, own":    {smallBody + 1, "10.0.0.0", "VOD.10052"},
		"exactly":       {0, "10.0.0.0", ""},
		"beyond limits": {maxBody + 1, "10.0.0.9", "VOD.10052"},
	} {
		if _, err := read(c.size, c.address); (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	releases[0]()
	if _, err := read(maxBody, "10.0.0.1"); err == nil {
		t.Error("an address has more than its share")
	}
	var tooLarge *http.MaxBytesError
	if _, err := read(maxBody+1, "10.0.0.9"); !errors.As(err, &tooLarge) {
		t.Errorf("too large: %v", err)
	}
	if _, err := read(maxBody, "10.0.0.0"); err != nil {
		t.Errorf("the largest: %v", err)
	}
}
