package media

import (
	"fmt"
	"maps"
	"time"
)

const (
	// tailFrom is the part of a length that must be there.
	tailFrom = 0.9
	// tailSlack is how much less than that is no matter.
	tailSlack = 2 * time.Second
)

// announced names the demuxers that take the duration from the beginning of the
// file or from an index, whatever follows; others see where it ends.
var announced = map[string]bool{"mov": true, "matroska": true, "flv": true, "rm": true, "flac": true, "wv": true, "asf": true}

// oneLength names those of them that state one duration for all streams. ffprobe repeats it for streams of few frames.
var oneLength = map[string]bool{"matroska": true, "flv": true}

// reaches reports whether what was found is about as much as there should be.
func reaches(found, wanted time.Duration) bool {
	return found >= time.Duration(tailFrom*float64(wanted))-tailSlack
}

// complete refuses a file that was cut off, or has more than one timeline. Only picture and sound that are
// announced and missing count: other streams may be longer, and timestamps may
// begin anywhere.
func (s scan) complete(in Input, info Info) error {
	if main := info.streams()[0]; s.track(main).restarts && !rejoined[in.format().Demuxer] {
		return errJoined
	}
	if s.untimed {
		return &Refusal{Kind: Broken, Reason: "Picture or sound begin before the time 0, where MKV and WebM have no timestamps: write the film anew " +
			"so that it begins at 0."}
	}
	if err := s.elsewhere(info); err != nil || !announced[in.format().Demuxer] {
		return err
	}
	known := false
	for _, index := range info.streams() {
		t := s.track(index)
		if t.announced == 0 || oneLength[in.format().Demuxer] {
			continue
		}
		known = true
		if !reaches(max(t.end, t.long())+t.gap+s.lead, t.announced) {
			return cutOff(t.announced)
		}
	}
	if known {
		return nil
	}
	var furthest time.Duration // of the timestamps, as durations may count from 0
	for _, t := range s.tracks {
		furthest = max(furthest, t.end+max(0, s.start)+t.gap+s.lead)
	}
	if !reaches(furthest, s.duration) {
		return cutOff(s.duration)
	}
	return nil
}

// elsewhere refuses a file whose picture or sound goes on in another stream, or begins in one that is found too late: outputs
// have the streams that were chosen alone.
func (s scan) elsewhere(info Info) error {
	for _, kind := range []string{"video", "audio"} {
		var chosen *track
		for _, index := range info.streams() {
			if t := s.track(index); t.kind == kind {
				chosen = &t
			}
		}
		for t := range maps.Values(s.tracks) {
			switch {
			case t.kind != kind || t.packets == 0:
			case chosen != nil && t.first >= chosen.end-together && t.long() > together:
				return &Refusal{Kind: Broken, Reason: "Picture or sound go on in another stream, as where recordings were joined: encode all of it with " +
					"one stream of each, or upload the recordings one by one."}
			case chosen == nil && info.Video != nil && t.first > together: // what begins with the picture was found, and cannot be decoded
				return &Refusal{Kind: Broken, Reason: "The sound begins later than it is looked for, behind 64 MB or ten minutes: write the film anew with " +
					"sound, such as silence, from its beginning."}
			}
		}
	}
	return nil
}

func cutOff(length time.Duration) error {
	return &Refusal{Kind: Broken, Reason: fmt.Sprintf("The file says that it is %s long, but it ends before: it was cut off. Upload it again.",
		length.Round(time.Second))}
}

// undecoded refuses media of which much less came out than there is.
func undecoded(decoded, length time.Duration) error {
	return &Refusal{Kind: Broken, Reason: fmt.Sprintf("Only %s of %s could be decoded: the file is damaged, or was cut off.",
		decoded.Round(time.Second), length.Round(time.Second))}
}

// streams are the indexes of picture and sound, of which there is at least one.
func (i Info) streams() (indexes []int) {
	if i.Video != nil {
		indexes = append(indexes, i.Video.Index)
	}
	if i.Audio != nil {
		indexes = append(indexes, i.Audio.Index)
	}
	return indexes
}
