package asset

import (
	"path"
	"slices"
	"strings"
)

// MediaType is how media of one video type is read, named and served.
type MediaType struct {
	Name    string // the video type of a request, such as "MP4"
	Demuxer string // ffmpeg's; types that share one cannot be told apart, by players either
	Audio   bool   // on the vendor's list of audio types
	// Codecs, where there are any, are ffmpeg's names of the only ones that the main
	// stream may have; else every codec will do.
	Codecs      []string
	Extension   string // without a dot
	ContentType string
}

// TypeHLS is the video type whose object is a playlist, and TypeTS that of its segments.
const (
	TypeHLS = "HLS"
	TypeTS  = "TS"
)

// mediaTypes has every video type of the vendor's API reference (Table 3, video_type).
var mediaTypes = []MediaType{
	{Name: "MP4", Demuxer: "mov", Extension: "mp4", ContentType: "video/mp4"},
	{Name: TypeTS, Demuxer: "mpegts", Extension: "ts", ContentType: "video/mp2t"},
	{Name: "MOV", Demuxer: "mov", Extension: "mov", ContentType: "video/quicktime"},
	{Name: "MXF", Demuxer: "mxf", Extension: "mxf", ContentType: "application/mxf"},
	{Name: "MPG", Demuxer: "mpeg", Extension: "mpg", ContentType: "video/mpeg"},
	{Name: "FLV", Demuxer: "flv", Extension: "flv", ContentType: "video/x-flv"},
	{Name: "WMV", Demuxer: "asf", Extension: "wmv", ContentType: "video/x-ms-wmv"},
	{Name: "AVI", Demuxer: "avi", Extension: "avi", ContentType: "video/x-msvideo"},
	{Name: "M4V", Demuxer: "mov", Extension: "m4v", ContentType: "video/mp4"},
	{Name: "F4V", Demuxer: "mov", Extension: "f4v", ContentType: "video/mp4"},
	{Name: "MPEG", Demuxer: "mpeg", Extension: "mpeg", ContentType: "video/mpeg"},
	{Name: "3GP", Demuxer: "mov", Extension: "3gp", ContentType: "video/3gpp"},
	{Name: "ASF", Demuxer: "asf", Extension: "asf", ContentType: "video/x-ms-asf"},
	{Name: "MKV", Demuxer: "matroska", Extension: "mkv", ContentType: "video/matroska"},
	{Name: TypeHLS, Demuxer: "mpegts", Extension: "m3u8", ContentType: "application/vnd.apple.mpegurl"}, // its segments, joined
	{Name: "RMVB", Demuxer: "rm", Extension: "rmvb", ContentType: "application/vnd.rn-realmedia-vbr"},
	{Name: "WEBM", Demuxer: "matroska", Codecs: []string{"vp8", "vp9", "av1"}, Extension: "webm", ContentType: "video/webm"},

	{Name: "MP3", Demuxer: "mp3", Audio: true, Codecs: []string{"mp3", "mp2", "mp1"}, Extension: "mp3", ContentType: "audio/mpeg"},
	{Name: "OGG", Demuxer: "ogg", Audio: true, Extension: "ogg", ContentType: "audio/ogg"},
	{Name: "WAV", Demuxer: "wav", Audio: true, Extension: "wav", ContentType: "audio/wav"},
	{Name: "WMA", Demuxer: "asf", Audio: true, Extension: "wma", ContentType: "audio/x-ms-wma"},
	{Name: "APE", Demuxer: "ape", Audio: true, Extension: "ape", ContentType: "audio/x-ape"},
	{Name: "FLAC", Demuxer: "flac", Audio: true, Extension: "flac", ContentType: "audio/flac"},
	{Name: "AAC", Demuxer: "aac", Audio: true, Extension: "aac", ContentType: "audio/aac"},
	{Name: "AC3", Demuxer: "ac3", Audio: true, Codecs: []string{"ac3", "eac3"}, Extension: "ac3", ContentType: "audio/ac3"},
	{Name: "MMF", Demuxer: "mmf", Audio: true, Extension: "mmf", ContentType: "application/vnd.smaf"},
	{Name: "AMR", Demuxer: "amr", Audio: true, Extension: "amr", ContentType: "audio/amr"},
	{Name: "M4A", Demuxer: "mov", Audio: true, Extension: "m4a", ContentType: "audio/mp4"},
	{Name: "M4R", Demuxer: "mov", Audio: true, Extension: "m4r", ContentType: "audio/mp4"},
	{Name: "WV", Demuxer: "wv", Audio: true, Extension: "wv", ContentType: "audio/x-wavpack"},
	{Name: "MP2", Demuxer: "mp3", Audio: true, Codecs: []string{"mp2", "mp1", "mp3"}, Extension: "mp2", ContentType: "audio/mpeg"},
}

// MediaTypes returns all types, in the vendor's order: video, then audio.
func MediaTypes() []MediaType { return slices.Clone(mediaTypes) }

// FindMediaType returns the type of a name, in whatever case: "WebM" is WEBM.
func FindMediaType(name string) (MediaType, bool) {
	i := slices.IndexFunc(mediaTypes, func(t MediaType) bool { return strings.EqualFold(t.Name, name) })
	if i < 0 {
		return MediaType{}, false
	}
	return mediaTypes[i], true
}

// VideoTypeOf returns the video type that the extension of an object's key stands for, or "".
func VideoTypeOf(key string) string {
	extension := strings.TrimPrefix(path.Ext(key), ".")
	if strings.EqualFold(extension, "m3u") { // RFC 8216 has both
		return TypeHLS
	}
	for _, t := range mediaTypes {
		if strings.EqualFold(t.Extension, extension) {
			return t.Name
		}
	}
	return ""
}

// Allows reports whether ffmpeg's codec may be that of the main stream.
func (t MediaType) Allows(codec string) bool {
	return len(t.Codecs) == 0 || slices.Contains(t.Codecs, codec)
}
