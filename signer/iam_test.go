package signer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// iam issues tokens token-1, token-2, ... that live as long as lifetime says, or answers as broken says.
type iam struct {
	*httptest.Server
	mu       sync.Mutex
	now      time.Time
	lifetime time.Duration
	broken   http.HandlerFunc
	gate     chan struct{} // if not nil, every request waits for it
	issued   int
	question map[string]any
}

func newIAM(t *testing.T) (*iam, *IAMToken) {
	t.Helper()
	server := &iam{now: benchTime, lifetime: 24 * time.Hour}
	server.Server = serve(t, server.serve)
	return server, &IAMToken{
		Endpoint: server.URL + "/", Domain: "account", User: "user", Password: "CANARY-password",
		ProjectName: "cn-north-4", Client: server.Client(), Now: server.clock,
	}
}

func (s *iam) clock() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

func (s *iam) set(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
}

func (s *iam) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.issued
}

// asked returns the last question, with its names in order.
func (s *iam) asked(t *testing.T) string {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	question, err := json.Marshal(s.question)
	if err != nil {
		t.Fatal(err)
	}
	return string(question)
}

func (s *iam) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	gate := s.gate
	s.mu.Unlock()
	if gate != nil {
		<-gate
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.issued++
	if s.broken != nil {
		s.broken(w, r)
		return
	}
	if r.Method != http.MethodPost || r.URL.String() != "/v3/auth/tokens?nocatalog=true" {
		http.NotFound(w, r)
		return
	}
	_ = json.NewDecoder(r.Body).Decode(&s.question)
	w.Header().Set("X-Subject-Token", fmt.Sprintf("token-%d", s.issued))
	w.WriteHeader(http.StatusCreated)
	_, _ = fmt.Fprintf(w, `{"token":{"expires_at":%q,"methods":["password"]}}`,
		s.now.Add(s.lifetime).Format("2006-01-02T15:04:05.000000Z"))
}

func wantToken(t *testing.T, source TokenSource, refused, want string) {
	t.Helper()
	if got, err := source.Token(t.Context(), refused); err != nil || got != want {
		t.Errorf("token %q, %v, want %q", got, err, want)
	}
}

func TestIAMTokenIsKeptAndRenewed(t *testing.T) {
	t.Parallel()
	server, source := newIAM(t)
	wantToken(t, source, "", "token-1")
	question := server.asked(t)
	want := `{"auth":{"identity":{"methods":["password"],"password":{"user":{"domain":{"name":"account"},` +
		`"name":"user","password":"CANARY-password"}}},"scope":{"project":{"name":"cn-north-4"}}}}`
	if question != want {
		t.Errorf("asked %s\nwant  %s", question, want)
	}
	server.set(func() { server.now = benchTime.Add(24*time.Hour - 5*time.Minute - time.Second) })
	wantToken(t, source, "", "token-1")
	server.set(func() { server.now = benchTime.Add(24*time.Hour - 5*time.Minute) })
	wantToken(t, source, "", "token-1") // while the next one is fetched
	wantToken(t, source, "token-1", "token-2")
	wantToken(t, source, "token-2", "token-3") // refused by a server
	wantToken(t, source, "token-2", "token-3") // another caller with the same refused one
	server.set(func() { server.lifetime = time.Minute })
	wantToken(t, source, "token-3", "token-4")
	server.set(func() { server.now = server.now.Add(29 * time.Second) })
	wantToken(t, source, "", "token-4") // half of its life is not over
	server.set(func() { server.now = server.now.Add(time.Second) })
	wantToken(t, source, "", "token-4")
	wantToken(t, source, "token-4", "token-5")
}

func TestIAMTokenByProjectID(t *testing.T) {
	t.Parallel()
	server, source := newIAM(t)
	source.ProjectID = "0f5e1b6a2c3d4e5f8091a2b3c4d5e6f7"
	wantToken(t, source, "", "token-1")
	want := `"scope":{"project":{"id":"0f5e1b6a2c3d4e5f8091a2b3c4d5e6f7"}}`
	if question := server.asked(t); !strings.Contains(question, want) {
		t.Errorf("asked %s, want %s", question, want)
	}
}

func TestIAMTokenOneAtATime(t *testing.T) {
	t.Parallel()
	server, source := newIAM(t)
	server.gate = make(chan struct{})
	impatient, cancel := context.WithCancel(t.Context())
	first := make(chan error)
	go func() { // asks first, and gives up while IAM thinks
		_, err := source.Token(impatient, "")
		first <- err
	}()
	var wg sync.WaitGroup
	for range 32 {
		wg.Go(func() { wantToken(t, source, "", "token-1") })
	}
	cancel()
	if err := <-first; !errors.Is(err, context.Canceled) {
		t.Errorf("the one who gave up got %v", err)
	}
	close(server.gate)
	wg.Wait()
	if n := server.count(); n != 1 {
		t.Errorf("IAM was asked %d times", n)
	}
}

