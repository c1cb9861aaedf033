package playlist

import (
	"math"
	"strings"
)

// kind tells the two sorts of playlists apart.
type kind string

const (
	either kind = ""
	master kind = "a list of variants"
	media  kind = "a list of segments"
)

// tag is what the parser does about one tag.
type tag struct {
	of     kind                                // where the tag may stand
	once   bool                                // it must not be repeated with another value
	refuse string                              // why it cannot be processed
	read   func(p *parser, value string) error // takes what stands behind the colon; nil when nothing matters
}

const (
	encrypted  = "the recording is encrypted; only plain recordings can be processed"
	lowLatency = "it names parts of segments, which are not checked; remove the line: the segments have everything"
)

// tags has every tag that a playlist may have, and those whose refusal can be explained. The text reaches players, so a
// tag is listed only when it names nothing to fetch, or when all that it names has been checked.
var tags = map[string]tag{
	"#EXTM3U":                     {once: true},
	"#EXT-X-VERSION":              {once: true},
	"#EXT-X-INDEPENDENT-SEGMENTS": {},
	"#EXT-X-START":                {read: (*parser).onlyAttributes},
	"#EXT-X-ALLOW-CACHE":          {},
	"#EXT-X-DEFINE":               {refuse: "it uses variables; write every name plainly"},
	// What lists of music and channels say about their entries.
	"#EXTGRP":   {},
	"#EXTALB":   {},
	"#EXTART":   {},
	"#EXTGENRE": {},

	"#EXTINF":                       {of: media, read: (*parser).segmentInfo},
	"#EXT-X-TARGETDURATION":         {of: media, once: true, read: (*parser).targetDuration},
	"#EXT-X-MEDIA-SEQUENCE":         {of: media, once: true, read: (*parser).mediaSequence},
	"#EXT-X-ENDLIST":                {of: media, once: true, read: (*parser).endList},
	"#EXT-X-KEY":                    {of: media, read: (*parser).key},
	"#EXT-X-MAP":                    {of: media, refuse: "the segments are fragmented MP4; only MPEG-TS can be processed"},
	"#EXT-X-BYTERANGE":              {of: media, refuse: "a segment is part of a file; every segment must be a file of its own"},
	"#EXT-X-GAP":                    {of: media, refuse: "a segment is missing"},
	"#EXT-X-SKIP":                   {of: media, refuse: "segments are left out of the list; the complete list is needed"},
	"#EXT-X-I-FRAMES-ONLY":          {of: media, refuse: "it holds only the key frames of a recording"},
	"#EXT-X-PART":                   {of: media, refuse: lowLatency},
	"#EXT-X-PRELOAD-HINT":           {of: media, refuse: lowLatency},
	"#EXT-X-RENDITION-REPORT":       {of: media, refuse: "it names another playlist, which is not checked; remove the line: the recording is finished"},
	"#EXT-X-PART-INF":               {of: media, read: (*parser).onlyAttributes},
	"#EXT-X-SERVER-CONTROL":         {of: media, read: (*parser).onlyAttributes},
	"#EXT-X-PLAYLIST-TYPE":          {of: media, once: true},
	"#EXT-X-BITRATE":                {of: media},
	"#EXT-X-DISCONTINUITY":          {of: media, read: (*parser).discontinuity},
	"#EXT-X-DISCONTINUITY-SEQUENCE": {of: media, once: true},
	"#EXT-X-PROGRAM-DATE-TIME":      {of: media},
	"#EXT-X-DATERANGE":              {of: media, read: (*parser).dateRange},
	// Where advertisements lie, in the dialects of several packagers. Players show them as marks, and fetch nothing.
	"#EXT-X-CUE":                {of: media},
	"#EXT-X-CUE-OUT":            {of: media},
	"#EXT-X-CUE-OUT-CONT":       {of: media},
	"#EXT-X-CUE-IN":             {of: media},
	"#EXT-X-CUE-SPAN":           {of: media},
	"#EXT-X-SCTE35":             {of: media},
	"#EXT-SCTE35":               {of: media},
	"#EXT-X-SPLICEPOINT-SCTE35": {of: media},
	"#EXT-OATCLS-SCTE35":        {of: media},
	"#EXT-X-ASSET":              {of: media},

	"#EXT-X-STREAM-INF":         {of: master, read: (*parser).streamInfo},
	"#EXT-X-MEDIA":              {of: master, read: (*parser).rendition},
	"#EXT-X-SESSION-KEY":        {of: master, refuse: encrypted},
	"#EXT-X-SESSION-DATA":       {of: master, read: (*parser).sessionData},
	"#EXT-X-I-FRAME-STREAM-INF": {of: master, refuse: "it names a playlist of key frames, which is not checked; remove the line: the variants have all frames"},
	"#EXT-X-IMAGE-STREAM-INF":   {of: master, refuse: "it names a playlist of pictures, which is not checked; remove the line"},
	"#EXT-X-CONTENT-STEERING":   {of: master, refuse: "it lets another server choose what players fetch; remove the line"},
}

