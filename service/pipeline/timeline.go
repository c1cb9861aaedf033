package pipeline

import (
	"cmp"
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

// percent notes how far the stage is, and reports it when it is time.
func (t *timeline) percent(ctx context.Context, n int) error {
	t.stage.Percent = min(100, max(n, t.stage.Percent))
	return t.advance(ctx, 0)
}

// done reports the end of the stage, all of its bytes being handled.
func (t *timeline) done(ctx context.Context) error {
	t.stage.State, t.stage.Bytes, t.stage.EndedAt = asset.StageDone, t.stage.Total, t.runner.cfg.Now()
	return t.runner.record.Progress(ctx, t.attempt, t.stage)
}

// complete ends the stage for good: what it gave is kept for later attempts.
func (t *timeline) complete(ctx context.Context, result any, files []asset.File) error {
	t.stage.Bytes, t.stage.EndedAt = t.stage.Total, t.runner.cfg.Now()
	return t.runner.record.Complete(ctx, t.attempt, t.stage, result, files)
}

// reported runs work that tells how far it is from a goroutine of its own, and
// ends it when the record does not take that.
func reported[T any](ctx context.Context, t *timeline, work func(ctx context.Context, percent func(int)) (T, error)) (T, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	result, err := work(ctx, func(n int) {
		if err := t.percent(ctx, n); err != nil {
			cancel(err)
		}
	})
	if err != nil {
		err = cmp.Or(context.Cause(ctx), err)
	}
	return result, err
}
