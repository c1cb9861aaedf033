package moderation

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"time"
	"unicode"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Suggestion is what to do with an asset or a part of it.
type Suggestion string

// The suggestions.
const (
	Block  Suggestion = "block"  // forbid it
	Review Suggestion = "review" // ask a person
	Pass   Suggestion = "pass"   // allow it
)

// What a response may hold at most.
const (
	maxLabels = 100
	maxText   = 1024 // bytes of one text
)

// Verdict is what came of a review.
type Verdict struct {
	Suggestion Suggestion // over all items
	Text       TextVerdict
	Frames     []FrameVerdict // as many as were sent, in their order
}

// TextVerdict judges title, description and tags together.
type TextVerdict struct {
	Suggestion Suggestion
	// The words that were found, up to 1024 bytes of printable text each.
	Politics, Porn, Abuse string
}

// FrameVerdict judges one frame.
type FrameVerdict struct {
	Offset                    time.Duration // that of the frame, in whole milliseconds
	Suggestion                Suggestion
	Politics, Terrorism, Porn []Label // what was found, up to 100 each
}

// Label is one thing that was found in a frame.
type Label struct {
	Confidence float64 // 0 to 1
	Label      string  // up to 1024 bytes of printable text
}

type response struct {
	Text *struct {
		Suggestion Suggestion `json:"suggestion"`
		Politics   string     `json:"politics"`
		Porn       string     `json:"porn"`
		Abuse      string     `json:"abuse"`
	} `json:"text"`
	Frames []struct {
		OffsetMS   *int64     `json:"offset_ms"`
		Suggestion Suggestion `json:"suggestion"`
		Politics   []label    `json:"politics"`
		Terrorism  []label    `json:"terrorism"`
		Porn       []label    `json:"porn"`
	} `json:"frames"`
}

type label struct {
	Confidence *float64 `json:"confidence"`
	Label      string   `json:"label"`
}

// decode reads the response to a request with these frames. Its errors repeat nothing of the response.
func decode(body []byte, frames []Frame) (Verdict, error) {
	var a response
	// The strict reader: a field that comes twice could mean both block and pass.
	if err := json.Unmarshal(body, &a); err != nil {
		return Verdict{}, malformed(err)
	}
	if a.Text == nil {
		return Verdict{}, errors.New("text is missing")
	}
	if len(a.Frames) != len(frames) {
		return Verdict{}, fmt.Errorf("it judges %d frames of %d", len(a.Frames), len(frames))
	}
	verdict := Verdict{
		Text:   TextVerdict{a.Text.Suggestion, a.Text.Politics, a.Text.Porn, a.Text.Abuse},
		Frames: make([]FrameVerdict, len(frames)),
	}
	check := checker{overall: Pass}
	check.suggestion("text.suggestion", a.Text.Suggestion)
	check.text("text.politics", a.Text.Politics)
	check.text("text.porn", a.Text.Porn)
	check.text("text.abuse", a.Text.Abuse)
	for i, f := range a.Frames {
		name := fmt.Sprintf("frames[%d]", i)
		want := frames[i].Offset.Milliseconds()
		if f.OffsetMS == nil || *f.OffsetMS != want {
			check.fail("%s.offset_ms is not %d, which was sent: frames are judged in their order", name, want)
		}
		check.suggestion(name+".suggestion", f.Suggestion)
		verdict.Frames[i] = FrameVerdict{
			Offset:     time.Duration(want) * time.Millisecond,
			Suggestion: f.Suggestion,
			Politics:   check.labels(name+".politics", f.Politics),
			Terrorism:  check.labels(name+".terrorism", f.Terrorism),
			Porn:       check.labels(name+".porn", f.Porn),
		}
	}
	if check.err != nil {
		return Verdict{}, check.err
	}
	verdict.Suggestion = check.overall
	return verdict, nil
}

// malformed words the reader's errors anew.
func malformed(err error) error {
	// The pointer is made of fields that response knows, and of numbers.
	if kind, ok := errors.AsType[*json.SemanticError](err); ok {
		return fmt.Errorf("it is of the wrong type at %q", "/"+strings.TrimPrefix(string(kind.JSONPointer), "/"))
	}
	if syntax, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		return fmt.Errorf("it is not JSON at byte %d, or specifies a field more than once there", syntax.ByteOffset)
	}
	return errors.New("it is not JSON")
}

// checker goes through the items of a response. It keeps the first fault and the gravest suggestion.
type checker struct {
	overall Suggestion
	err     error
}

func (c *checker) fail(format string, args ...any) {
	if c.err == nil {
		c.err = fmt.Errorf(format, args...)
	}
}

func (c *checker) suggestion(name string, s Suggestion) {
	switch s {
	case Block:
		c.overall = Block
	case Review:
		if c.overall == Pass {
			c.overall = Review
		}
	case Pass:
	default:
		c.fail("%s must be block, review or pass", name)
	}
}

func (c *checker) text(name, s string) {
	if len(s) > maxText || strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) {
		c.fail("%s is longer than %d bytes, or has characters that cannot be printed", name, maxText)
	}
}

func (c *checker) labels(name string, found []label) []Label {
	if len(found) > maxLabels {
		c.fail("%s has more than %d entries", name, maxLabels)
		return nil
	}
	labels := make([]Label, len(found))
	for i, l := range found {
		c.text(fmt.Sprintf("%s[%d].label", name, i), l.Label)
		labels[i].Label = l.Label
		if l.Confidence == nil || math.Signbit(*l.Confidence) || *l.Confidence > 1 {
			c.fail("%s[%d].confidence must be a number from 0 to 1", name, i)
			continue
		}
		labels[i].Confidence = *l.Confidence
	}
	return labels
}
