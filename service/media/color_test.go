package media_test

import (
	"bytes"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vod-reproduction/vod/internal/servicetest"
	"github.com/vod-reproduction/vod/service/media"
	"github.com/vod-reproduction/vod/service/media/mediatest"
)

// rgb is the middle of the first picture of a file, as a browser shows it: JPEG by
// JFIF, and video by its tags, which must be there.
func rgb(t testing.TB, path string) (c [3]int) {
	t.Helper()
	matrix, levels := "bt601", "pc"
	if filepath.Ext(path) != ".jpg" {
		said := describe(t, path, "stream=color_space,color_range")
		matrix, levels, _ = strings.Cut(said, ",")
		levels, matrix = matrix, levels
		if name, ok := map[string]string{"bt470bg": "bt470", "bt2020nc": "bt2020"}[matrix]; ok {
			matrix = name
		}
	}
	filter := fmt.Sprintf("crop=2:2,scale=in_color_matrix=%s:in_range=%s,format=rgb24", matrix, levels)
	out, err := exec.CommandContext(t.Context(), "ffmpeg", "-v", "error", "-i", path, "-frames:v", "1", "-vf", filter, "-f", "rawvideo", "-").Output()
	if err != nil || len(out) < 3 {
		t.Fatalf("%s: %v: %d bytes", path, err, len(out))
	}
	return [3]int{int(out[0]), int(out[1]), int(out[2])}
}

// describe is what ffprobe says of the first picture of a file.
func describe(t testing.TB, path, entries string) string {
	t.Helper()
	args := []string{"-v", "error", "-select_streams", "v:0", "-show_entries", entries, "-of", "csv=p=0"}
	if filepath.Ext(path) == ".m3u8" {
		args = append(args, "-allowed_extensions", "ALL")
	}
	out, err := exec.CommandContext(t.Context(), "ffprobe", append(args, path)...).Output()
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(string(out), "\n")
	return strings.TrimRight(strings.TrimSpace(first), ",")
}

// both makes a snapshot and an output of a film.
func both(t *testing.T, tools *media.Tools, in media.Input) (jpeg, video string, o media.Output) {
	t.Helper()
	info := probe(t, tools, in)
	frames := shoot(t, tools, in, info, at(0.1), media.Picture{})
	dir, outputs := transcodeProbed(t, tools, in, info, media.Ladder{Remux: true, Renditions: []media.Rendition{{Name: "r", Height: 1080}}})
	return frames[0].Path, filepath.Join(dir, outputs[0].Files[0]), outputs[0]
}

func TestColor(t *testing.T) {
	servicetest.SkipShort(t, "each kind of film is encoded")
	tools := find(t, media.Limits{})
	// The samples of a red that every standard has others for.
	red := [3]int{200, 30, 40}
	for name, c := range map[string]struct {
		size    string
		matrix  string // of the samples, as the scale filter names it
		levels  string
		tag     string // "" is none
		options []string
	}{
		"BT.709":                    {"320x180", "bt709", "tv", "bt709", nil},
		"BT.709, full range":        {"320x180", "bt709", "pc", "bt709", nil},
		"BT.601 of 525 lines":       {"320x180", "smpte170m", "tv", "smpte170m", nil},
		"BT.601 of 625 lines":       {"320x180", "bt470", "tv", "bt470bg", nil},
		"BT.601, full range":        {"320x180", "bt601", "pc", "smpte170m", nil},
		"BT.601 in high definition": {"1280x720", "bt601", "tv", "smpte170m", nil},
		"SMPTE 240M":                {"320x180", "smpte240m", "tv", "smpte240m", nil},
		"BT.2020 matrix alone":      {"320x180", "bt2020", "tv", "bt2020nc:color_primaries=bt709:color_trc=bt709", nil},
		"untagged":                  {"320x180", "bt601", "tv", "", nil},
		"untagged high definition":  {"1280x720", "bt709", "tv", "", nil},
		"other codec":               {"320x180", "bt709", "tv", "bt709", []string{"-c:v", "mpeg2video", "-q:v", "2"}},
		"more bits":                 {"320x180", "bt709", "tv", "bt709", []string{"-pix_fmt", "yuv422p10le"}},
		"RGB":                       {"320x180", "bt709", "pc", "", []string{"-c:v", "png", "-pix_fmt", "rgb24"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "film.mov")
			args := []string{"-f", "lavfi", "-i", fmt.Sprintf("color=0x%02x%02x%02x:size=%s:rate=25:duration=0.4,format=gbrp,scale=out_color_matrix=%s:out_range=%s,format=yuv444p", red[0], red[1], red[2], c.size, c.matrix, c.levels)}
			tags := "range=" + c.levels
			if c.tag != "" {
				tags += ":colorspace=" + c.tag
			}
			if name == "RGB" {
				args, tags = []string{"-f", "lavfi", "-i", fmt.Sprintf("color=0x%02x%02x%02x:size=%s:rate=25:duration=0.4", red[0], red[1], red[2], c.size)}, "range=pc"
			}
			args = append(args, "-vf", "format="+formatOf(name)+","+tagged(tags), "-c:v", "libx264", "-qp", "1", "-preset", "ultrafast")
			mediatest.FFmpeg(t, append(append(args, c.options...), path)...)
			jpeg, video, o := both(t, tools, media.Input{Path: path, Type: "MOV"})
			for _, made := range []string{jpeg, video} {
				if o.Remuxed && made == video && c.tag == "" {
					continue // as open as its source
				}
				if got := rgb(t, made); !alike(got, red, 6) {
					t.Errorf("%s shows %v, not %v", filepath.Base(made), got, red)
				}
			}
		})
	}
}

