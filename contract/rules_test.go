package contract_test

import (
	"testing"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen"
)

func TestCanonical(t *testing.T) {
	t.Parallel()
	for in, want := range map[gen.VideoType]gen.VideoType{"WebM": "WEBM", "WEBM": "WEBM", "MP4": "MP4", "": ""} {
		if got := contract.Canonical(in); got != want {
			t.Errorf("Canonical(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestIsAudio(t *testing.T) {
	t.Parallel()
	for format, want := range map[gen.VideoType]bool{"MP3": true, "M4A": true, "MP4": false, "mp3": false, "": false} {
		if got := contract.IsAudio(format); got != want {
			t.Errorf("IsAudio(%q) = %v", format, got)
		}
	}
}
