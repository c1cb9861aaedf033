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
