package media_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vod-reproduction/vod/internal/servicetest"
	"github.com/vod-reproduction/vod/service/media"
	"github.com/vod-reproduction/vod/service/media/mediatest"
)

// Files that were cut in half are refused where they still say how long they were; whole ones are taken, and so are films
// of few pictures.
func TestCutOff(t *testing.T) {
	servicetest.SkipShort(t, "it cuts each type in many places")
	t.Parallel()
	tools := find(t, media.Limits{})
	h264 := []string{"-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac"}
	for videoType, options := range map[string][]string{
		"MP4":  slices.Concat(h264, []string{"-movflags", "+faststart", "-f", "mp4"}),
		"MOV":  slices.Concat(h264, []string{"-f", "mov"}), // its index stands at the end
		"MKV":  slices.Concat(h264, []string{"-f", "matroska"}),
		"FLV":  {"-c:v", "flv1", "-c:a", "libmp3lame", "-ar", "44100", "-f", "flv"},
		"RMVB": {"-c:v", "rv20", "-c:a", "ac3", "-f", "rm"},
		"FLAC": {"-vn", "-f", "flac"},
		"WV":   {"-vn", "-f", "wv"},
		"WMV":  {"-c:v", "wmv2", "-c:a", "wmav2", "-f", "asf"},
		"AVI":  {"-c:v", "mpeg4", "-c:a", "libmp3lame", "-f", "avi"},
		"WAV":  {"-vn", "-f", "wav"},
	} {
		t.Run(videoType, func(t *testing.T) {
			t.Parallel()
			whole := filepath.Join(t.TempDir(), "whole")
			mediatest.FFmpeg(t, append([]string{"-f", "lavfi", "-i", "testsrc=size=176x144:rate=25:duration=30",
				"-f", "lavfi", "-i", "sine=frequency=440:duration=30"}, append(options, whole)...)...)
			content, err := os.ReadFile(whole)
			if err != nil {
				t.Fatal(err)
			}
			half := filepath.Join(t.TempDir(), "half")
			if err := os.WriteFile(half, content[:len(content)/2], 0o600); err != nil {
				t.Fatal(err)
			}
			if info, err := tools.Probe(t.Context(), media.Input{Path: whole, Type: videoType}); err != nil || info.Duration.Seconds() < 29 {
				t.Errorf("the whole file: %v, %v", info.Duration, err)
			}
			info, err := tools.Probe(t.Context(), media.Input{Path: half, Type: videoType})
			if err == nil && slices.Contains([]string{"WMV", "AVI", "WAV"}, videoType) {
				t.Error("half the file is taken for all of it")
			}
			if err == nil && info.Duration.Seconds() > 20 {
				t.Errorf("half the file is taken for %s", info.Duration)
			}
			if err != nil && !strings.Contains(err.Error(), "cut off") {
				t.Errorf("half the file: %v", err)
			}
		})
	}
	t.Run("few pictures", func(t *testing.T) {
		t.Parallel()
		slides := filepath.Join(t.TempDir(), "slides.webm")
		mediatest.FFmpeg(t, "-f", "lavfi", "-i", "testsrc=size=176x144:rate=1/20:duration=60", "-c:v", "libvpx", "-f", "webm", slides)
		if _, err := tools.Probe(t.Context(), media.Input{Path: slides, Type: "WEBM"}); err != nil {
			t.Error(err)
		}
	})
	t.Run("fragments, remuxed", func(t *testing.T) {
		t.Parallel()
		cut := filepath.Join(t.TempDir(), "cut.mp4")
		mediatest.FFmpeg(t, "-i", film(t).Path, "-c", "copy", "-movflags", "+frag_keyframe+empty_moov", cut)
		content := read(t, cut)
		dir, outputs := transcode(t, tools, media.Input{Path: write(t, content[:len(content)*6/10]), Type: "MP4"}, media.Ladder{Remux: true, Renditions: []media.Rendition{{Name: "r", Height: 180}}})
		mediatest.FFmpeg(t, "-xerror", "-i", filepath.Join(dir, outputs[0].Files[0]), "-f", "null", "-")
	})
}
