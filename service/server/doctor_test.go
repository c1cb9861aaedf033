package server

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

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
