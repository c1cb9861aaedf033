package asset

import (
	"slices"
	"time"
)

// StageState is where one stage of an asset stands.
type StageState string

// Before, during and after its work.
const (
	StageWaiting StageState = "waiting"
	StageRunning StageState = "running"
	StageDone    StageState = "done"
	StageFailed  StageState = "failed"
	// StageNotDone marks work that is left out on purpose; Stage.Error says why.
	StageNotDone StageState = "not_done"
)

// Ended reports whether the stage is over, for better or worse.
func (s StageState) Ended() bool { return s == StageDone || s == StageFailed || s == StageNotDone }

// Stage is one line of an asset's timeline.
type Stage struct {
	Name      string
	State     StageState
	StartedAt time.Time
	EndedAt   time.Time
	Bytes     int64  // done so far, of stages that count bytes: copy and verify
	Total     int64  // 0 when it does not count bytes
	Percent   int    // 0 to 100; follows from Bytes where there is a Total
	Error     string // plain words; empty unless State is StageFailed or StageNotDone
	Result    []byte // JSON of what a done stage returned, for the runner; see Asset.Results
}

// Duration is how long the stage ran; 0 when it did not run, or has not ended.
func (st Stage) Duration() time.Duration {
	if st.StartedAt.IsZero() || st.EndedAt.IsZero() {
		return 0
	}
	return st.EndedAt.Sub(st.StartedAt)
}

// Stage returns one stage of the timeline; ok is false when the asset has none of that name.
func (a Asset) Stage(name string) (st Stage, ok bool) {
	i := slices.IndexFunc(a.Stages, func(st Stage) bool { return st.Name == name })
	if i < 0 {
		return Stage{}, false
	}
	return a.Stages[i], true
}

// The stages of an asset, in the order in which they run. Which ones an asset
// has follows from its request.
const (
	StageCopy      = "copy"     // storage mode 0
	StageSegments  = "segments" // video type HLS
	StageVerify    = "verify"
	StageProbe     = "probe"
	StageAttach    = "attach" // uploads with covers or subtitles
	StageThumbnail = "thumbnail"
	StageTranscode = "transcode"
	StageEncrypt   = "encrypt"
	StageReview    = "review"
	StagePublish   = "publish"
	StagePreheat   = "preheat"
)

// Stages returns what will be done, in order.
func (n New) Stages() []string {
	var names []string
	add := func(name string, wanted bool) {
		if wanted {
			names = append(names, name)
		}
	}
	add(StageCopy, n.StorageMode == 0)
	add(StageSegments, n.VideoType == TypeHLS)
	add(StageVerify, true)
	add(StageProbe, true)
	add(StageAttach, len(n.Plan.Attachments) > 0)
	add(StageThumbnail, n.Plan.Thumbnail != nil)
	add(StageTranscode, n.Plan.Transcode != nil)
	add(StageEncrypt, n.Plan.Transcode != nil && n.Plan.Transcode.Encrypt)
	add(StageReview, n.Plan.Review != nil)
	add(StagePublish, true)
	add(StagePreheat, n.Plan.Preheat)
	return names
}
