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
	// Value and Max are the bar's; without a Max nobody knows how far the stage is.
	Value, Max int64
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
		if s.State == asset.StageWaiting && a.State.Terminal() && !pending(a, s) {
			known.words = "not reached" // nothing will start it any more
		}
		v := stageView{Stage: s, Words: known.words, Tone: known.tone}
		v.Bytes, v.Percent = max(v.Bytes, 0), min(max(v.Percent, 0), 100)
		switch {
		case v.Total > 0:
			v.Bytes = min(v.Bytes, v.Total)
			v.Value, v.Max = v.Bytes, v.Total
		case v.Percent > 0:
			v.Value, v.Max = int64(v.Percent), 100
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

// pending reports that a stage of an ended asset can still start: preheating,
// once the asset is published.
func pending(a asset.Asset, s asset.Stage) bool {
	return s.Name == asset.StagePreheat && (a.State == asset.Published || a.State == asset.Created && !a.Blocked)
}

// changing reports that an asset's page becomes another one by itself.
func changing(a asset.Asset) bool {
	preheat, ok := a.Stage(asset.StagePreheat)
	return !a.State.Terminal() || ok && preheat.State == asset.StageRunning ||
		ok && preheat.State == asset.StageWaiting && a.State == asset.Published
}

// status puts a state into plain words.
type status struct {
	State    asset.State
	Words    string
	Tone     string // the CSS class of its color
	Sentence string
}

// statuses are the states that can be chosen in the list, in its order.
var statuses = []status{
	{asset.Creating, "Processing", "running", "The file is being copied and processed. After a temporary failure the service tries again by itself."},
	{asset.CreateFailed, "Failed", "failed", "Nothing can be played. A failed asset does not change any more; what to do about it stands below."},
	{asset.Created, "Ready, not published", "ready", "The file is stored and verified. It can be played once it is published."},
	{asset.Published, "Published", "done", "The file is stored and verified. Everyone who has its URL can play it."},
}

func statusByState(s asset.State) (status, bool) {
	for _, known := range statuses {
		if known.State == s {
			return known, true
		}
	}
	return status{}, false
}

// statusOf describes an asset. A state without words of ours shows its own name.
func statusOf(a asset.Asset) status {
	if a.State == asset.Creating && a.Attempt == 0 {
		return status{a.State, "Waiting to start", "waiting", "The request was accepted, and waits until other work is done."}
	}
	if known, ok := statusByState(a.State); ok {
		switch verdict := a.Results.Review; {
		case a.State != asset.Created || verdict == nil:
		case a.Blocked:
			known.Words, known.Tone = "Ready, never to be published", "failed"
			known.Sentence = "The file is stored and verified, but review rejected it: it cannot be published."
		case verdict.Suggestion == asset.Doubt:
			known.Sentence = "The file is stored and verified. Someone has to look at what review found before it is published."
		}
		return known
	}
	return status{State: a.State, Words: string(a.State), Tone: "waiting"}
}
