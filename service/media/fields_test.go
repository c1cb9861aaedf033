package media_test

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vod-reproduction/vod/internal/servicetest"
	"github.com/vod-reproduction/vod/service/media"
	"github.com/vod-reproduction/vod/service/media/mediatest"
)

// raw is the first picture behind filters, as its bytes. Options of the input come last.
func raw(t testing.TB, path, filters string, options ...string) []byte {
	t.Helper()
	if filepath.Ext(path) == ".m3u8" {
		options = append(options, "-allowed_extensions", "ALL")
	}
	args := slices.Concat([]string{"-v", "error"}, options, []string{"-i", path, "-frames:v", "1", "-vf", filters, "-f", "rawvideo", "-"})
	out, err := exec.CommandContext(t.Context(), "ffmpeg", args...).Output()
	if err != nil || len(out) == 0 {
		t.Fatalf("%s: %v: %d bytes", path, err, len(out))
	}
	return out
}

// combing is how many pixels of a row differ from both neighbors above and below, which are alike: those that moved between fields.
func combing(t *testing.T, path string, seek ...string) (n int) {
	t.Helper()
	rows := raw(t, path, "format=gray,crop=iw:3:0:ih/2", seek...)
	width := len(rows) / 3
	for x := range width {
		above, middle, below := int(rows[x]), int(rows[width+x]), int(rows[2*width+x])
		if max(above-below, below-above) < 30 && max(above-middle, middle-above) > 60 {
			n++
		}
	}
	return n
}

func TestInterlaced(t *testing.T) {
	servicetest.SkipShort(t, "each kind of film is encoded")
	tools := find(t, media.Limits{})
	weave := func(mode string) []string {
		// A bar moves 8 pixels a field.
		return []string{"-f", "lavfi", "-i", "color=black:size=320x180:rate=50:duration=2,format=yuv420p,geq=lum='16+219*lt(mod(X-8*N,128),40)':cb=128:cr=128",
			"-vf", "tinterlace=" + mode, "-r", "25", "-g", "12"}
	}
	x264 := []string{"-c:v", "libx264", "-preset", "ultrafast", "-crf", "10"}
	for name, c := range map[string]struct {
		kind string
		args [][]string
	}{
		"top first":         {"MP4", [][]string{weave("interleave_top"), x264, {"-x264-params", "tff=1"}}},
		"bottom first":      {"MP4", [][]string{weave("interleave_bottom"), x264, {"-x264-params", "bff=1"}}},
		"in frames alone":   {"TS", [][]string{weave("interleave_top"), x264, {"-x264-params", "tff=1"}}},
		"MPEG-2":            {"MPG", [][]string{weave("interleave_top"), {"-c:v", "mpeg2video", "-q:v", "2", "-flags", "+ildct+ilme", "-top", "1"}}},
		"MPEG-2, bottom":    {"TS", [][]string{weave("interleave_bottom"), {"-c:v", "mpeg2video", "-q:v", "2", "-flags", "+ildct+ilme", "-top", "0"}}},
		"in container only": {"MKV", [][]string{weave("interleave_top"), {"-c:v", "huffyuv", "-pix_fmt", "yuv422p", "-field_order", "tt"}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "film."+strings.ToLower(c.kind))
			mediatest.FFmpeg(t, append(slices.Concat(c.args...), path)...)
			if n := combing(t, path, "-ss", "1"); n < 8 {
				t.Fatalf("the film is not combed: %d", n)
			}
			in := media.Input{Path: path, Type: c.kind}
			info := probe(t, tools, in)
			if info.Video.Fields == "" {
				t.Fatalf("%+v", info.Video)
			}
			frames := shoot(t, tools, in, info, at(0, 0.5, 1, 1.5), media.Picture{})
			for _, f := range frames {
				if n := combing(t, f.Path); n > 2 {
					t.Errorf("the snapshot at %v is combed: %d", f.Offset, n)
				}
			}
			dir, outputs := transcodeProbed(t, tools, in, info, media.Ladder{Remux: true, Renditions: []media.Rendition{{Name: "r", Height: 180}}})
			made := filepath.Join(dir, outputs[0].Files[0])
			for _, second := range []string{"0.4", "1", "1.6"} {
				if n := combing(t, made, "-ss", second); n > 2 {
					t.Errorf("the output is combed at %s s: %d", second, n)
				}
			}
			if said := describe(t, made, "stream=field_order,avg_frame_rate"); said != "progressive,25/1" || outputs[0].Remuxed {
				t.Errorf("the output is %s, remuxed: %v", said, outputs[0].Remuxed)
			}
			if n := count(t, made, "v"); n < 48 || n > 50 {
				t.Errorf("%d frames of 50", n)
			}
		})
	}
	t.Run("from the middle on", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		mediatest.FFmpeg(t, slices.Concat([]string{"-f", "lavfi", "-i", "color=gray:size=320x180:rate=25:duration=2"}, x264, []string{"-x264-params", "fake-interlaced=1", filepath.Join(dir, "a.ts")})...)
		mediatest.FFmpeg(t, append(slices.Concat(weave("interleave_top"), x264, []string{"-x264-params", "tff=1"}), filepath.Join(dir, "b.ts"))...)
		path := filepath.Join(dir, "film.ts")
		mediatest.FFmpeg(t, "-i", fmt.Sprintf("concat:%s|%s", filepath.Join(dir, "a.ts"), filepath.Join(dir, "b.ts")), "-c", "copy", path)
		out, outputs := transcode(t, tools, media.Input{Path: path, Type: "TS"}, media.Ladder{Remux: true, Renditions: []media.Rendition{{Name: "r", Height: 180}}})
		if n := combing(t, filepath.Join(out, outputs[0].Files[0]), "-ss", "3"); n > 2 || outputs[0].Remuxed {
			t.Errorf("combed: %d, remuxed: %v", n, outputs[0].Remuxed)
		}
	})
}
