package media_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/vod-reproduction/vod/internal/servicetest"
	"github.com/vod-reproduction/vod/service/media"
	"github.com/vod-reproduction/vod/service/media/mediatest"
)

// film is eight seconds with a key frame each two, and sound.
func film(t testing.TB, options ...string) media.Input {
	t.Helper()
	return media.Input{Path: mediatest.Film{Frames: 200, Rate: 25, Width: 320, Height: 180, KeyEvery: 50, Sound: true,
		Options: append([]string{"-aspect", "16:9"}, options...)}.Make(t), Type: "MP4"}
}

// transcode makes the outputs of a good file.
func transcode(t testing.TB, tools *media.Tools, in media.Input, l media.Ladder) (dir string, outputs []media.Output) {
	t.Helper()
	return transcodeProbed(t, tools, in, probe(t, tools, in), l)
}

// transcodeProbed is [transcode] for a file that was probed.
func transcodeProbed(t testing.TB, tools *media.Tools, in media.Input, info media.Info, l media.Ladder) (dir string, outputs []media.Output) {
	t.Helper()
	dir = t.TempDir()
	outputs, err := tools.Transcode(t.Context(), in, info, l, dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range outputs {
		for _, name := range o.Files {
			if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Size() == 0 {
				t.Errorf("output %q: %s: %v", o.Name, name, err)
			}
		}
	}
	return dir, outputs
}

// pictures is a hash of all decoded frames: a second encoding changes it.
func pictures(t testing.TB, path string) string {
	t.Helper()
	args := []string{"-v", "error"}
	if filepath.Ext(path) == ".m3u8" {
		args = append(args, "-allowed_extensions", "ALL")
	}
	out, err := exec.CommandContext(t.Context(), "ffmpeg", append(args, "-i", path, "-map", "0:v", "-vsync", "passthrough", "-f", "md5", "-")...).Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// count is how many frames or packets a file has.
func count(t testing.TB, path, stream string) int {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "ffprobe", "-v", "error", "-select_streams", stream, "-count_packets", "-show_entries", "stream=nb_read_packets", "-of", "csv=p=0", path).Output()
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.Atoi(strings.TrimSpace(strings.Split(string(out), "\n")[0]))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func near(a, b, off time.Duration) bool { return (a - b).Abs() <= off }

func TestTranscodeMP4(t *testing.T) {
	servicetest.SkipShort(t, "it encodes")
	t.Parallel()
	tools := find(t, media.Limits{})
	in := film(t)
	dir, outputs := transcode(t, tools, in, media.Ladder{Renditions: []media.Rendition{
		{Name: "high", Height: 360, VideoBitRate: 500_000}, {Name: "mid", Height: 180}, {Name: "low", Height: 90, AudioBitRate: 64_000},
	}})
	if len(outputs) != 2 {
		t.Fatalf("%d outputs: %+v", len(outputs), outputs)
	}
	for i, want := range []struct {
		name          string
		width, height int
	}{{"low", 160, 90}, {"mid", 320, 180}} { // nothing is enlarged, and sides are even
		o := outputs[i]
		v := o.Info.Video
		if o.Name != want.name || v.Width != want.width || v.Height != want.height || v.Codec != "H.264" || v.FrameRate != 25 || o.Remuxed ||
			!near(o.Info.Duration, 8*time.Second, 100*time.Millisecond) || o.Info.Audio.Codec != "AAC" || o.Info.Container != "MP4" {
			t.Errorf("%+v %+v %+v", o, o.Info.Video, o.Info.Audio)
		}
		if n := count(t, filepath.Join(dir, o.Files[0]), "v"); n != 200 {
			t.Errorf("%s has %d frames of 200", o.Name, n)
		}
	}
}

var streamInf = regexp.MustCompile(`(?m)^#EXT-X-STREAM-INF:BANDWIDTH=(\d+),AVERAGE-BANDWIDTH=(\d+),RESOLUTION=(\d+x\d+),FRAME-RATE=25\.000,CODECS="avc1\.[0-9A-F]{6},mp4a\.40\.2"\n(.*)$`)

func TestTranscodeHLS(t *testing.T) {
	t.Parallel()
	tools := find(t, media.Limits{})
	dir, outputs := transcode(t, tools, film(t), media.Ladder{HLS: true, Segment: time.Second, Renditions: []media.Rendition{
		{Name: "180p", Height: 180, VideoBitRate: 800_000}, {Name: "90p", Height: 90},
	}})
	if len(outputs) != 3 || outputs[0].Name != "" || outputs[1].Name != "90p" || outputs[2].Name != "180p" {
		t.Fatalf("outputs %+v", outputs)
	}
	master, err := os.ReadFile(filepath.Join(dir, outputs[0].Files[0]))
	if err != nil {
		t.Fatal(err)
	}
	variants := streamInf.FindAllStringSubmatch(string(master), -1)
	if len(variants) != 2 || variants[0][3] != "320x180" || variants[1][3] != "160x90" {
		t.Fatalf("master playlist:\n%s", master)
	}
	for i, o := range outputs[1:] {
		if o.Info.Container != "HLS" || o.Remuxed || !near(o.Info.Duration, 8*time.Second, 100*time.Millisecond) || len(o.Files) != 9 {
			t.Errorf("%+v", o)
		}
		variant := variants[1-i] // best first
		peak, _ := strconv.ParseInt(variant[1], 10, 64)
		average, _ := strconv.ParseInt(variant[2], 10, 64)
		if variant[4] != o.Files[0] || average != o.Info.BitRate || average > peak {
			t.Errorf("variant %q of %+v", variant[0], o.Info)
		}
		var size int64
		for _, name := range o.Files[1:] {
			info, err := os.Stat(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			size += info.Size()
			if length := segmentLength(t, dir, o, name); !near(length, time.Second, 45*time.Millisecond) || float64(info.Size()*8)/length.Seconds() > float64(peak) {
				t.Errorf("%s lasts %v and has %d bytes; the peak is %d", name, length, info.Size(), peak)
			}
		}
		if size != o.Info.Size {
			t.Errorf("%s has %d bytes, not %d", o.Name, size, o.Info.Size)
		}
	}
	if n := count(t, filepath.Join(dir, outputs[0].Files[0]), "v:0"); n != 200 {
		t.Errorf("the master playlist plays %d frames of 200", n)
	}
}

// segmentLength is what the playlist says.
func segmentLength(t testing.TB, dir string, o media.Output, name string) time.Duration {
	t.Helper()
	list, err := os.ReadFile(filepath.Join(dir, o.Files[0]))
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`#EXTINF:([0-9.]+),\n` + regexp.QuoteMeta(filepath.Base(name)) + "\n").FindSubmatch(list)
	if found == nil {
		t.Fatalf("%s is not in\n%s", name, list)
	}
	length, err := time.ParseDuration(string(found[1]) + "s")
	if err != nil {
		t.Fatal(err)
	}
	return length
}

func TestTranscodeDoesNotMultiplyFrames(t *testing.T) {
	servicetest.SkipShort(t, "it encodes for long")
	tools := find(t, media.Limits{})
	for name, c := range map[string]struct {
		options   []string
		low, high int
		segments  int // in each of which, at most, a frame is repeated
	}{
		"a gap":      {[]string{"-f", "lavfi", "-i", "testsrc=size=160x90:rate=25:duration=4", "-vf", "setpts=PTS+gte(N\\,50)*300/TB", "-vsync", "vfr"}, 98, 100, 304},
		"very fast":  {[]string{"-f", "lavfi", "-i", "testsrc=size=160x90:rate=240:duration=2"}, 100, 142, 0},
		"very slow":  {[]string{"-f", "lavfi", "-i", "testsrc=size=160x90:rate=1/10:duration=60"}, 6, 7, 60},
		"variable":   {[]string{"-f", "lavfi", "-i", "testsrc=size=160x90:rate=25:duration=4", "-vf", "settb=1/1000,setpts=40*N+24*mod(N\\,2)", "-fps_mode", "passthrough", "-enc_time_base", "1:1000"}, 100, 100, 0},
		"usual rate": {[]string{"-f", "lavfi", "-i", "testsrc=size=160x90:rate=60000/1001:duration=2.002"}, 120, 120, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "film.mkv")
			mediatest.FFmpeg(t, slices.Concat(c.options, []string{"-c:v", "ffv1", path})...)
			for _, hls := range []bool{false, true} {
				dir, outputs := transcode(t, tools, media.Input{Path: path, Type: "MKV"},
					media.Ladder{HLS: hls, Segment: time.Second, Renditions: []media.Rendition{{Name: "r", Height: 90}}})
				high := c.high
				if hls && c.segments > 0 {
					high += c.segments + 25 // of the last second
				}
				if n := count(t, filepath.Join(dir, outputs[len(outputs)-1].Files[0]), "v"); n < c.low || n > high {
					t.Errorf("HLS %v: %d frames, want %d to %d", hls, n, c.low, high)
				}
			}
		})
	}
}

