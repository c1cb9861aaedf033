package stage

import (
	"context"
	"time"

	"github.com/vod-reproduction/vod/service/asset"
)

// progressEvery is how often the progress of a stage is written: each time
// costs a disk sync.
const progressEvery = time.Second

// timeline reports one running stage to the record. It is used by one goroutine.
type timeline struct {
	runner  *Runner
	attempt asset.Attempt
	stage   asset.Stage
	written time.Time
}

// begin reports that a stage runs; total is in bytes, 0 when it does not count.
func (r *Runner) begin(ctx context.Context, a asset.Attempt, name string, total int64) (*timeline, error) {
	now := r.cfg.Now()
	t := &timeline{runner: r, attempt: a, written: now,
		stage: asset.Stage{Name: name, State: asset.StageRunning, StartedAt: now, Total: total}}
	return t, r.record.Progress(ctx, a, t.stage)
}

// advance adds n bytes, and reports them when it is time.
func (t *timeline) advance(ctx context.Context, n int64) error {
	t.stage.Bytes += n
	now := t.runner.cfg.Now()
	if now.Sub(t.written) < progressEvery {
		return nil
	}
	t.written = now
	return t.runner.record.Progress(ctx, t.attempt, t.stage)
}

// done reports the end of the stage, all of its bytes being handled.
func (t *timeline) done(ctx context.Context) error {
	t.stage.State, t.stage.Bytes, t.stage.EndedAt = asset.StageDone, t.stage.Total, t.runner.cfg.Now()
	return t.runner.record.Progress(ctx, t.attempt, t.stage)
}
