package api

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/vod-reproduction/vod/service/config"
)

// Guessing gets slow at the token call and at the pages alike, for the address that guesses and for nobody else.
func TestGuessingIsSlowed(t *testing.T) {
	t.Parallel()
	token := func(from, name, password string) *http.Request {
		r := httptest.NewRequest(http.MethodPost, "/v3/auth/tokens", strings.NewReader(fmt.Sprintf(
			`{"auth":{"identity":{"methods":["password"],"password":{"user":{"name":%q,"password":%q,"domain":{"name":"local"}}}},"scope":{"project":{"id":%q}}}}`,
			name, password, project)))
		r.RemoteAddr = from
		return r
	}
	page := func(from, name, password string) *http.Request {
		r := httptest.NewRequest(http.MethodGet, "/ui/", nil)
		r.SetBasicAuth(name, password)
		r.RemoteAddr = from
		return r
	}
	for name, request := range map[string]func(from, name, password string) *http.Request{"token": token, "page": page} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			now := time.Date(2026, 1, 16, 8, 0, 0, 0, time.UTC)
			s, log := newServer(t, func() time.Time { return now }, 0)
			h := http.NewServeMux()
			h.Handle("/v3/", s.Handler())
			h.Handle("/ui/", s.GuardSignIn(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if _, ok := s.Visitor(r); !ok {
					w.WriteHeader(http.StatusUnauthorized)
				}
			})))
			const here, elsewhere = "192.0.2.1:5", "192.0.2.2:5"
			refused := func(from, user, password string) bool {
				w, _ := ask(h, request(from, user, password))
				return w.Code == http.StatusTooManyRequests
			}
			for i := range freeFailures {
				if refused(here, "developer", "guess") {
					t.Fatalf("guess %d has to wait", i)
				}
			}
			for i, wait := range []time.Duration{time.Second, 2 * time.Second, 4 * time.Second} {
				w, _ := ask(h, request(here, "developer", "secret"))
				if w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") != fmt.Sprint(wait.Seconds()) {
					t.Errorf("guess %d: %d, Retry-After %s, want %s", freeFailures+i, w.Code, w.Header().Get("Retry-After"), wait)
				}
				now = now.Add(wait)
				if refused(here, "developer", "guess") {
					t.Errorf("refused after %s", wait)
				}
			}
			if refused(elsewhere, "developer", "secret") {
				t.Error("the user is locked out elsewhere")
			}
			if refused(here, "nobody", "guess") {
				t.Error("others are locked out here")
			}
			now = now.Add(2 * maxSignInWait)
			if refused(here, "developer", "secret") || refused(here, "developer", "guess") {
				t.Error("the right password does not end the waits")
			}
			if text := log.String(); !strings.Contains(text, "user=developer address=192.0.2.1/32 failures=5") || strings.Contains(text, "guess") || strings.Contains(text, "nobody") {
				t.Errorf("the log: %s", text)
			}
		})
	}
}

// However many names and addresses there are, little is remembered.
func TestGuardIsBounded(t *testing.T) {
	t.Parallel()
	s, _ := newServer(t, time.Now, 0)
	wrong := func() bool { return false }
	start := time.Now()
	for i := range 3 * maxGuarded {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = fmt.Sprintf("10.%d.%d.%d:1", i>>16, i>>8&255, i&255)
		s.limits.guard.try(s.guardedBy(r, fmt.Sprint("nobody", i)), start.Add(time.Duration(i)), wrong)
		r.RemoteAddr = "192.0.2.1:1"
		s.limits.guard.try(s.guardedBy(r, fmt.Sprint("nobody", i)), start.Add(time.Duration(i)), wrong)
	}
	if n := len(s.limits.guard.failures); n > maxGuarded {
		t.Errorf("%d are remembered", n)
	}
}

func TestPeers(t *testing.T) {
	t.Parallel()
	proxies := config.Config{Proxies: []string{"10.0.0.0/8", "192.0.2.9", "::1"}}.ProxyNetworks()
	for _, c := range []struct {
		from      string
		forwarded []string
		want      string
	}{
		{"192.0.2.1:80", nil, "192.0.2.1/32"},
		{"192.0.2.1:80", []string{"198.51.100.1"}, "192.0.2.1/32"},
		{"[::ffff:192.0.2.1]:80", nil, "192.0.2.1/32"},
		{"[2001:db8:1:2:3::4]:80", nil, "2001:db8:1:2::/64"},
		{"[fe80::1%eth0]:80", nil, "fe80::/64"},
		{"10.1.2.3:80", []string{"198.51.100.1"}, "198.51.100.1/32"},
		{"10.1.2.3:80", []string{"1.1.1.1, 198.51.100.1"}, "198.51.100.1/32"},
		{"10.1.2.3:80", []string{"1.1.1.1", "198.51.100.1, 192.0.2.9"}, "198.51.100.1/32"},
		{"[::1]:80", []string{"2001:db8:1:2::3"}, "2001:db8:1:2::/64"},
		{"10.1.2.3:80", []string{"nonsense"}, "10.1.2.3/32"},
		{"10.1.2.3:80", nil, "10.1.2.3/32"},
		{"", nil, netip.Prefix{}.String()},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = c.from
		r.Header["X-Forwarded-For"] = c.forwarded
		if got := (peers{proxies}).of(r).String(); got != c.want {
			t.Errorf("%s, forwarded for %q: %s, want %s", c.from, c.forwarded, got, c.want)
		}
	}
}

// A Server that follows another goes on counting where that was, but for a limit that changed.
func TestLimitsOutliveTheConfiguration(t *testing.T) {
	t.Parallel()
	var limits Limits
	projects := []config.Project{{ID: "a"}, {ID: "b"}}
	first := New(Config{Limits: &limits, Service: config.Config{RequestsPerMinute: 5, Projects: projects}})
	same := New(Config{Limits: &limits, Service: config.Config{RequestsPerMinute: 5, Projects: projects[:1]}})
	if first.throttle["a"] != same.throttle["a"] || same.throttle["b"] != nil {
		t.Errorf("the limiters are %v, then %v", first.throttle, same.throttle)
	}
	if changed := New(Config{Limits: &limits, Service: config.Config{RequestsPerMinute: 6, Projects: projects}}); changed.throttle["a"].Burst() != 6 {
		t.Errorf("the changed limit is %d", changed.throttle["a"].Burst())
	}
	v := visitorOf(caller{name: "visitor", project: "a", permissions: []string{"*"}})
	var release func()
	for range maxUploadsEach {
		var err error
		if release, err = first.BeginUpload(v); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := same.BeginUpload(v); err == nil {
		t.Error("a project has more uploads than its share")
	}
	release()
	release()
	if _, err := same.BeginUpload(v); err != nil {
		t.Error(err)
	}
	if _, err := same.BeginUpload(v); err == nil {
		t.Error("a place was released twice")
	}
}
