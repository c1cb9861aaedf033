package ui

import (
	"fmt"

	"github.com/vod-reproduction/vod/service/asset"
)

// maxPictures is how many frames that did not pass a page shows.
const maxPictures = 8

// verdictView is what review says of an asset.
type verdictView struct {
	Words, Tone string
	Text        finding
	// Pictures are the first of the Doubtful frames that did not pass, of Total ones.
	Pictures        []finding
	Doubtful, Total int
}

// finding is what review says of one thing, and why.
type finding struct {
	Words, Tone string
	At, URL     string // of a frame
	Cover       bool
	Why         []fact
}

// suggestionWords are what a suggestion means for the asset.
var suggestionWords = map[asset.Suggestion]struct{ words, tone string }{
	asset.Pass:   {"passed", "done"},
	asset.Doubt:  {"needs manual review", "notdone"},
	asset.Reject: {"rejected", "failed"},
}

func newFinding(s asset.Suggestion) finding {
	known, ok := suggestionWords[s]
	if !ok {
		known.words, known.tone = string(s), "notdone"
	}
	return finding{Words: known.words, Tone: known.tone}
}

// newVerdict returns nil for an asset that was not reviewed.
func newVerdict(verdict *asset.Verdict, l links) *verdictView {
	if verdict == nil {
		return nil
	}
	all := newFinding(verdict.Suggestion)
	v := &verdictView{Words: all.Words, Tone: all.Tone, Text: newFinding(verdict.Text.Suggestion), Total: len(verdict.Pictures)}
	v.Text.because("politics", verdict.Text.Politics)
	v.Text.because("porn", verdict.Text.Porn)
	v.Text.because("abuse", verdict.Text.Abuse)
	for _, p := range verdict.Pictures {
		if p.Suggestion == asset.Pass {
			continue
		}
		if v.Doubtful++; v.Doubtful > maxPictures {
			continue
		}
		f := newFinding(p.Suggestion)
		f.At, f.URL, f.Cover = clock(p.Offset), l.to(p.File), p.Cover
		f.because("politics", seen(p.Politics))
		f.because("terrorism", seen(p.Terrorism))
		f.because("porn", seen(p.Porn))
		v.Pictures = append(v.Pictures, f)
	}
	return v
}

func (f *finding) because(name, what string) {
	if what != "" {
		f.Why = append(f.Why, fact{name, what})
	}
}

// seen lists labels with the confidence in them.
func seen(labels []asset.Label) string {
	var parts []string
	for _, l := range labels {
		parts = append(parts, fmt.Sprintf("%s (%.2f)", l.Label, l.Confidence))
	}
	return joined(parts...)
}
