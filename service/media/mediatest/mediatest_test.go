package mediatest_test

import (
	"path/filepath"
	"testing"

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

func TestTypes(t *testing.T) {
	if n := len(mediatest.Types()); n != 31 {
		t.Errorf("%d types, not the page's 31", n)
	}
}
