package pipeline

import (
	"regexp"
	"strings"
	"testing"

	"github.com/vod-reproduction/vod/service/asset"
)

func TestKeyOf(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]string{
		"film.mp4":                "film",
		"in/a film.final.mov":     "a_film.final",
		"影片.mp4":                  "__",
		"..":                      "media",
		"/":                       "_",
		"../../etc/passwd":        "passwd",
		"-rf.mp4":                 "rf",
		".hidden.mp4":             "hidden",
		".mp4":                    "media",
		"a\x00b\nc?d.mp4":         "a_b_c_d",
		strings.Repeat("n", 1024): strings.Repeat("n", maxName),
	} {
		a := asset.Asset{ID: "0123", VideoType: "WebM", Source: asset.Location{Key: key}}
		if got, want := keyOf(a, 7), "assets/0123/7/"+want+".webm"; got != want {
			t.Errorf("keyOf(%q) = %q, want %q", key, got, want)
		}
	}
}

func FuzzKeyOf(f *testing.F) {
	for _, key := range []string{"film.mp4", "../x", "%2e%2e/", "a//b", "\xff"} {
		f.Add(key)
	}
	safe := regexp.MustCompile(`^assets/id/1/[A-Za-z0-9_][A-Za-z0-9._-]{0,99}\.mp4$`)
	f.Fuzz(func(t *testing.T, source string) {
		key := keyOf(asset.Asset{ID: "id", VideoType: "MP4", Source: asset.Location{Key: source}}, 1)
		if !safe.MatchString(key) {
			t.Errorf("keyOf(%q) = %q", source, key)
		}
	})
}

// The page's list of video types.
const videoTypes = "MP4 TS MOV MXF MPG FLV WMV AVI M4V F4V MPEG 3GP ASF MKV HLS MP3 OGG WAV WMA APE FLAC AAC AC3 MMF AMR M4A M4R WV MP2 RMVB WebM"

func TestKinds(t *testing.T) {
	t.Parallel()
	types := strings.Fields(videoTypes)
	for _, name := range types {
		if k := kindOf(name); k.extension == "bin" || strings.Contains(k.contentType, "html") {
			t.Errorf("%s is served as .%s, %s", name, k.extension, k.contentType)
		}
	}
	if len(kinds) != len(types) {
		t.Errorf("%d kinds for %d video types", len(kinds), len(types))
	}
	if k := kindOf("EXE"); k.contentType != "application/octet-stream" {
		t.Errorf("an unknown type is served as %s", k.contentType)
	}
}
