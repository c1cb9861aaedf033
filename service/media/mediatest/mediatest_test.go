package mediatest_test

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vod-reproduction/vod/service/asset"
	"github.com/vod-reproduction/vod/service/media/mediatest"
)

func TestFilmTellsFrames(t *testing.T) {
	film := mediatest.Film{Frames: 300, Rate: 25, Width: 320, Height: 180, KeyEvery: 50, Sound: true}.Make(t)
	dir := t.TempDir()
	mediatest.FFmpeg(t, "-i", film, "-vsync", "passthrough", "-start_number", "0", filepath.Join(dir, "%d.jpg"))
	for number, name := range map[int]string{0: "0.jpg", 1: "1.jpg", 255: "255.jpg", 256: "256.jpg", 299: "299.jpg"} {
		if got := mediatest.FrameNumber(t, filepath.Join(dir, name)); got != number {
			t.Errorf("frame %d reads as %d", number, got)
		}
	}
}

// Every media type has a sample.
func TestTypes(t *testing.T) {
	var want []string
	for _, m := range asset.MediaTypes() {
		want = append(want, m.Name)
	}
	slices.Sort(want)
	if d := cmp.Diff(want, mediatest.Types()); d != "" {
		t.Errorf("types with a sample (-want +got):\n%s", d)
	}
}
