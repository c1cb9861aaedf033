package ui

import "github.com/vod-reproduction/vod/service/asset"

// status puts a state into plain words.
type status struct {
	State    asset.State
	Words    string
	Tone     string // the CSS class of its color
	Sentence string
}

// statuses are the states that can be chosen in the list, in its order.
var statuses = []status{
	{asset.Creating, "Processing", "running", "The request was accepted; its file is being fetched and worked on. An attempt that fails is repeated by itself after a pause."},
	{asset.CreateFailed, "Failed", "failed", "There is no media. A failed asset stays as it is: mend the cause, then dump the file again."},
	{asset.Created, "Ready, not published", "ready", "The file is stored and verified. It gets an address as soon as it is published."},
	{asset.Published, "Published", "done", "The file is stored and verified, and everyone who has its address can fetch it."},
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
		return status{a.State, "Waiting to start", "waiting", "The request was accepted; its work waits for a free worker."}
	}
	if known, ok := statusByState(a.State); ok {
		switch verdict := a.Results.Review; {
		case a.State != asset.Created || verdict == nil:
		case a.Blocked:
			known.Words, known.Tone = "Ready, never to be published", "failed"
			known.Sentence = "The file is stored and verified. Review rejects it, so it cannot be published."
		case verdict.Suggestion == asset.Doubt:
			known.Sentence = "The file is stored and verified. Review wants a person to look at it; it gets an address when it is published."
		}
		return known
	}
	return status{State: a.State, Words: string(a.State), Tone: "waiting"}
}