func TestTranscodeSizes(t *testing.T) {
	tools := find(t, media.Limits{})
	for name, c := range map[string]struct{ size, sar, want string }{
		"hostile pixels": {"320x180", "1000000", "320x180"},
		"wide pixels":    {"180x180", "16/9", "320x180"},
		"very wide":      {"4000x2", "1", "4000x2"},
		"odd sides":      {"321x181", "1", "320x180"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "film.mkv")
			mediatest.FFmpeg(t, "-f", "lavfi", "-i", "testsrc=size="+c.size+":rate=25:duration=0.2", "-vf", "setsar="+c.sar+":max=2000000", "-c:v", "ffv1", path)
			_, outputs := transcode(t, tools, media.Input{Path: path, Type: "MKV"}, media.Ladder{Renditions: []media.Rendition{{Name: "r", Height: 1080}}})
			if v := outputs[0].Info.Video; fmt.Sprintf("%dx%d", v.Width, v.Height) != c.want {
				t.Errorf("%d x %d, want %s", v.Width, v.Height, c.want)
			}
		})
	}
}

func TestTranscodeTakesTheStreamsThatWereProbed(t *testing.T) {
	servicetest.SkipShort(t, "it encodes for long")
	t.Parallel()
	tools := find(t, media.Limits{})
	path := filepath.Join(t.TempDir(), "film.mkv")
	mediatest.FFmpeg(t, "-f", "lavfi", "-i", "testsrc=size=320x180:rate=25:duration=1", "-f", "lavfi", "-i", "testsrc=size=160x90:rate=25:duration=1",
		"-f", "lavfi", "-i", "anoisesrc=duration=1:sample_rate=48000", "-f", "lavfi", "-i", "aevalsrc=0|0:duration=1:sample_rate=44100",
		"-map", "3", "-map", "1", "-map", "2", "-map", "0", "-c:v", "ffv1", "-c:a", "flac", path)
	in := media.Input{Path: path, Type: "MKV"}
	info := probe(t, tools, in)
	if info.Audio.Index != 0 || info.Video.Index != 1 {
		t.Fatalf("%+v %+v", info.Video, info.Audio)
	}
	_, outputs := transcode(t, tools, in, media.Ladder{Renditions: []media.Rendition{{Name: "r", Height: 1080}}})
	if v, a := outputs[0].Info.Video, outputs[0].Info.Audio; v.Height != 90 || a.SampleRate != 44100 || a.Channels != 2 {
		t.Errorf("%+v %+v", v, a)
	}
}

