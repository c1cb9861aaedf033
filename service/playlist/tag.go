package playlist

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// kind tells the two sorts of playlists apart.
type kind string

const (
	either kind = ""
	master kind = "a list of variants"
	media  kind = "a list of segments"
)

// tag is what the parser does about one tag. Tags that are not listed change nothing and are skipped.
type tag struct {
	of     kind                                // where the tag may stand
	once   bool                                // it must not be repeated
	refuse string                              // why it cannot be processed
	read   func(p *parser, value string) error // takes what stands behind the colon; nil when nothing matters
}

const encrypted = "the recording is encrypted; only plain recordings can be processed"

var tags = map[string]tag{
	"#EXTM3U":        {once: true},
	"#EXT-X-VERSION": {once: true},
	"#EXT-X-DEFINE":  {refuse: "it uses variables; write every name plainly"},

	"#EXTINF":                       {of: media, read: (*parser).segmentInfo},
	"#EXT-X-TARGETDURATION":         {of: media, once: true, read: (*parser).targetDuration},
	"#EXT-X-MEDIA-SEQUENCE":         {of: media, once: true, read: (*parser).mediaSequence},
	"#EXT-X-ENDLIST":                {of: media, once: true, read: (*parser).endList},
	"#EXT-X-KEY":                    {of: media, read: (*parser).key},
	"#EXT-X-MAP":                    {of: media, refuse: "the segments are fragmented MP4; only MPEG-TS can be processed"},
	"#EXT-X-BYTERANGE":              {of: media, refuse: "a segment is part of a file; every segment must be a file of its own"},
	"#EXT-X-GAP":                    {of: media, refuse: "a segment is missing"},
	"#EXT-X-SKIP":                   {of: media, refuse: "segments are left out of the list; the whole list is needed"},
	"#EXT-X-I-FRAMES-ONLY":          {of: media, refuse: "it holds only the key frames of a recording"},
	"#EXT-X-PART":                   {of: media}, // of segments that are listed whole as well
	"#EXT-X-PLAYLIST-TYPE":          {of: media, once: true},
	"#EXT-X-DISCONTINUITY":          {of: media},
	"#EXT-X-DISCONTINUITY-SEQUENCE": {of: media, once: true},
	"#EXT-X-PROGRAM-DATE-TIME":      {of: media},
	"#EXT-X-DATERANGE":              {of: media},

	"#EXT-X-STREAM-INF":         {of: master, read: (*parser).streamInfo},
	"#EXT-X-MEDIA":              {of: master, read: (*parser).rendition},
	"#EXT-X-SESSION-KEY":        {of: master, refuse: encrypted},
	"#EXT-X-I-FRAME-STREAM-INF": {of: master}, // for fast winding: the variants have all frames
	"#EXT-X-SESSION-DATA":       {of: master},
}

// segmentInfo reads "10.01,title". The comma is often left out where there is no title.
func (p *parser) segmentInfo(value string) error {
	if p.announced != 0 {
		return errorf(p.announced, "no segment follows its #EXTINF")
	}
	length, _, _ := strings.Cut(value, ",")
	d, err := seconds(length)
	if err != nil {
		return err
	}
	p.announced, p.segment = p.line, Segment{Duration: d}
	return nil
}

// seconds reads a decimal number. ParseFloat alone would take NaN, infinity, signs, exponents and more.
func seconds(text string) (time.Duration, error) {
	if strings.Trim(text, "0123456789.") == "" {
		if n, err := strconv.ParseFloat(text, 64); err == nil && n <= MaxDuration.Seconds() {
			return time.Duration(math.Round(n * float64(time.Second))), nil
		}
	}
	return 0, errorf(0, "%.40q is no duration; expected are 0 to %.0f seconds", text, MaxDuration.Seconds())
}

func (p *parser) targetDuration(value string) error {
	n, err := strconv.ParseUint(value, 10, 64)
	if err != nil || n == 0 || n > uint64(MaxDuration/time.Second) {
		return errorf(0, "the target duration %.40q is not within 1 and %.0f whole seconds", value, MaxDuration.Seconds())
	}
	p.media.TargetDuration = time.Duration(n) * time.Second
	return nil
}

func (p *parser) mediaSequence(value string) error {
	if len(p.media.Segments) > 0 {
		return errorf(0, "#EXT-X-MEDIA-SEQUENCE must come before the first segment")
	}
	n, err := strconv.ParseUint(value, 10, 64)
	if err != nil {
		return errorf(0, "the media sequence %.40q is no whole number within 0 and %d", value, uint64(math.MaxUint64))
	}
	p.media.MediaSequence = n
	return nil
}

func (p *parser) endList(string) error {
	p.ended = true
	return nil
}

func (p *parser) key(value string) error {
	list, err := attributes(value)
	if err != nil {
		return err
	}
	if list["METHOD"] != "NONE" {
		return errorf(0, encrypted)
	}
	return nil
}

func (p *parser) rendition(value string) error {
	list, err := attributes(value)
	if err != nil {
		return err
	}
	if _, apart := list["URI"]; apart {
		return errorf(0, "sound, picture or subtitles are in a playlist of their own; "+
			"only variants that hold sound and picture together can be processed")
	}
	return nil
}

func (p *parser) streamInfo(value string) error {
	if p.announced != 0 {
		return errorf(p.announced, "no variant follows its #EXT-X-STREAM-INF")
	}
	list, err := attributes(value)
	if err != nil {
		return err
	}
	bandwidth, err := strconv.ParseUint(list["BANDWIDTH"], 10, 63)
	if err != nil {
		return errorf(0, "the bandwidth %.40q is no whole number of bits per second", list["BANDWIDTH"])
	}
	v := Variant{Bandwidth: int64(bandwidth), Codecs: list["CODECS"]}
	if size, ok := list["RESOLUTION"]; ok {
		width, height, _ := strings.Cut(size, "x")
		w, errW := strconv.ParseUint(width, 10, 16)
		h, errH := strconv.ParseUint(height, 10, 16)
		if errW != nil || errH != nil || w == 0 || h == 0 {
			return errorf(0, "the resolution %.40q is not written like 1280x720", size)
		}
		v.Width, v.Height = int(w), int(h)
	}
	p.announced, p.variant = p.line, v
	return nil
}