func formatOf(name string) string {
	if name == "RGB" {
		return "rgb24"
	}
	return "yuv420p"
}

func tagged(tags string) string { return "setparams=" + tags }

func alike(a, b [3]int, off int) bool {
	for i := range a {
		if a[i]-b[i] > off || b[i]-a[i] > off {
			return false
		}
	}
	return true
}

// Pictures of high dynamic range are shown as those of standard range: black
// stays black, reference white (BT.2408: 203 cd/m², or 75 % of HLG) is white, and
// grey stays neutral.
func TestHighDynamicRange(t *testing.T) {
	servicetest.SkipShort(t, "each kind of film is encoded")
	tools := find(t, media.Limits{})
	for name, c := range map[string]struct {
		transfer string
		signal   float64 // the part of the range that the luma has
		from, to int
	}{
		"PQ black":                {"smpte2084", 0, 0, 2},
		"PQ, 10 cd/m2":            {"smpte2084", 0.3, 60, 90},
		"PQ, reference white":     {"smpte2084", 0.5807, 232, 250},
		"PQ, 1000 cd/m2":          {"smpte2084", 0.7518, 252, 255},
		"PQ, 10000 cd/m2":         {"smpte2084", 1, 252, 255},
		"HLG black":               {"arib-std-b67", 0, 0, 2},
		"HLG grey":                {"arib-std-b67", 0.38, 80, 130},
		"HLG, reference white":    {"arib-std-b67", 0.75, 232, 250},
		"HLG, peak":               {"arib-std-b67", 1, 252, 255},
		"BT.2020, standard range": {"bt2020-10", 0.5, 120, 135},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, codec := range [][]string{
				{"-c:v", "libx265", "-x265-params", "log-level=none:colorprim=bt2020:transfer=" + c.transfer + ":colormatrix=bt2020nc:range=limited", "-pix_fmt", "yuv420p10le", "-tag:v", "hvc1"},
				{"-c:v", "libx264", "-pix_fmt", "yuv420p"}, // which could be taken as it is
			} {
				path := filepath.Join(t.TempDir(), "film.mp4")
				mediatest.FFmpeg(t, append(append([]string{"-f", "lavfi", "-i", fmt.Sprintf("color=black:size=320x180:rate=10:duration=0.4,format=yuv420p10le,geq=lum=%.0f:cb=512:cr=512", 64+876*c.signal),
					"-vf", "setparams=range=tv:colorspace=bt2020nc:color_primaries=bt2020:color_trc=" + c.transfer, "-preset", "ultrafast", "-crf", "10"}, codec...), path)...)
				jpeg, video, o := both(t, tools, media.Input{Path: path, Type: "MP4"})
				for _, made := range []string{jpeg, video} {
					if got := rgb(t, made); got[1] < c.from || got[1] > c.to || !alike(got, [3]int{got[1], got[1], got[1]}, 4) {
						t.Errorf("%s of %s shows %v, not %d to %d", filepath.Base(made), codec[1], got, c.from, c.to)
					}
				}
				if said := describe(t, video, "stream=color_range,color_space,color_transfer,color_primaries"); said != "tv,bt709,bt709,bt709" || o.Remuxed {
					t.Errorf("the output of %s says %s, remuxed: %v", codec[1], said, o.Remuxed)
				}
			}
		})
	}
}

// The colors of Dolby Vision without a base layer for other players cannot be made; with one they are its own.
func TestDolbyVision(t *testing.T) {
	servicetest.SkipShort(t, "each profile is encoded")
	t.Parallel()
	tools := find(t, media.Limits{})
	path := filepath.Join(t.TempDir(), "film.mp4")
	mediatest.FFmpeg(t, "-f", "lavfi", "-i", "testsrc=size=176x144:rate=25:duration=1", "-c:v", "libx264", "-preset", "ultrafast", path)
	for name, c := range map[string]struct {
		profile, compatibility byte
		refused                bool
	}{"profile 5": {5, 0, true}, "profile 8.1": {8, 1, false}, "profile 7": {7, 6, false}} {
		file := read(t, path)
		box := bytes.Index(file, []byte("btrt")) // a box of the sample entry that nobody needs
		copy(file[box:], append([]byte("dvcC"), 1, 0, c.profile<<1, 1<<3|0b101, c.compatibility<<4, 0, 0, 0, 0, 0, 0, 0))
		in := media.Input{Path: write(t, file), Type: "MP4"}
		info := probe(t, tools, in)
		_, errSnapshots := tools.Snapshots(t.Context(), in, info, at(0), media.Picture{}, t.TempDir(), nil)
		_, errTranscode := tools.Transcode(t.Context(), in, info, media.Ladder{Remux: true, Renditions: []media.Rendition{{Name: "r", Height: 144}}}, t.TempDir(), nil)
		for _, err := range []error{errSnapshots, errTranscode} {
			if c.refused {
				refused(t, err, media.Mismatch)
			} else if err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}
