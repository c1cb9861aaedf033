package server

import (
	"context"
	"log/slog"
	"slices"

	"github.com/vod-reproduction/vod/service/asset"
	"github.com/vod-reproduction/vod/service/metrics"
)

// requestEnded counts and traces a request.
func (s *Server) requestEnded(r metrics.Request) {
	s.metrics.Request(r)
	s.tracer.Request(r)
}

// backlog returns what waits in each project, also where nothing does.
func (s *Server) backlog(ctx context.Context) ([]asset.Backlog, error) {
	list, err := s.assets.Backlog(ctx)
	if err != nil {
		return nil, err
	}
	for _, p := range s.live.Load().config.Service.Projects {
		if !slices.ContainsFunc(list, func(b asset.Backlog) bool { return b.ProjectID == p.ID }) {
			list = append(list, asset.Backlog{ProjectID: p.ID})
		}
	}
	return list, nil
}

// stageEnded returns an observer that logs, counts and traces every stage that ends.
func (s *Server) stageEnded(log *slog.Logger) func(request, assetID string, st asset.Stage) {
	return func(request, assetID string, st asset.Stage) {
		s.metrics.Stage(st)
		log.Info("stage ended", "asset_id", assetID, "stage", st.Name, "state", st.State, "took", st.Duration())
		s.tracer.Stage(request, assetID, st)
	}
}