func TestIAMRefusals(t *testing.T) {
	t.Parallel()
	answer := func(status int, body string, header ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			for i := 0; i+1 < len(header); i += 2 {
				w.Header().Set(header[i], header[i+1])
			}
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		}
	}
	valid := `{"token":{"expires_at":"2026-01-17T08:00:00.000000Z"}}`
	tests := []struct {
		name   string
		answer http.HandlerFunc
		want   string
	}{
		{
			"wrong password", answer(401, `{"error":{"code":401,"message":"The username or password is wrong.","title":"Unauthorized"}}`),
			"HTTP 401: Unauthorized: The username or password is wrong. (check user",
		},
		{"password repeated", answer(400, `{"error":{"message":"bad CANARY-password\n"}}`), "bad ***"},
		{"a proxy's page", answer(502, `<html>`), "HTTP 502"},
		{"a long message", answer(400, `{"error":{"message":"`+strings.Repeat("m", 9000)+`"}}`), "m..."},
		{"no token", answer(201, valid), "X-Subject-Token"},
		{"a huge token", answer(201, valid, "X-Subject-Token", strings.Repeat("t", 70<<10)), "X-Subject-Token"},
		{"no end", answer(201, `{}`, "X-Subject-Token", "t"), "expires_at"},
		{"not JSON", answer(201, `<`, "X-Subject-Token", "t"), "expires_at"},
		{"a huge answer", answer(201, strings.Repeat(" ", 2<<20), "X-Subject-Token", "t"), "longer than"},
		{"already over", answer(201, `{"token":{"expires_at":"2026-01-16T07:59:59Z"}}`, "X-Subject-Token", "t"), "set the clock"},
		{"a redirect", answer(307, ``, "Location", "/elsewhere"), "HTTP 307"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server, source := newIAM(t)
			server.broken = test.answer
			_, err := source.Token(t.Context(), "")
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("error %v, want one about %q", err, test.want)
			}
			if text := err.Error(); strings.Contains(text, "CANARY") || strings.Contains(text, "\n") || len(text) > 1000 {
				t.Errorf("error %q", text)
			}
			if n := server.count(); n != 1 {
				t.Errorf("IAM was asked %d times", n)
			}
		})
	}
}

// A wrong password is not tried again and again: that locks the user.
func TestIAMRefusalIsHeld(t *testing.T) {
	t.Parallel()
	server, source := newIAM(t)
	server.broken = func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) }
	for range 10 {
		_, err := source.Token(t.Context(), "")
		var refusal *IAMError
		if !errors.As(err, &refusal) || refusal.Status != http.StatusUnauthorized {
			t.Fatal(err)
		}
	}
	if n := server.count(); n != 1 {
		t.Errorf("IAM was asked %d times", n)
	}
	server.set(func() { server.now, server.broken = server.now.Add(time.Minute), nil })
	wantToken(t, source, "", "token-2")
}

func TestIAMTokenOutlivesAnOutage(t *testing.T) {
	t.Parallel()
	server, source := newIAM(t)
	wantToken(t, source, "", "token-1")
	server.set(func() {
		server.broken = func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }
		server.now = server.now.Add(24*time.Hour - time.Minute)
	})
	wantToken(t, source, "", "token-1")
	if _, err := source.Token(t.Context(), "token-1"); err == nil {
		t.Error("a refused token is given out again")
	}
	server.set(func() { server.now = server.now.Add(time.Minute) })
	if _, err := source.Token(t.Context(), ""); err == nil {
		t.Error("a token is given out after its end")
	}
}

// While IAM hangs, nobody waits for it who has a token.
func TestIAMTokenWhileIAMHangs(t *testing.T) {
	t.Parallel()
	server, source := newIAM(t)
	wantToken(t, source, "", "token-1")
	gate := make(chan struct{})
	server.set(func() { server.gate, server.now = gate, server.now.Add(24*time.Hour-time.Minute) })
	for range 3 {
		wantToken(t, source, "", "token-1")
	}
	close(gate)
	wantToken(t, source, "token-1", "token-2")
}

func TestIAMTokenNeedsItsFields(t *testing.T) {
	t.Parallel()
	for want, clear := range map[string]func(*IAMToken){
		"Endpoint": func(s *IAMToken) { s.Endpoint = "" }, "Domain": func(s *IAMToken) { s.Domain = "" },
		"User": func(s *IAMToken) { s.User = "" }, "Password": func(s *IAMToken) { s.Password = "" },
		"ProjectName": func(s *IAMToken) { s.ProjectName = "" },
	} {
		server, source := newIAM(t)
		clear(source)
		if _, err := source.Token(t.Context(), ""); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("without %s: %v", want, err)
		}
		if n := server.count(); n != 0 {
			t.Errorf("without %s: IAM was asked %d times", want, n)
		}
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	_, source := newIAM(t)
	if _, err := source.Token(gone, ""); !errors.Is(err, context.Canceled) {
		t.Errorf("with a canceled context: %v", err)
	}
}
