package server

import (
	"context"
	"log/slog"

	"github.com/vod-reproduction/vod/service/asset"
	"github.com/vod-reproduction/vod/service/metrics"
)

// requestEnded counts and traces a request.
func (s *Server) requestEnded(r metrics.Request) {
	s.metrics.Request(r)
	s.tracer.Request(r)
}

// stageEnded returns an observer that logs, counts and traces every stage that ends.
func (s *Server) stageEnded(ctx context.Context, log *slog.Logger) func(assetID string, st asset.Stage) {
	return func(assetID string, st asset.Stage) {
		s.metrics.Stage(st)
		log.Info("stage ended", "asset_id", assetID, "stage", st.Name, "state", st.State, "took", st.Duration())
		if !s.tracer.Enabled() {
			return
		}
		request, err := s.assets.RequestID(ctx, assetID)
		if err != nil {
			log.LogAttrs(ctx, slog.LevelWarn, "a stage is not traced", slog.String("asset_id", assetID), slog.Any("error", err))
			return
		}
		s.tracer.Stage(request, assetID, st)
	}
}
