package ui

import (
	"time"

	"github.com/vod-reproduction/vod/service/asset"
)

// stageView is one stage of an asset's timeline, in words.
type stageView struct {
	asset.Stage
	Words string
	Tone  string
	Took  string // "" while it did not start
	Bar   bool
	// Percent is known when Total is.
	Percent int64
}

var stageWords = map[asset.StageState]struct{ words, tone string }{
	asset.StageWaiting: {"waiting", "waiting"},
	asset.StageRunning: {"running", "running"},
	asset.StageDone:    {"done", "done"},
	asset.StageFailed:  {"failed", "failed"},
	asset.StageNotDone: {"not done", "notdone"},
}

// timeline describes the stages of an asset as they stand at now.
func timeline(a asset.Asset, now time.Time) []stageView {
	views := make([]stageView, len(a.Stages))
	for i, s := range a.Stages {
		known, ok := stageWords[s.State]
		if !ok {
			known.words, known.tone = string(s.State), "waiting"
		}
		if s.State == asset.StageWaiting && a.State.Terminal() {
			known.words = "not reached" // nothing will start it any more
		}
		v := stageView{Stage: s, Words: known.words, Tone: known.tone}
		v.Bytes = max(v.Bytes, 0)
		if v.Total > 0 {
			v.Bytes = min(v.Bytes, v.Total)
			v.Percent = int64(float64(v.Bytes) / float64(v.Total) * 100)
		}
		v.Bar = v.Total > 0 || s.State == asset.StageRunning
		switch {
		case s.StartedAt.IsZero():
		case !s.EndedAt.IsZero():
			v.Took = duration(s.EndedAt.Sub(s.StartedAt))
		case s.State == asset.StageRunning:
			v.Took = duration(now.Sub(s.StartedAt))
		}
		views[i] = v
	}
	return views
}
