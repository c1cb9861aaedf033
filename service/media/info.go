package media

import (
	"strings"
	"time"
)

// Info is what is known about a media file.
type Info struct {
	Container string // the video type
	Duration  time.Duration
	Size      int64  // bytes
	BitRate   int64  // bit/s, 0 when it is not known
	Video     *Video // nil when there is no moving picture
	Audio     *Audio // nil when there is no sound
	// Lead is what an edit list of fragmented MP4 hides before the beginning, which ffmpeg does not hide.
	Lead time.Duration
	// Delay is how much earlier frames are shown than decoders say, where timestamps only tell when they are decoded, as in AVI.
	Delay time.Duration
	// Restarts reports whether the timestamps of the picture begin anew midway, so that it can be decoded, but not be sought in.
	Restarts bool
}

// Video is the moving picture of a file that players show.
type Video struct {
	Index         int    // of the stream in the file
	Codec         string // such as "H.264"
	Width, Height int    // pixels, as shown: rotated, with square pixels
	Rotation      int    // degrees that players turn the stored picture by, clockwise, at least 0 and below 360
	Mirrored      bool   // left to right, before it is turned
	TurnInFrames  bool   // frames say how it is shown, not the container
	Fields        Fields // whether it is interlaced
	Color         Color
	FrameRate     float64
	BitRate       int64  // bit/s, 0 when it is not known
	PixelFormat   string // ffmpeg's name, such as "yuv420p"
}

// Audio is the sound of a file that players play.
type Audio struct {
	Index      int    // of the stream in the file
	Codec      string // such as "AAC"
	Channels   int
	SampleRate int   // Hz
	BitRate    int64 // bit/s, 0 when it is not known
}

// codecNames spells ffmpeg's codec names as the cloud does, and as their
// standards do where the cloud has no name for them.
var codecNames = map[string]string{
	"mpeg2video": "MPEG-2", "mpeg4": "MPEG-4", "h264": "H.264", "hevc": "H.265", "wmv1": "WMV", "wmv2": "WMV", "wmv3": "WMV",
	"vorbis": "Vorbis", "aac": "AAC", "eac3": "EAC-3", "ac3": "AC-3", "amr_nb": "AMR", "amr_wb": "AMR", "ape": "APE",
	"flac": "FLAC", "mp3": "MP3", "mp2": "MP2", "wmav1": "WMA", "wmav2": "WMA", "wmapro": "WMA", "wmalossless": "WMA",
	"wmavoice": "WMA", "wavpack": "WavPack",

	"mpeg1video": "MPEG-1", "msmpeg4v1": "MS-MPEG-4", "msmpeg4v2": "MS-MPEG-4", "msmpeg4v3": "MS-MPEG-4", "vc1": "VC-1",
	"h263": "H.263", "opus": "Opus",
}

// codecName names the codec of a stream; profile is ffmpeg's name of it, and may be empty.
func codecName(codec, profile string) string {
	if codec == "aac" && strings.HasPrefix(profile, "HE-AAC") {
		return "HEAAC"
	}
	if known, ok := codecNames[codec]; ok {
		return known
	}
	for _, family := range []string{"pcm", "adpcm"} {
		if strings.HasPrefix(codec, family+"_") {
			return strings.ToUpper(family)
		}
	}
	return strings.ToUpper(codec) // such as VP9
}