// unknown is why a tag that is not listed is refused.
const unknown = "this tag is not supported, and players may act on it; remove the line"

// segmentInfo reads "10.01,title". The comma is often left out where there is no title.
func (p *parser) segmentInfo(value string) error {
	if p.announced != 0 {
		return errorf(p.announced, "no segment follows its #EXTINF")
	}
	length, _, _ := strings.Cut(value, ",")
	d, err := seconds(strings.TrimRight(length, blanks))
	if err != nil {
		return err
	}
	p.announced, p.segment = p.line, Segment{Duration: d}
	return nil
}

// targetDuration takes 0 too: it is the rounded length of segments below half a second.
func (p *parser) targetDuration(value string) error {
	d, err := seconds(value)
	if err != nil {
		return errorf(0, "the target duration %.40q is not within 0 and %.0f seconds", value, MaxDuration.Seconds())
	}
	p.media.TargetDuration, p.timed = d, true
	return nil
}

func (p *parser) mediaSequence(value string) error {
	if len(p.media.Segments) > 0 {
		return errorf(0, "#EXT-X-MEDIA-SEQUENCE must come before the first segment")
	}
	n, exact, ok := integer(value)
	if !exact || !ok {
		return errorf(0, "the media sequence %.40q is no whole number within 0 and %d", value, uint64(math.MaxUint64))
	}
	p.media.MediaSequence = n
	return nil
}

func (p *parser) discontinuity(string) error {
	p.joint = len(p.media.Segments) > 0
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
	return noAddress("#EXT-X-KEY", list)
}

func (p *parser) rendition(value string) error {
	list, err := attributes(value)
	if err != nil {
		return err
	}
	if _, apart := list["URI"]; apart {
		return errorf(0, "#EXT-X-MEDIA: sound, picture or subtitles are in a playlist of their own; "+
			"only variants that hold sound and picture together can be processed")
	}
	return noAddress("#EXT-X-MEDIA", list)
}

func (p *parser) sessionData(value string) error {
	list, err := attributes(value)
	if err != nil {
		return err
	}
	return noAddress("#EXT-X-SESSION-DATA", list)
}

// dateRange refuses what lets players fetch another recording in the middle of this one.
func (p *parser) dateRange(value string) error {
	list, err := attributes(value)
	if err != nil {
		return err
	}
	if strings.EqualFold(list["CLASS"], "com.apple.hls.interstitial") {
		return errorf(0, "#EXT-X-DATERANGE: it lets players insert another recording, which is not checked; remove the line")
	}
	return noAddress("#EXT-X-DATERANGE", list)
}

func (p *parser) onlyAttributes(value string) error {
	_, err := attributes(value)
	return err
}

// noAddress refuses attributes that name something to fetch, by their names and by their values.
func noAddress(tag string, list map[string]string) error {
	for name, value := range list {
		if strings.HasSuffix(name, "URI") || strings.HasSuffix(name, "URL") || name == "X-ASSET-LIST" || strings.Contains(value, "://") {
			return errorf(0, "%s: the attribute %s names something to fetch, which is not checked; remove the line", tag, name)
		}
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
	v := Variant{Codecs: list["CODECS"]}
	if v.Bandwidth, err = bitRate(list["BANDWIDTH"]); err != nil {
		return err
	}
	if size, ok := list["RESOLUTION"]; ok {
		if v.Width, v.Height, err = pixels(size); err != nil {
			return err
		}
	}
	p.announced, p.variant = p.line, v
	return noAddress("#EXT-X-STREAM-INF", list)
}
