package server

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"sync"
	"time"
)

const (
	// healthFor is how long a finding is good for, so that many probes cost as much as one.
	healthFor = time.Second
	// healthTimeout bounds each check.
	healthTimeout = 3 * time.Second
)

// health finds out whether the service can do what it is there for. Its handlers
// need no credentials and say nothing that is nobody's business.
type health struct {
	checks map[string]func(context.Context) error
	log    *slog.Logger

	mu    sync.Mutex
	found map[string]string
	until time.Time
}

// healthOf checks that the database can be read and written, that the object store knows the service's bucket, and that
// the disk has room where the database is a file on it.
func (s *Server) healthOf(c Config) *health {
	h := &health{log: c.Log, checks: map[string]func(context.Context) error{
		"database": s.assets.Ping,
		"store":    func(ctx context.Context) error { return pingObjects(ctx, s.objects, c.Service.Store.Bucket) },
	}}
	if c.Service.Database == "" {
		h.checks["disk"] = func(context.Context) error { return checkRoom(s.scratch.path) }
	}
	return h
}

// checkedRoom is how many bytes a disk must take to be found working. A small write to SQLite may succeed on a full one,
// within what the file has already.
const checkedRoom = 1 << 20

// checkRoom returns an error when the disk of a directory takes no more.
func checkRoom(dir string) error {
	file, err := os.CreateTemp(dir, "health")
	if err != nil {
		return err
	}
	_, err = file.Write(make([]byte, checkedRoom))
	return errors.Join(err, file.Close(), os.Remove(file.Name()))
}

// live responds with 200 while the process serves requests at all.
func (*health) live(w http.ResponseWriter, _ *http.Request) { writeHealth(w, http.StatusOK, nil) }

// ready responds with 200 while everything works that requests need, else with
// 503, and names what does not.
func (h *health) ready(w http.ResponseWriter, r *http.Request) {
	found := h.look(r.Context())
	status := http.StatusOK
	for _, state := range found {
		if state != healthy {
			status = http.StatusServiceUnavailable
		}
	}
	writeHealth(w, status, found)
}

const (
	healthy = "ok"
	failing = "unavailable"
)

func writeHealth(w http.ResponseWriter, status int, checks map[string]string) {
	body := struct {
		Status string            `json:"status"`
		Checks map[string]string `json:"checks,omitempty"`
	}{healthy, checks}
	if status != http.StatusOK {
		body.Status = failing
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the client has gone
}

// look runs the checks, unless that was done just now.
func (h *health) look(ctx context.Context) map[string]string {
	h.mu.Lock()
	defer h.mu.Unlock()
	if time.Now().Before(h.until) {
		return h.found
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), healthTimeout)
	defer cancel()
	var all sync.WaitGroup
	var mu sync.Mutex
	found := map[string]string{}
	for name, check := range h.checks {
		all.Go(func() {
			state := healthy
			if err := check(ctx); err != nil {
				h.log.LogAttrs(ctx, slog.LevelError, "health check failed", slog.String("check", name), slog.Any("error", err))
				state = failing
			}
			mu.Lock()
			defer mu.Unlock()
			found[name] = state
		})
	}
	all.Wait()
	h.found, h.until = found, time.Now().Add(healthFor)
	return found
}

// isHealth are the paths of health checks; /healthz is the name that /readyz had first.
var isHealth = map[string]bool{"/livez": true, "/readyz": true, "/healthz": true}

// handle routes the paths of health checks.
func (h *health) handle(mux *http.ServeMux) {
	mux.HandleFunc("GET /livez", h.live)
	mux.HandleFunc("GET /readyz", h.ready)
	mux.HandleFunc("GET /healthz", h.ready)
}
