package server

import (
	"context"
	"log/slog"
	"time"

	"github.com/vod-reproduction/vod/service/pipeline"
	"github.com/vod-reproduction/vod/service/store"
)

const (
	// sweepEvery is how often old assets and uploads, and what dead processes left in the object store, are looked for.
	sweepEvery = time.Hour
	// lookEvery is how often a process looks whether that is due.
	lookEvery = 5 * time.Minute
	// retentionPage is how many old assets are looked for at a time.
	retentionPage = 100
	// clockSlack is by how much the clock may run against the time that passes.
	clockSlack = time.Minute
)

// clean removes, until ctx is done, what this process or another one left behind, and what is too old.
func (s *Server) clean(ctx context.Context, runner *pipeline.Runner, log *slog.Logger) {
	cleanOrphans(ctx, runner, log)
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for before := time.Now(); ; {
		now := time.Now()
		if s.sweepDue(ctx, before.Round(0), now.Round(0), now.Sub(before), log) { // the clock's times, and what passed without it
			s.sweep(ctx, runner, now, log)
		}
		before = now
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// sweepDue reports whether this process is to sweep now, which has not looked for the time that passed since before.
func (s *Server) sweepDue(ctx context.Context, before, now time.Time, passed time.Duration, log *slog.Logger) bool {
	set := wasSet(before, now, passed)
	if set {
		log.WarnContext(ctx, "the clock was changed; old assets and uploads are kept until it has been steady for an hour")
	}
	due, err := s.assets.SweepDue(ctx, sweepEvery, set)
	if err != nil && ctx.Err() == nil {
		log.WarnContext(ctx, "old assets and uploads cannot be looked for now; retrying later", "error", err)
	}
	return due
}

// wasSet reports whether the wall clock, from before to now, has not gone as far as the time that passed.
func wasSet(before, now time.Time, passed time.Duration) bool {
	return (now.Sub(before) - passed).Abs() > clockSlack
}

// sweep removes what is too old. What fails is left to the next sweep.
func (s *Server) sweep(ctx context.Context, runner *pipeline.Runner, now time.Time, log *slog.Logger) {
	cleanOrphans(ctx, runner, log)
	s.deleteOld(ctx, now, log)
	if err := runner.RemoveUploads(ctx, now); err != nil && ctx.Err() == nil {
		log.WarnContext(ctx, "old uploads could not be removed; retrying in an hour", "error", err)
	}
}

func cleanOrphans(ctx context.Context, runner *pipeline.Runner, log *slog.Logger) {
	if err := runner.CleanOrphans(ctx); err != nil && ctx.Err() == nil {
		log.WarnContext(ctx, "cleanup failed; retrying in an hour", "error", err)
	}
}

// deleteOld deletes the assets that have ended and are older than their projects keep them, by the configuration in force.
func (s *Server) deleteOld(ctx context.Context, now time.Time, log *slog.Logger) {
	for _, p := range s.live.Load().config.Service.Projects {
		if p.RetentionDays == 0 {
			continue
		}
		n, err := deleteBefore(ctx, s.assets, p.ID, now.AddDate(0, 0, -p.RetentionDays))
		if n > 0 {
			log.InfoContext(ctx, "deleted assets that are older than retention_days", "project", p.ID, "assets", n)
		}
		if err != nil && ctx.Err() == nil {
			log.WarnContext(ctx, "old assets could not be deleted; retrying in an hour", "project", p.ID, "error", err)
		}
	}
}

// deleteBefore deletes the assets of a project that were accepted before a time and have ended, and returns how many.
func deleteBefore(ctx context.Context, assets *store.Store, project string, before time.Time) (n int, err error) {
	for {
		ids, err := assets.Ended(ctx, project, before, retentionPage)
		if err != nil || len(ids) == 0 {
			return n, err
		}
		for _, id := range ids {
			if err := assets.Delete(ctx, project, id); err != nil {
				return n, err
			}
			n++
		}
	}
}
