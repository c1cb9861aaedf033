package server

import (
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
func (s *Server) stageEnded(log *slog.Logger) func(request, assetID string, st asset.Stage) {
	return func(request, assetID string, st asset.Stage) {
		s.metrics.Stage(st)
		log.Info("stage ended", "asset_id", assetID, "stage", st.Name, "state", st.State, "took", st.Duration())
		s.tracer.Stage(request, assetID, st)
	}
}
