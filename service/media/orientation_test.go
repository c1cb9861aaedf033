package media_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/vod-reproduction/vod/internal/servicetest"
	"github.com/vod-reproduction/vod/service/media"
	"github.com/vod-reproduction/vod/service/media/mediatest"
)

// corners makes a film whose four corners differ, with a display matrix in its track.
func corners(t *testing.T, matrix [4]int32, options ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "film.mp4")
	args := []string{"-f", "lavfi", "-i", "color=black:size=320x180:rate=25:duration=0.4,format=yuv420p,geq=lum='40+60*gte(X,W/2)+120*gte(Y,H/2)':cb=128:cr=128",
		"-c:v", "libx264", "-preset", "ultrafast", "-crf", "10"}
	mediatest.FFmpeg(t, append(append(args, options...), path)...)
	turn(t, path, matrix)
	return path
}

// turn puts a display matrix into the first track of an MP4: how ffmpeg is told to differs between its versions.
func turn(t *testing.T, path string, matrix [4]int32) {
	t.Helper()
	text := read(t, path)
	at := bytes.Index(text, []byte("tkhd")) + 44 // the matrix of a header of version 0
	for i, v := range matrix {
		binary.BigEndian.PutUint32(text[at+4*(i+i/2):], uint32(v)<<16)
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// clockwise is the display matrix of a quarter turn.
var clockwise = [4]int32{0, 1, -1, 0}

// quarters are the corners of a picture, in the order of reading, as 1 to 4 from dark to bright.
func quarters(t *testing.T, path string) string {
	t.Helper()
	said := ""
	for _, corner := range raw(t, path, "format=gray,scale=2:2:flags=area") {
		said += fmt.Sprint((int(corner) + 45) / 70)
	}
	return said
}

func TestOrientation(t *testing.T) {
	servicetest.SkipShort(t, "each kind of film is encoded")
	tools := find(t, media.Limits{})
	for name, c := range map[string]struct {
		matrix [4]int32
		want   string
		remux  bool
	}{
		"as stored":         {[4]int32{1, 0, 0, 1}, "1234", true},
		"left to right":     {[4]int32{-1, 0, 0, 1}, "2143", false},
		"upside down":       {[4]int32{1, 0, 0, -1}, "3412", false},
		"half a turn":       {[4]int32{-1, 0, 0, -1}, "4321", false},
		"clockwise":         {clockwise, "3142", false},
		"counterclockwise":  {[4]int32{0, -1, 1, 0}, "2413", false},
		"main diagonal":     {[4]int32{0, 1, 1, 0}, "1324", false},
		"opposite diagonal": {[4]int32{0, -1, -1, 0}, "4231", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			jpeg, video, o := both(t, tools, media.Input{Path: corners(t, c.matrix), Type: "MP4"})
			for _, made := range []string{jpeg, video} {
				if got := quarters(t, made); got != c.want {
					t.Errorf("%s has the corners %s, not %s", filepath.Base(made), got, c.want)
				}
			}
			if v := o.Info.Video; o.Remuxed != c.remux || v.Width < v.Height != (c.matrix[0] == 0) || v.Rotation != 0 || v.Mirrored {
				t.Errorf("remuxed: %v, %+v", o.Remuxed, v)
			}
		})
	}
	t.Run("in frames alone", func(t *testing.T) {
		t.Parallel()
		film, path := corners(t, [4]int32{1, 0, 0, 1}, "-g", "5"), filepath.Join(t.TempDir(), "film.mp4")
		mediatest.FFmpeg(t, "-i", film, "-c", "copy", "-bsf:v", "h264_metadata=display_orientation=insert:rotate=90:flip=horizontal", path)
		jpeg, video, o := both(t, tools, media.Input{Path: path, Type: "MP4"})
		if a, b := quarters(t, jpeg), quarters(t, video); a != b || a != "1324" || o.Remuxed || o.Info.Video.Width != 180 {
			t.Errorf("corners %s and %s, remuxed: %v, %+v", a, b, o.Remuxed, o.Info.Video)
		}
	})
}

// A picture that changes its size midway keeps its shape, with borders.
func TestPictureChangesShape(t *testing.T) {
	servicetest.SkipShort(t, "it encodes for long")
	tools := find(t, media.Limits{})
	dir := t.TempDir()
	for name, size := range map[string]string{"a": "320x180", "b": "180x320", "c": "640x360"} {
		mediatest.FFmpeg(t, "-f", "lavfi", "-i", "color=white:size="+size+":rate=25:duration=6", "-c:v", "libx264", "-preset", "ultrafast", "-g", "25", filepath.Join(dir, name+".ts"))
	}
	list := filepath.Join(dir, "list")
	if err := os.WriteFile(list, []byte("file a.ts\nfile b.ts\nfile c.ts\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "film.ts")
	mediatest.FFmpeg(t, "-f", "concat", "-safe", "0", "-i", list, "-c", "copy", path)
	in := media.Input{Path: path, Type: "TS"}
	info := probe(t, tools, in)
	if w, h := info.Video.Width, info.Video.Height; w != 320 || h != 180 {
		t.Fatalf("%d x %d", w, h)
	}
	white := func(path string, seek ...string) string {
		line := raw(t, path, "format=gray,crop=iw:1:0:ih/2", seek...)
		column := raw(t, path, "format=gray,crop=1:ih:iw/2:0", seek...)
		return fmt.Sprintf("%d x %d", bright(line), bright(column))
	}
	for _, timestamps := range [][]float64{{1, 8, 15}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17}} {
		for _, s := range shoot(t, tools, in, info, at(timestamps...), media.Picture{MaxLength: 320}) {
			want := "320 x 180"
			if s.Offset >= at(6)[0] && s.Offset < at(12)[0] {
				want = "102 x 180"
			}
			if got := white(s.Path); got != want {
				t.Errorf("at %v of %d: %s, want %s", s.Offset, len(timestamps), got, want)
			}
		}
	}
	for _, hls := range []bool{false, true} {
		out, outputs := transcodeProbed(t, tools, in, info, media.Ladder{HLS: hls, Segment: at(2)[0], Remux: true, Renditions: []media.Rendition{{Name: "r", Height: 180}}})
		o := outputs[len(outputs)-1]
		if o.Remuxed {
			t.Errorf("HLS %v: remuxed", hls)
		}
		for second, want := range map[string]string{"1": "320 x 180", "8": "102 x 180", "15": "320 x 180"} {
			if got := white(filepath.Join(out, o.Files[0]), "-ss", second); got != want {
				t.Errorf("HLS %v at %s: %s, want %s", hls, second, got, want)
			}
		}
	}
}

// bright is how many pixels are bright.
func bright(pixels []byte) (n int) {
	for _, p := range pixels {
		if p > 127 {
			n++
		}
	}
	return n
}
