package server

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/vod-reproduction/vod/service/config"
)

// A running service is recognized though its certificate is not for the address on which it listens.
func TestExaminePortsTLS(t *testing.T) {
	t.Parallel()
	running := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer running.Close()
	c := Config{Service: config.Config{Listen: running.Listener.Addr().String(), TLS: config.TLS{Certificate: "cert.pem", Key: "key.pem"}}}
	if f := examinePorts(t.Context(), c); f.Advice != "" || !strings.Contains(f.Detail, "is ready") {
		t.Errorf("%+v", f)
	}
}

// A directory that cannot be written to is no reason to restore the database in it from a backup.
func TestExamineDirectoryThatIsGone(t *testing.T) {
	t.Parallel()
	c := Config{Dir: filepath.Join(t.TempDir(), "gone"), Service: config.Development()}
	for _, f := range Examine(t.Context(), c) {
		if wrong := f.Advice != ""; f.Subject == "data directory" && !wrong || f.Subject == "database" && (wrong || !strings.Contains(f.Detail, "not looked at")) {
			t.Errorf("%+v", f)
		}
	}
}

// The clock is that of the store's endpoint itself, and one that accepts and is silent holds nothing up.
func TestExamineClock(t *testing.T) {
	t.Parallel()
	behind := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Date", time.Now().Add(-time.Hour).UTC().Format(http.TimeFormat))
	}))
	t.Cleanup(behind.Close)
	for name, test := range map[string]struct {
		handler http.HandlerFunc
		detail  string
	}{
		"redirects": {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, behind.URL, http.StatusFound) }, "apart from"},
		"silent":    {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, "no other machine"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			endpoint := httptest.NewServer(test.handler)
			defer endpoint.Close()
			c := Config{Service: config.Config{Store: config.Store{Endpoint: endpoint.URL}}}
			if f := examineClock(t.Context(), c); f.Advice != "" || !strings.Contains(f.Detail, test.detail) {
				t.Errorf("%+v", f)
			}
		})
	}
}
