package server

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A service that one thing fails for is not ready, and names it and nothing else.
func TestReadyNamesWhatFails(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault error
		code  int
		body  string
	}{
		"works": {nil, http.StatusOK, `{"status":"ok","checks":{"database":"ok","disk":"ok"}}`},
		"fails": {errors.New("database or disk is full: canary"), http.StatusServiceUnavailable, `{"status":"unavailable","checks":{"database":"unavailable","disk":"ok"}}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := &health{log: slog.New(slog.DiscardHandler), checks: map[string]func(context.Context) error{
				"database": func(context.Context) error { return c.fault },
				"disk":     func(context.Context) error { return nil },
			}}
			w := httptest.NewRecorder()
			h.ready(w, httptest.NewRequest(http.MethodGet, "/readyz", nil))
			if got := strings.TrimSpace(w.Body.String()); w.Code != c.code || got != c.body {
				t.Errorf("%d %s, want %d %s", w.Code, got, c.code, c.body)
			}
		})
	}
}

// The disk is looked at where files are written, and nothing of the look stays there.
func TestCheckRoom(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := checkRoom(dir); err != nil {
		t.Errorf("a disk with room: %v", err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("%v stays, %v", left, err)
	}
	if err := checkRoom(filepath.Join(dir, "gone")); err == nil {
		t.Error("a directory that cannot be written has room")
	}
}