func TestTranscodeChecksTheLadder(t *testing.T) {
	t.Parallel()
	tools := find(t, media.Limits{})
	info := media.Info{Video: &media.Video{Width: 320, Height: 180}}
	good := media.Rendition{Name: "a", Height: 180}
	for name, l := range map[string]media.Ladder{
		"no renditions":       {},
		"no name":             {Renditions: []media.Rendition{{Height: 180}}},
		"a path for a name":   {Renditions: []media.Rendition{{Name: "../a", Height: 180}}},
		"an option as a name": {Renditions: []media.Rendition{{Name: "a b", Height: 180}}},
		"twice the name":      {Renditions: []media.Rendition{good, {Name: "A", Height: 90}}},
		"no height":           {Renditions: []media.Rendition{{Name: "a"}}},
		"a rate below 0":      {Renditions: []media.Rendition{{Name: "a", Height: 180, VideoBitRate: -1}}},
		"no segment length":   {HLS: true, Renditions: []media.Rendition{good}},
	} {
		outputs, err := tools.Transcode(t.Context(), media.Input{Path: "none", Type: "MP4"}, info, l, t.TempDir(), nil)
		if _, refusal := errors.AsType[*media.Refusal](err); err == nil || refusal || outputs != nil || !strings.HasPrefix(err.Error(), "transcode: ") {
			t.Errorf("%s: %v, %v", name, outputs, err)
		}
	}
	_, err := tools.Transcode(t.Context(), media.Input{Path: "none", Type: "MP3"}, media.Info{}, media.Ladder{Renditions: []media.Rendition{good}}, t.TempDir(), nil)
	if !errors.Is(err, media.ErrNoPicture) {
		t.Errorf("of sound: %v", err)
	}
}

