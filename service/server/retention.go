package server

import (
	"context"
	"log/slog"
	"time"

	"github.com/vod-reproduction/vod/service/store"
)

// retentionPage is how many old assets are looked for at a time.
const retentionPage = 100

// clockSlack is by how much the clock may run against the time that passes.
const clockSlack = time.Minute

// wasSet reports whether the wall clock, from before to now, has not gone as far as the time that passed. What is deleted by a
// wrong clock is gone when the clock is right again, so nothing is until it has run for a while.
func wasSet(before, now time.Time, passed time.Duration) bool {
	return (now.Sub(before) - passed).Abs() > clockSlack
}

// deleteOld deletes the assets that have ended and are older than their projects keep them, by the configuration in force. Any
// number of processes may do so at a time; what fails is left to the next time, and so is everything where the clock has been
// set in the time that passed since before.
func (s *Server) deleteOld(ctx context.Context, before, now time.Time, passed time.Duration, log *slog.Logger) {
	set := wasSet(before, now, passed)
	for _, p := range s.live.Load().config.Service.Projects {
		if p.RetentionDays == 0 {
			continue
		}
		if set {
			log.WarnContext(ctx, "the clock was changed; old assets are kept until it has been steady for an hour", "project", p.ID)
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
