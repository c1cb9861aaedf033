package mediatest

import (
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
)

// Film is a video whose pictures tell their number: FrameNumber reads it.
type Film struct {
	Frames, Rate  int // at most 65,536 frames; Rate a second
	Width, Height int // pixels
	KeyEvery      int // frames from one key frame to the next; 0 is what the encoder likes
	Sound         bool
	// Options stand before the output, and may change everything but the picture.
	Options []string
}

// bars is how many bars a picture has: one for each bit of its number, the lowest at the left.
const bars = 16

// Make writes the film, as MP4 with H.264 where Options do not say otherwise. The file is the caller's own.
func (f Film) Make(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "film.mp4")
	seconds := strconv.FormatFloat(float64(f.Frames)/float64(f.Rate), 'f', 6, 64)
	args := []string{"-f", "lavfi", "-i", fmt.Sprintf("nullsrc=size=%dx2:rate=%d", bars, f.Rate)}
	if f.Sound {
		args = append(args, "-f", "lavfi", "-i", "sine=frequency=440:duration="+seconds)
	}
	args = append(args, "-frames:v", strconv.Itoa(f.Frames),
		"-vf", fmt.Sprintf("geq=lum='255*mod(floor(N/pow(2,X)),2)':cb=128:cr=128,scale=%d:%d:flags=neighbor,setsar=1", f.Width, f.Height),
		"-c:v", "libx264", "-preset", "ultrafast", "-crf", "20", "-pix_fmt", "yuv420p")
	if f.KeyEvery > 0 {
		args = append(args, "-g", strconv.Itoa(f.KeyEvery), "-keyint_min", strconv.Itoa(f.KeyEvery), "-sc_threshold", "0")
	}
	makeOnce(t, slices.Concat(args, f.Options), path)
	return path
}

// FrameNumber reads the number of a film's frame from a JPEG of it. Black bars
// above and below do no harm, ones at the sides do.
func FrameNumber(t testing.TB, path string) int {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	picture, err := jpeg.Decode(file)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return numberOf(picture)
}

func numberOf(picture image.Image) (number int) {
	area := picture.Bounds()
	for bit := range bars {
		at := picture.At(area.Min.X+(2*bit+1)*area.Dx()/(2*bars), area.Min.Y+area.Dy()/2)
		if color.GrayModel.Convert(at).(color.Gray).Y > 127 {
			number |= 1 << bit
		}
	}
	return number
}
