package ui

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/vod-reproduction/vod/service/asset"
)

// encrypts keeps a key for the asset before it ends.
func (s *site) encrypts(key string) script {
	return func(ctx context.Context, a asset.Attempt) error {
		_, err := s.store.Cipher(ctx, a, []byte(key))
		return errors.Join(err, s.finishes(7)(ctx, a))
	}
}

// The key is for signed-in users of the asset's own project; to all others it
// looks like what was never there.
func TestKey(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	const secret = "0123456789\x00\n<&\xff~"
	id, plain := s.accept(t, func(n *asset.New) { n.AutoPublish = true }), s.accept(t, nil)
	s.work(t, scripts{id: s.encrypts(secret), plain: s.finishes(7)})

	path := KeyPath("/ui", id)
	got := s.ask(t, project, http.MethodGet, path)
	if got.Code != http.StatusOK || got.Body.String() != secret {
		t.Fatalf("GET %s = %d with %d bytes", path, got.Code, got.Body.Len())
	}
	for name, want := range map[string]string{
		"Content-Type": "application/octet-stream", "Content-Length": "16", "Cache-Control": "no-store", "Content-Security-Policy": policy,
		"X-Content-Type-Options": "nosniff", "Cross-Origin-Resource-Policy": "same-origin",
	} {
		if got := got.Header().Get(name); got != want {
			t.Errorf("%s of a key = %q, want %q", name, got, want)
		}
	}

	missing := s.ask(t, project, http.MethodGet, KeyPath("/ui", strings.Repeat("0", 32)))
	for _, c := range []struct {
		name, project, path string
		status              int
	}{
		{"another project", stranger, path, http.StatusNotFound},
		{"an asset without a key", project, KeyPath("/ui", plain), http.StatusNotFound},
		{"no asset", project, KeyPath("/ui", "%2e%2e%2fx"), http.StatusNotFound},
		{"nobody", "", path, http.StatusUnauthorized},
	} {
		w := s.ask(t, c.project, http.MethodGet, c.path)
		if w.Code != c.status || strings.Contains(w.Body.String(), secret) || w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s gets %d: %s", c.name, w.Code, w.Body)
		}
		if c.status == http.StatusNotFound && w.Body.String() != missing.Body.String() {
			t.Errorf("%s looks other than a missing asset:\n%s", c.name, w.Body)
		}
	}
	if w := s.ask(t, project, http.MethodPost, path); w.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST %s = %d", path, w.Code)
	}
	if page := s.ask(t, project, http.MethodGet, "/ui/assets/"+id); strings.Contains(page.Body.String(), secret) {
		t.Error("the page shows the key")
	}
}

// A key that cannot be read is a fault of the service, which does not tell its cause.
func TestKeyOfBrokenRecord(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	if err := s.store.Close(); err != nil {
		t.Fatal(err)
	}
	w := s.ask(t, project, http.MethodGet, KeyPath("/ui", strings.Repeat("0", 32)))
	if w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "sql") {
		t.Errorf("GET key = %d %s", w.Code, w.Body)
	}
}
