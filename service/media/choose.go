package media

import (
	"cmp"
	"slices"
)

// dispositionEntries are the fields of disposition.
const dispositionEntries = "default,attached_pic,still_image,timed_thumbnails,comment,hearing_impaired,visual_impaired"

// disposition is what a container says that a stream is for; each is 0 or 1.
type disposition struct {
	Default    int `json:"default"`
	Picture    int `json:"attached_pic"`
	Still      int `json:"still_image"`
	Thumbnails int `json:"timed_thumbnails"`
	Comment    int `json:"comment"`
	Hearing    int `json:"hearing_impaired"`
	Visual     int `json:"visual_impaired"`
}

// moving reports whether a picture is more than a cover.
func (d disposition) moving() bool { return d.Picture|d.Still|d.Thumbnails == 0 }

// everyone is 1 for what is meant for all of the audience.
func (d disposition) everyone() int { return 1 - (d.Comment | d.Hearing | d.Visual) }

// program is one of several channels that a file carries.
type program struct {
	Streams []struct {
		Index int `json:"index"`
	} `json:"streams"`
}

func (p program) has(index int) bool {
	for _, s := range p.Streams {
		if s.Index == index {
			return true
		}
	}
	return false
}

// choose returns the picture and the sound that players take; either may be nil.
// The default comes first, then what is meant for everyone, then the largest,
// then the first. The sound belongs to the program of the picture. An audio
// type is heard, whatever else the file holds.
func (d description) choose(audio bool) (picture, sound *stream) {
	for i := range d.Streams {
		s := &d.Streams[i]
		if !audio && s.Type == "video" && s.Codec != "" && s.Index >= 0 && s.Disposition.moving() && (picture == nil || s.prior(picture) > 0) {
			picture = s
		}
	}
	beside := func(s *stream) int {
		if picture == nil || slices.ContainsFunc(d.Programs, func(p program) bool { return p.has(picture.Index) && p.has(s.Index) }) {
			return 1
		}
		return 0
	}
	for i := range d.Streams {
		s := &d.Streams[i]
		if s.Type == "audio" && s.Codec != "" && s.Index >= 0 && s.Channels > 0 && number(s.SampleRate) > 0 &&
			(sound == nil || cmp.Or(beside(s)-beside(sound), s.prior(sound)) > 0) {
			sound = s
		}
	}
	return picture, sound
}

// covers returns the pictures of one frame where one of them was chosen and another picture moves: they are covers, whatever
// the container says.
func (s scan) covers(info Info) (indexes []int) {
	if info.Video == nil || s.track(info.Video.Index).packets != 1 {
		return nil
	}
	moves := false
	for index, t := range s.tracks {
		moves = moves || t.kind == "video" && t.packets > 1
		if t.kind == "video" && t.packets == 1 {
			indexes = append(indexes, index)
		}
	}
	if !moves {
		return nil
	}
	return indexes
}

// prior is above 0 where a stream comes before another of its type.
func (s *stream) prior(other *stream) int {
	return cmp.Or(
		cmp.Compare(min(1, s.size()), min(1, other.size())), // what has no size cannot be decoded
		s.Disposition.Default-other.Disposition.Default,
		s.Disposition.everyone()-other.Disposition.everyone(),
		cmp.Compare(s.size(), other.size()),
	)
}

// size is the pixels of a picture, or the channels of a sound.
func (s *stream) size() float64 {
	if s.Type == "video" {
		return float64(max(0, s.Width)) * float64(max(0, s.Height))
	}
	return float64(s.Channels)
}
