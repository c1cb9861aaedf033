package pipeline

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vod-reproduction/vod/service/asset"
)

// progressOf collects what a timeline reports.
type progressOf struct {
	Assets
	bytes []int64
}

func (p *progressOf) Progress(_ context.Context, _ asset.Attempt, st asset.Stage) error {
	p.bytes = append(p.bytes, st.Bytes)
	return nil
}

// However small the pieces are, progress is written once a second.
func TestProgressIsThrottled(t *testing.T) {
	t.Parallel()
	progress := &progressOf{}
	clock := time.Date(2026, 1, 16, 8, 0, 0, 0, time.UTC)
	w := &attempt{Runner: New(progress, nil, Config{Now: func() time.Time { return clock }})}
	stage, err := w.begin(t.Context(), asset.StageVerify, 100)
	if err != nil {
		t.Fatal(err)
	}
	for range 25 { // 2.5 seconds
		clock = clock.Add(100 * time.Millisecond)
		if err := stage.advance(t.Context(), 4); err != nil {
			t.Fatal(err)
		}
	}
	if err := stage.done(t.Context()); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]int64{0, 40, 80, 100}, progress.bytes); d != "" {
		t.Errorf("bytes reported (-want +got):\n%s", d)
	}
}
