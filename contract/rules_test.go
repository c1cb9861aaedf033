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

// TestIsAudio counts, because the page lists 14 audio formats among its 31.
func TestIsAudio(t *testing.T) {
	t.Parallel()
	audio := 0
	for _, videoType := range []gen.VideoType{
		"MP4", "TS", "MOV", "MXF", "MPG", "FLV", "WMV", "AVI", "M4V", "F4V", "MPEG", "3GP", "ASF", "MKV", "HLS", "RMVB", "WEBM",
		"MP3", "OGG", "WAV", "WMA", "APE", "FLAC", "AAC", "AC3", "MMF", "AMR", "M4A", "M4R", "WV", "MP2",
	} {
		if !videoType.Valid() {
			t.Errorf("%s is not a value of the document", videoType)
		}
		if contract.IsAudio(videoType) {
			audio++
		}
	}
	if audio != 14 || contract.IsAudio("MP4") || !contract.IsAudio("MP3") {
		t.Errorf("%d audio formats", audio)
	}
}
