package server

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/vod-reproduction/vod/service/config"
	"github.com/vod-reproduction/vod/service/object"
)

// A start says what is wrong with the external store, not that there was no more time for retries; nothing of one that works.
func TestReportStore(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name           string
		bucket, object int // 0: there is no server
		says           string
	}{
		{"works", http.StatusOK, http.StatusNotFound, ""},
		{"has no bucket", http.StatusNotFound, http.StatusNotFound, "no such bucket"},
		{"refuses", http.StatusForbidden, http.StatusForbidden, "the object store does not work"},
		{"fails", http.StatusServiceUnavailable, http.StatusServiceUnavailable, "StatusCode: 503"},
		{"is not there", 0, 0, "connection refused"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			store := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if strings.HasSuffix(r.URL.Path, checkedKey) {
					w.WriteHeader(c.object)
				} else {
					w.WriteHeader(c.bucket)
				}
			}))
			defer store.Close()
			if c.bucket == 0 {
				store.Close()
			}
			settings := config.Store{Endpoint: store.URL, Bucket: "vod-service", AccessKey: "ak", SecretKey: "canary"}
			objects, err := object.NewS3(object.Config{Endpoint: settings.Endpoint, AccessKey: settings.AccessKey, SecretKey: settings.SecretKey.Reveal()})
			if err != nil {
				t.Fatal(err)
			}
			var log bytes.Buffer
			service := &Server{objects: objects}
			service.reportStore(t.Context(), Config{Service: config.Config{Store: settings}, Log: slog.New(slog.NewTextHandler(&log, nil))})
			if got := log.String(); !strings.Contains(got, c.says) || c.says == "" && got != "" || strings.Contains(got, "canary") {
				t.Errorf("the log says %q, want %q", got, c.says)
			}
		})
	}
}

// A store that nobody reaches is named, however long is tried; one that fails once is healthy.
func TestPingObjects(t *testing.T) {
	t.Parallel()
	requests := 0
	store := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		status := http.StatusOK
		if requests++; requests == 1 {
			status = http.StatusServiceUnavailable
		}
		w.WriteHeader(status)
	}))
	defer store.Close()
	objects, err := object.NewS3(object.Config{Endpoint: store.URL, AccessKey: "ak", SecretKey: "sk"})
	if err != nil {
		t.Fatal(err)
	}
	defer objects.CloseIdleConnections()
	if err := pingObjects(t.Context(), objects, "vod-service"); err != nil {
		t.Error(err)
	}
	store.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond) // less than the pauses of all tries
	defer cancel()
	if err := pingObjects(ctx, objects, "vod-service"); err == nil || !strings.Contains(err.Error(), strings.TrimPrefix(store.URL, "http://")+": connect: connection refused") {
		t.Error(err)
	}
}
