package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/vod-reproduction/vod/service/metrics"
)

// exporter serves the metrics at an address of their own, which is nobody's but the operator's.
type exporter struct {
	address string
	server  *http.Server
}

// export serves m at /metrics until close.
func export(ctx context.Context, address string, m *metrics.Metrics, log *slog.Logger) (*exporter, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen for Prometheus: %w", err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", m.Handler())
	e := &exporter{listener.Addr().String(), &http.Server{
		Handler: mux, ReadHeaderTimeout: 10 * time.Second, WriteTimeout: time.Minute, MaxHeaderBytes: 64 << 10,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}}
	go func() {
		if err := e.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			log.LogAttrs(ctx, slog.LevelError, "metrics are not served any more", slog.Any("error", err))
		}
	}()
	return e, nil
}

// close ends the serving; a nil exporter has nothing to end.
func (e *exporter) close() error {
	if e == nil {
		return nil
	}
	return e.server.Close()
}
