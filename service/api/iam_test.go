package api

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// The official SDKs ask for the ID of their project by the name of the region.
func TestListProjects(t *testing.T) {
	t.Parallel()
	s, _ := newServer(t, time.Now, 0)
	h := s.Handler()
	token, _ := s.tokens.issue("developer")
	mine := []projectEntry{{ID: project, Name: "cn-north-4", Enabled: true}}
	for query, want := range map[string][]projectEntry{
		"": mine, "?name=cn-north-4": mine, "?name=cn-north-1": {}, "?name=": {}, "?name=" + project: {},
	} {
		r := httptest.NewRequest(http.MethodGet, "/v3/projects"+query, nil)
		r.Header.Set("X-Auth-Token", token)
		w, _ := ask(h, r)
		var got projectList
		if err := json.Unmarshal(w.Body.Bytes(), &got); w.Code != http.StatusOK || err != nil {
			t.Fatalf("%q: %d %s", query, w.Code, w.Body)
		}
		if d := cmp.Diff(want, got.Projects); d != "" {
			t.Errorf("%q (-want +got):\n%s", query, d)
		}
	}
	if w, refusal := ask(h, httptest.NewRequest(http.MethodGet, "/v3/projects", nil)); w.Code != http.StatusUnauthorized {
		t.Errorf("without credentials: %d %s", w.Code, refusal.ErrorCode)
	}
}

// A token counts although a proxy or a library left credentials of another scheme beside it; a signature is no leftover.
func TestTokenBesideAuthorization(t *testing.T) {
	t.Parallel()
	s, _ := newServer(t, time.Now, 0)
	h := s.Handler()
	token, _ := s.tokens.issue("developer")
	for authorization, want := range map[string]int{
		"Basic YTpi":          http.StatusOK,
		"Bearer abc":          http.StatusOK,
		"AWS4-HMAC-SHA256 x":  http.StatusOK,
		"SDK-HMAC-SHA256 x=y": http.StatusUnauthorized,
	} {
		r := httptest.NewRequest(http.MethodGet, "/v3/projects", nil)
		r.Header.Set("X-Auth-Token", token)
		r.Header.Set("Authorization", authorization)
		if w, _ := ask(h, r); w.Code != want {
			t.Errorf("%s: %d %s, want %d", authorization, w.Code, w.Body, want)
		}
		r.Header.Set("X-Auth-Token", "wrong")
		if w, _ := ask(h, r); w.Code != http.StatusUnauthorized {
			t.Errorf("%s beside a wrong token: %d", authorization, w.Code)
		}
	}
}
