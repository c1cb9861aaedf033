package media

import (
	"slices"
	"strconv"
)

// format is how files of a video type are read.
type format struct {
	demuxer string
	audio   bool
	// codecs, where there are any, are the only ones of the main stream; else every codec will do.
	codecs []string
}

// formats has every video type of the page. Types of one family share a
// demuxer, and ffmpeg cannot tell them apart; neither do players.
var formats = map[string]format{
	"MP4": {demuxer: "mov"}, "MOV": {demuxer: "mov"}, "M4V": {demuxer: "mov"}, "F4V": {demuxer: "mov"}, "3GP": {demuxer: "mov"},
	"TS": {demuxer: "mpegts"}, "HLS": {demuxer: "mpegts"},
	"MXF": {demuxer: "mxf"},
	"MPG": {demuxer: "mpeg"}, "MPEG": {demuxer: "mpeg"},
	"FLV": {demuxer: "flv"}, "AVI": {demuxer: "avi"}, "RMVB": {demuxer: "rm"},
	"WMV": {demuxer: "asf"}, "ASF": {demuxer: "asf"},
	"MKV":  {demuxer: "matroska"},
	"WEBM": {demuxer: "matroska", codecs: []string{"vp8", "vp9", "av1"}},

	"MP3": {demuxer: "mp3", audio: true, codecs: []string{"mp3", "mp2", "mp1"}},
	"MP2": {demuxer: "mp3", audio: true, codecs: []string{"mp2", "mp1", "mp3"}},
	"OGG": {demuxer: "ogg", audio: true}, "WAV": {demuxer: "wav", audio: true}, "WMA": {demuxer: "asf", audio: true},
	"APE": {demuxer: "ape", audio: true}, "FLAC": {demuxer: "flac", audio: true}, "AAC": {demuxer: "aac", audio: true},
	"AC3": {demuxer: "ac3", audio: true, codecs: []string{"ac3", "eac3"}}, "MMF": {demuxer: "mmf", audio: true}, "AMR": {demuxer: "amr", audio: true},
	"M4A": {demuxer: "mov", audio: true}, "M4R": {demuxer: "mov", audio: true}, "WV": {demuxer: "wv", audio: true},
}

// IsAudio reports whether a video type is on the page's list of audio types.
func IsAudio(videoType string) bool { return formats[videoType].audio }

// Input is one local file that came from a stranger.
type Input struct {
	Path string
	// Type is the page's video type. HLS means the segments of a playlist joined into one file.
	Type string
}

// args are the arguments that pin how the file is read; more options of the input go before.
func (in Input) args(l Limits, more ...string) []string {
	demuxer := formats[in.Type].demuxer
	args := []string{
		"-protocol_whitelist", "file", "-format_whitelist", demuxer, "-f", demuxer,
		"-max_pixels", strconv.FormatInt(l.Pixels, 10), "-max_streams", strconv.Itoa(l.Streams),
	}
	return append(append(args, more...), "-i", inputName(in.Path))
}

// known reports whether the type is on the page.
func (in Input) known() bool { _, ok := formats[in.Type]; return ok }

// takes reports whether the codec may be that of the main stream.
func (f format) takes(codec string) bool {
	return len(f.codecs) == 0 || slices.Contains(f.codecs, codec)
}
