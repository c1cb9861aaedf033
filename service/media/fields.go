package media

import "slices"

// Fields says how the pictures of a video are made of fields; the zero value is progressive.
type Fields string

// What a video that is not progressive can be.
const (
	Marked      Fields = "marked" // each interlaced frame is marked as one; others may be progressive
	TopFirst    Fields = "top"    // all frames are interlaced and none is marked
	BottomFirst Fields = "bottom"
)

// marking names the codecs whose frames say whether they are interlaced, whatever the container says.
var marking = map[string]bool{"H.264": true, "H.265": true, "MPEG-1": true, "MPEG-2": true, "MPEG-4": true, "VC-1": true, "WMV": true,
	"PRORES": true, "DVVIDEO": true, "DNXHD": true}

// fieldsOf reads ffprobe's field order. Of its two letters the first is the field that is stored first,
// the second the one that is shown first.
func fieldsOf(order string) Fields {
	switch order {
	case "tt", "bt":
		return TopFirst
	case "bb", "tb":
		return BottomFirst
	}
	return ""
}

// progressive are the filters that make frames of fields with a deinterlacer.
func (f Fields) progressive(deinterlacer string) []string {
	switch f {
	case "":
		return nil
	case TopFirst:
		return []string{deinterlacer + "=mode=0:deint=all:parity=tff"}
	case BottomFirst:
		return []string{deinterlacer + "=mode=0:deint=all:parity=bff"}
	}
	return []string{deinterlacer + "=mode=0:deint=interlaced"}
}

// leastSide is the shortest side of a picture that deinterlacers take, in pixels.
const leastSide = 16

// deinterlaced are the filters that make frames of the fields of a video that ffmpeg has
// turned: rows have to be rows for that. They leave frames alone that are not marked,
// but there may be others where nobody has looked.
func (v Video) deinterlaced() []string {
	switch o := v.orientation(); {
	case v.Fields == "" && marking[v.Codec] && min(v.Width, v.Height) >= leastSide:
		return Marked.progressive("bwdif")
	case v.Fields == "" || v.TurnInFrames:
		return v.Fields.progressive("bwdif")
	default:
		return slices.Concat(o.undo(), v.Fields.progressive("bwdif"), o.filters())
	}
}