// scripted returns tools whose ffmpeg is one that a shell script stands before.
func scripted(t *testing.T, script string) *media.Tools {
	t.Helper()
	servicetest.NeedFFmpeg(t)
	ffmpeg, err := exec.LookPath("ffmpeg")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "ffmpeg")
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script+"\nexec "+ffmpeg+" \"$@\"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	tools, err := media.Find(t.Context(), media.Config{FFmpeg: path})
	if err != nil {
		t.Fatal(err)
	}
	return tools
}

// TestTranscodeRunsOnce counts the starts of an encoder.
func TestTranscodeRunsOnce(t *testing.T) {
	servicetest.SkipShort(t, "it encodes for long")
	t.Parallel()
	counter := filepath.Join(t.TempDir(), "starts")
	tools := scripted(t, `case "$*" in *libx264*) echo x >>`+counter+` ;; esac`)
	_, outputs := transcode(t, tools, film(t), media.Ladder{HLS: true, Segment: 2 * time.Second, Renditions: []media.Rendition{{Name: "a", Height: 180}, {Name: "b", Height: 90}}})
	if starts, err := os.ReadFile(counter); err != nil || string(starts) != "x\n" || len(outputs) != 3 {
		t.Errorf("starts %q, %d outputs: %v", starts, len(outputs), err)
	}
}

// TestFullDisk has an ffmpeg that finds the disk full, as no test can fill one.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	tools := scripted(t, "[ \"$1\" = -version ] && echo ffmpeg version 5.1 && exit 0\necho 'av_interleaved_write_frame(): No space left on device' >&2\nexit 1")
	in := film(t)
	info := probe(t, find(t, media.Limits{}), in)
	_, errTranscode := tools.Transcode(t.Context(), in, info, media.Ladder{Renditions: []media.Rendition{{Name: "r", Height: 360}}}, t.TempDir(), nil)
	_, errSnapshots := tools.Snapshots(t.Context(), in, info, at(0), media.Picture{}, t.TempDir(), nil)
	for _, err := range []error{errTranscode, errSnapshots} {
		if refusal, ok := errors.AsType[*media.Refusal](err); err == nil || ok {
			t.Errorf("the media is blamed: %v", refusal)
		}
	}
}

// More than may be made of the media is not made, and the media is to blame.
func TestMaxResults(t *testing.T) {
	servicetest.SkipShort(t, "it encodes for long")
	t.Parallel()
	tools := find(t, media.Limits{})
	in := media.Input{Path: mediatest.Film{Frames: 50, Rate: 25, Width: 320, Height: 240, KeyEvery: 25}.Make(t), Type: "MP4"}
	info := probe(t, tools, in)
	for most, refused := range map[int64]bool{1 << 10: true, 100 << 20: false} {
		in.MaxResults = most
		_, snapshot := tools.Snapshots(t.Context(), in, info, at(0, 1), media.Picture{}, t.TempDir(), nil)
		_, transcoded := tools.Transcode(t.Context(), in, info, media.Ladder{Renditions: []media.Rendition{{Name: "r", Height: 240}}}, t.TempDir(), nil)
		for _, err := range []error{snapshot, transcoded} {
			refusal, ok := errors.AsType[*media.Refusal](err)
			if ok != refused || ok && refusal.Kind != media.TooBig || !ok && err != nil {
				t.Errorf("with %d bytes: %v", most, err)
			}
		}
	}
}
