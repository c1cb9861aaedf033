package media

import (
	"strconv"

	"github.com/vod-reproduction/vod/service/asset"
)

// Input is one local file that came from a stranger.
type Input struct {
	Path string
	// Type is the video type of the request. HLS means the segments of a playlist joined into one file.
	Type string
	// MaxResults bounds the bytes of all that one call makes of the media; 0 does not. More is refused as TooBig.
	MaxResults int64
}

// args are the arguments that pin how the file is read; more options of the input come first.
func (in Input) args(l Limits, more ...string) []string {
	demuxer := in.format().Demuxer
	args := []string{ // one stream too many is seen to be there: some versions leave out the others in silence
		"-protocol_whitelist", "file", "-format_whitelist", demuxer, "-f", demuxer,
		"-max_pixels", strconv.FormatInt(l.Pixels, 10), "-max_streams", strconv.Itoa(l.Streams + 1),
	}
	if in.search() == nil { // the last packet may be cut off; MPEG-TS calls other packets corrupt that can be decoded
		args = append(args, "-fflags", "+discardcorrupt")
	}
	return append(append(args, more...), "-i", inputName(in.Path))
}

// search are further arguments of a run that needs to know every stream. MPEG-TS and MPEG-PS describe one by its packets
// alone, so that sound that begins late would be taken for none; such a run reads as far as it may, whatever it finds.
func (in Input) search() []string {
	if demuxer := in.format().Demuxer; demuxer != "mpegts" && demuxer != "mpeg" {
		return nil
	}
	return []string{"-probesize", "64M", "-analyzeduration", "600M"} // bytes, microseconds
}

// known reports whether there is such a type.
func (in Input) known() bool { _, ok := asset.FindMediaType(in.Type); return ok }

// format returns how files of the input's type are read.
func (in Input) format() asset.MediaType {
	t, _ := asset.FindMediaType(in.Type)
	return t
}
