package pipeline

import (
	"fmt"
	"path"
	"strings"

	"github.com/vod-reproduction/vod/service/asset"
)

// maxName bounds the part of a key that comes from the source's name, in bytes.
const maxName = 100

// keyOf is where an attempt of an asset puts its copy in the service's bucket.
// No two attempts share a key, so a late one cannot spoil the result of another.
func keyOf(a asset.Asset, attempt int64) string {
	return fmt.Sprintf("assets/%s/%d/%s.%s", a.ID, attempt, safeName(a.Source.Key), kindOf(a.VideoType).extension)
}

// safeName makes a file name out of the last part of a key, without its
// extension: letters and digits of ASCII, dots, dashes and underscores, not
// beginning with a dot or a dash, never empty.
func safeName(key string) string {
	name := path.Base(key)
	name = strings.TrimSuffix(name, path.Ext(name))
	name = strings.Map(func(c rune) rune {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '.', c == '-', c == '_':
			return c
		}
		return '_'
	}, name)
	name = strings.TrimLeft(name[:min(len(name), maxName)], ".-")
	if name == "" {
		return "media"
	}
	return name
}

// kind is how media of a video type is named and served.
type kind struct{ extension, contentType string }

// kinds has every video type of the page.
var kinds = map[string]kind{
	"MP4": {"mp4", "video/mp4"}, "TS": {"ts", "video/mp2t"}, "MOV": {"mov", "video/quicktime"},
	"MXF": {"mxf", "application/mxf"}, "MPG": {"mpg", "video/mpeg"}, "MPEG": {"mpeg", "video/mpeg"},
	"FLV": {"flv", "video/x-flv"}, "WMV": {"wmv", "video/x-ms-wmv"}, "AVI": {"avi", "video/x-msvideo"},
	"M4V": {"m4v", "video/mp4"}, "F4V": {"f4v", "video/mp4"}, "3GP": {"3gp", "video/3gpp"},
	"ASF": {"asf", "video/x-ms-asf"}, "MKV": {"mkv", "video/matroska"}, "WEBM": {"webm", "video/webm"},
	"RMVB": {"rmvb", "application/vnd.rn-realmedia-vbr"}, asset.TypeHLS: {"m3u8", "application/vnd.apple.mpegurl"},
	"MP3": {"mp3", "audio/mpeg"}, "MP2": {"mp2", "audio/mpeg"}, "OGG": {"ogg", "audio/ogg"},
	"WAV": {"wav", "audio/wav"}, "WMA": {"wma", "audio/x-ms-wma"}, "APE": {"ape", "audio/x-ape"},
	"FLAC": {"flac", "audio/flac"}, "AAC": {"aac", "audio/aac"}, "AC3": {"ac3", "audio/ac3"},
	"MMF": {"mmf", "application/vnd.smaf"}, "AMR": {"amr", "audio/amr"}, "M4A": {"m4a", "audio/mp4"},
	"M4R": {"m4r", "audio/mp4"}, "WV": {"wv", "audio/x-wavpack"},
}

// kindOf never fails: a type that is not on the page is served as plain bytes.
func kindOf(videoType string) kind {
	if k, ok := kinds[strings.ToUpper(videoType)]; ok {
		return k
	}
	return kind{"bin", "application/octet-stream"}
}
