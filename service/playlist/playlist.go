// Package playlist reads HLS playlists (RFC 8216) that somebody else wrote and may have written to do harm. It takes
// what a recording in MPEG-TS needs and refuses the rest with a line number: every name that is not a plain file beside
// the playlist or below it, encryption, fragmented MP4, parts of files, and lists that are not finished.
//
// It is generous in syntax and exact in meaning: blanks, fractions and repetitions that players take are taken where they
// can mean only one thing. Tags are taken from a fixed list, and others are refused, although the RFC asks to skip them: a
// recording that stays where it is reaches players as it stands, and they may know more tags than this package.
//
// One playlist costs at most MaxSize bytes of reading and little more memory than its result. That segments and
// variants exist, and how much they hold together, is the caller's to check; a segment may be named many times.
package playlist

import (
	"errors"
	"fmt"
	"io"
	"time"
)

// What a playlist may have at most. All of them lie far above what a recording needs.
const (
	MaxSize     = 4 << 20 // bytes of a playlist
	MaxLine     = 4 << 10 // bytes of a line, without its end
	MaxName     = 255     // bytes of a name, directories included
	MaxSegments = 20_000
	MaxVariants = 100
	// MaxDuration is the longest segment, and the longest target duration.
	MaxDuration = time.Hour
)

// Playlist is a list of variants or a list of segments: exactly one of its fields is set.
type Playlist struct {
	Master *Master
	Media  *Media
}

// Master lists the same recording in several qualities.
type Master struct {
	Variants []Variant // 1 to MaxVariants, in the order of the file
}

// Variant is one quality of a recording: a playlist of its own, to be read with ParseMedia.
type Variant struct {
	Name          string // of a file in the directory of the playlist or below it, with slashes
	Bandwidth     int64  // peak, in bit/s
	Width, Height int    // in pixels; 0 when the playlist does not say
	Codecs        string // as in RFC 6381; may be empty
	Line          int    // where Name stands, counted from 1
}

// Media lists the segments of one recording, which is finished: Parse refuses a list without its end.
type Media struct {
	Segments       []Segment     // 1 to MaxSegments, in playing order
	TargetDuration time.Duration // upper bound of a segment by the playlist's own account, which may be wrong; 0 below half a second
	MediaSequence  uint64        // number of the first segment
	Total          time.Duration // sum of the segments' durations, above 0
}

// Segment is one MPEG-TS file.
type Segment struct {
	Name     string        // of a file in the directory of the playlist or below it, with slashes, ending in .ts
	Duration time.Duration // 0 to MaxDuration
	Line     int           // where Name stands, counted from 1
	// Discontinuity says that timestamps or encoding do not go on from the segment before; the first has none before.
	Discontinuity bool
}

// Error says what is wrong with a playlist. Reading it again returns the same error.
type Error struct {
	Line   int    // counted from 1; 0 when the fault is in no single line
	Reason string // in plain words, for the owner of the playlist
}

// Error returns line and reason.
func (e *Error) Error() string {
	if e.Line == 0 {
		return "playlist: " + e.Reason
	}
	return fmt.Sprintf("playlist: line %d: %s", e.Line, e.Reason)
}

// Parse reads a playlist of either kind. The error is an *Error when the playlist is at fault, and wraps that of r when
// r could not be read.
func Parse(r io.Reader) (Playlist, error) {
	p := newParser(r)
	err := p.run()
	switch {
	case err != nil:
		return Playlist{}, err
	case p.kind == master:
		return Playlist{Master: &p.master}, nil
	}
	return Playlist{Media: &p.media}, nil
}

// ParseMedia is Parse for a playlist that must list segments, such as one that a Master named. It refuses another list of
// variants, so that lists which name each other cannot go round in circles.
func ParseMedia(r io.Reader) (Media, error) {
	list, err := Parse(r)
	if err != nil {
		return Media{}, err
	}
	if list.Media == nil {
		return Media{}, &Error{Reason: "it lists variants where segments are expected; a variant must list segments"}
	}
	return *list.Media, nil
}

// Best is the variant of the highest bandwidth, the first of them when several have it. m must come from Parse.
func (m *Master) Best() Variant {
	best := m.Variants[0]
	for _, v := range m.Variants[1:] {
		if v.Bandwidth > best.Bandwidth {
			best = v
		}
	}
	return best
}

// errorf makes an *Error.
func errorf(line int, format string, args ...any) error {
	return &Error{Line: line, Reason: fmt.Sprintf(format, args...)}
}

// at adds the line to an error that has none.
func at(line int, err error) error {
	if fault, ok := errors.AsType[*Error](err); ok && fault.Line == 0 {
		fault.Line = line
	}
	return err
}
