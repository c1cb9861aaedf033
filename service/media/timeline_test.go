package media_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/vod-reproduction/vod/internal/servicetest"
	"github.com/vod-reproduction/vod/service/media"
	"github.com/vod-reproduction/vod/service/media/mediatest"
)

// numbered is a film of numbered frames, 25 a second, remade by ffmpeg with
// options that stand for what containers do to timelines.
func numbered(t *testing.T, frames int, sound bool, name string, options ...string) media.Input {
	t.Helper()
	f := mediatest.Film{Frames: frames, Rate: 25, Width: 320, Height: 180, KeyEvery: 25, Sound: sound}
	if name == "mkv" { // versions of ffmpeg count timestamps in the unit of the input or of the output: both are milliseconds
		f.Options = []string{"-f", "matroska"}
	}
	film := f.Make(t)
	dir := t.TempDir()
	path := filepath.Join(dir, "film."+name)
	for i, o := range options {
		if o == "FILM" {
			options[i] = film
		}
	}
	mediatest.FFmpeg(t, append(slices.Clone(options), path)...)
	return media.Input{Path: path, Type: map[string]string{"mp4": "MP4", "mkv": "MKV", "ts": "TS", "flv": "FLV"}[name]}
}

// hidden makes the edit lists of a film, whose tracks have one timescale, hide more of its beginning.
func hidden(t *testing.T, in media.Input, ticks uint32) media.Input {
	t.Helper()
	film := read(t, in.Path)
	lists := 0
	for at := 0; ; lists++ {
		next := bytes.Index(film[at:], []byte("elst\x00\x00\x00\x00\x00\x00\x00\x01"))
		if next < 0 {
			break
		}
		at += next + 16 // behind the duration of the only edit
		binary.BigEndian.PutUint32(film[at:], binary.BigEndian.Uint32(film[at:])+ticks)
	}
	if lists == 0 {
		t.Fatal("the film has no edit list")
	}
	return media.Input{Path: write(t, film), Type: in.Type}
}

// framesAt are the numbers of the frames that a film shows at some times.
func framesAt(t *testing.T, path string, times ...time.Duration) []int {
	t.Helper()
	if len(times) == 0 {
		return nil
	}
	args, pictures := []string{"-i", path}, make([]string, len(times))
	for i, at := range times {
		pictures[i] = filepath.Join(t.TempDir(), "frame.jpg")
		args = append(args, "-ss", fmt.Sprint(at.Seconds()), "-frames:v", "1", "-update", "1", pictures[i])
	}
	mediatest.FFmpeg(t, args...) // once: it takes long to start
	numbers := make([]int, len(times))
	for i, picture := range pictures {
		numbers[i] = mediatest.FrameNumber(t, picture)
	}
	return numbers
}

// Each of these films is complete, whatever its container says about its length.
// Outputs are as long as the film and show what it shows, at the same times.
func TestTimelines(t *testing.T) {
	servicetest.SkipShort(t, "it encodes for long")
	tools := find(t, media.Limits{})
	subtitles := filepath.Join(t.TempDir(), "late.srt")
	if err := os.WriteFile(subtitles, []byte("1\n00:00:01,000 --> 00:00:02,000\nhello\n\n2\n00:00:38,000 --> 00:00:40,000\nbye\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		in     media.Input
		length time.Duration
		frames map[time.Duration]int // of outputs and snapshots: what is shown when
	}{
		"an edit list hides the beginning": {
			numbered(t, 150, true, "mp4", "-ss", "2.5", "-i", "FILM", "-c", "copy", "-avoid_negative_ts", "disabled"),
			3500 * time.Millisecond, map[time.Duration]int{0: 63, time.Second: 88, 3 * time.Second: 138},
		},
		"an edit list hides the beginning of fragments": {
			numbered(t, 150, true, "mp4", "-ss", "2.5", "-i", "FILM", "-c", "copy", "-avoid_negative_ts", "disabled", "-movflags", "+frag_keyframe+delay_moov"),
			3500 * time.Millisecond, map[time.Duration]int{0: 63, time.Second: 88, 3 * time.Second: 138},
		},
		"an edit list hides some fragments": {
			hidden(t, numbered(t, 200, true, "mp4", "-i", "FILM", "-c:v", "copy", "-c:a", "aac", "-ar", "48000", "-video_track_timescale", "48000",
				"-movflags", "+frag_keyframe+delay_moov"), 6*48_000),
			2 * time.Second, map[time.Duration]int{0: 150, time.Second: 175},
		},
		"subtitles outlast the picture": {
			numbered(t, 100, true, "mp4", "-i", "FILM", "-i", subtitles, "-map", "0", "-map", "1", "-c", "copy", "-c:s", "mov_text"),
			4 * time.Second, map[time.Duration]int{0: 0, 3 * time.Second: 75},
		},
		"the last frame is shown for long": {
			numbered(t, 75, false, "mp4", "-i", "FILM", "-c", "copy", "-bsf:v", "setts=duration='if(eq(N,74),20/TB,DURATION)'"),
			23 * time.Second, map[time.Duration]int{0: 0, 2 * time.Second: 50, 10 * time.Second: 74, 22 * time.Second: 74},
		},
		"timestamps begin at 100 s": {
			numbered(t, 100, true, "mkv", "-i", "FILM", "-c", "copy", "-output_ts_offset", "100"),
			4 * time.Second, map[time.Duration]int{time.Second: 25, 3 * time.Second: 75},
		},
		"the sound outlasts the picture": {
			numbered(t, 50, false, "mp4", "-i", "FILM", "-f", "lavfi", "-i", "sine=duration=12", "-c:v", "copy", "-c:a", "aac"),
			12 * time.Second, map[time.Duration]int{0: 0, time.Second: 25, 8 * time.Second: 49, 11 * time.Second: 49},
		},
		"the sound outlasts the picture, which begins with a fraction": {
			numbered(t, 100, false, "ts", "-itsoffset", "0.023", "-i", "FILM", "-f", "lavfi", "-i", "sine=duration=12", "-c:v", "copy", "-c:a", "aac"),
			12 * time.Second, map[time.Duration]int{0: 0, time.Second: 24, 8 * time.Second: 99, 11 * time.Second: 99},
		},
		"one frame and a song": {
			numbered(t, 1, false, "mkv", "-i", "FILM", "-f", "lavfi", "-i", "sine=duration=12", "-c:v", "copy", "-c:a", "aac"),
			12 * time.Second, map[time.Duration]int{0: 0, 8 * time.Second: 0},
		},
		"one frame, and nothing says when the film begins": {
			numbered(t, 1, false, "ts", "-i", "FILM", "-c:v", "mpeg2video"), 40 * time.Millisecond, map[time.Duration]int{0: 0},
		},
		"the picture outlasts the sound": {
			numbered(t, 150, false, "mp4", "-i", "FILM", "-f", "lavfi", "-i", "sine=duration=2", "-c:v", "copy", "-c:a", "aac"),
			6 * time.Second, map[time.Duration]int{0: 0, time.Second: 25, 5 * time.Second: 125},
		},
		"the sound begins before the picture": {
			numbered(t, 100, false, "mkv", "-itsoffset", "5", "-i", "FILM", "-f", "lavfi", "-i", "sine=duration=9", "-c:v", "copy", "-c:a", "aac"),
			9 * time.Second, map[time.Duration]int{6 * time.Second: 25, 8 * time.Second: 75},
		},
		"a gap of ten seconds": {
			numbered(t, 100, false, "mkv", "-i", "FILM", "-c", "copy", "-bsf:v", "setts=ts=TS+gte(N\\,50)*10000"),
			14 * time.Second, map[time.Duration]int{time.Second: 25, 6 * time.Second: 49, 11 * time.Second: 49, 13 * time.Second: 75},
		},
		"fewer and fewer frames": {
			numbered(t, 40, false, "mkv", "-i", "FILM", "-f", "lavfi", "-i", "sine=duration=16", "-c:v", "copy", "-c:a", "aac", "-bsf:v", "setts=ts=TS+max(0\\,N-24)*960"),
			16 * time.Second, map[time.Duration]int{0: 0, 5500 * time.Millisecond: 28, 12500 * time.Millisecond: 35},
		},
		"a frame a second": {
			numbered(t, 20, true, "mp4", "-i", "FILM", "-f", "lavfi", "-i", "sine=duration=20", "-map", "0:v", "-map", "1:a", "-c:v", "copy", "-c:a", "aac",
				"-bsf:v", "setts=ts=TS*25:duration=DURATION*25"),
			20 * time.Second, map[time.Duration]int{0: 0, 5500 * time.Millisecond: 5, 18 * time.Second: 18},
		},
		"less than half a second": {
			numbered(t, 10, true, "mp4", "-i", "FILM", "-c", "copy"),
			400 * time.Millisecond, map[time.Duration]int{0: 0, 200 * time.Millisecond: 5},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			info := probe(t, tools, c.in)
			if !near(info.Duration, c.length, 100*time.Millisecond) {
				t.Errorf("the film lasts %v, want %v", info.Duration, c.length)
			}
			var times []time.Duration
			held := map[int]int{}
			for at, frame := range c.frames {
				times = append(times, at)
				held[frame]++
			}
			snapshots, err := tools.Snapshots(t.Context(), c.in, info, times, media.Picture{}, t.TempDir(), nil)
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range snapshots {
				if got, want := mediatest.FrameNumber(t, s.Path), c.frames[s.Offset]; max(got-want, want-got) > 1 {
					t.Errorf("the snapshot at %v shows frame %d, want %d", s.Offset, got, want)
				}
			}
			for _, l := range []media.Ladder{
				{HLS: true, Segment: 2 * time.Second, Remux: true, Renditions: []media.Rendition{{Name: "a", Height: 180}}},
				{HLS: true, Segment: 2 * time.Second, Remux: true, Renditions: []media.Rendition{{Name: "a", Height: 180}, {Name: "b", Height: 90}}},
				{Remux: true, Renditions: []media.Rendition{{Name: "a", Height: 180}}},
				{Renditions: []media.Rendition{{Name: "a", Height: 180}}},
			} {
				dir, outputs := transcodeProbed(t, tools, c.in, info, l)
				last := outputs[len(outputs)-1]
				if !near(last.Info.Duration, c.length, 250*time.Millisecond) {
					t.Errorf("HLS %v, remux %v: the output lasts %v, want %v", l.HLS, l.Remux, last.Info.Duration, c.length)
				}
				path := filepath.Join(dir, last.Files[0])
				if l.HLS {
					for _, s := range slices.Concat(checkHLS(t, dir, outputs)...) {
						if s.length > 3 {
							t.Errorf("a segment of 2 s lasts %v s", s.length)
						}
					}
				}
				var shown []time.Duration
				for at, frame := range c.frames {
					if at < c.length-time.Second*3/2 && (l.HLS || held[frame] == 1) { // players go on showing what is held
						shown = append(shown, at)
					}
				}
				for i, got := range framesAt(t, path, shown...) {
					if want := c.frames[shown[i]]; max(got-want, want-got) > 1 {
						t.Errorf("HLS %v, remux %v: frame %d at %v, want %d", l.HLS, last.Remuxed, got, shown[i], want)
					}
				}
			}
		})
	}
}

// Where frames are repeated, none of the film is lost, whatever its time base.
func TestFillKeepsFrames(t *testing.T) {
	servicetest.SkipShort(t, "it encodes for long")
	t.Parallel()
	tools := find(t, media.Limits{})
	for _, rate := range []int{24, 30} {
		path := filepath.Join(t.TempDir(), "film.ts")
		mediatest.FFmpeg(t, "-i", mediatest.Film{Frames: 3 * rate, Rate: rate, Width: 160, Height: 90, KeyEvery: rate}.Make(t), "-f", "lavfi", "-i", "sine=duration=6", "-c:v", "copy", "-c:a", "aac", path)
		dir, outputs := transcode(t, tools, media.Input{Path: path, Type: "TS"}, media.Ladder{HLS: true, Segment: 2 * time.Second, Renditions: []media.Rendition{{Name: "a", Height: 90}}})
		checkHLS(t, dir, outputs)
		var frames []int
		var times []time.Duration
		for at := 0; at < 3*rate; at += rate/2 - 1 {
			frames, times = append(frames, at), append(times, time.Duration(at)*time.Second/time.Duration(rate)+30*time.Millisecond)
		}
		for i, got := range framesAt(t, filepath.Join(dir, outputs[1].Files[0]), times...) {
			if want := frames[i]; max(got-want, want-got) > 1 {
				t.Errorf("at %d frames a second: frame %d is shown in the place of %d", rate, got, want)
			}
		}
	}
}

// Recordings in MPEG-TS begin where somebody pressed a button, and have no index: a decoder starts between key frames.
// What it makes up until the first one is in no snapshot and no output.
func TestBetweenKeyFrames(t *testing.T) {
	servicetest.SkipShort(t, "it encodes for long")
	tools := find(t, media.Limits{})
	const frames, keyEvery = 150, 50
	for codec, options := range map[string][]string{
		"H.264":  {"-bf", "2"},
		"H.265":  {"-c:v", "libx265", "-x265-params", "log-level=none"},
		"MPEG-2": {"-c:v", "mpeg2video", "-q:v", "2"},
		"MPEG-4": {"-c:v", "mpeg4", "-q:v", "2"},
	} {
		complete := mediatest.Film{Frames: frames, Rate: 25, Width: 320, Height: 180, KeyEvery: keyEvery, Sound: true,
			Options: append(options, "-c:a", "aac", "-f", "mpegts")}.Make(t)
		stream := read(t, complete)
		cut := len(stream) / 10 / 188 * 188
		for name, path := range map[string]string{"complete": complete, "cut": write(t, stream[cut:])} {
			t.Run(codec+"/"+name, func(t *testing.T) {
				t.Parallel()
				in := media.Input{Path: path, Type: "TS"}
				info := probe(t, tools, in)
				missing := 0
				if name == "cut" {
					if missing = frames - int(info.Duration.Seconds()*25+0.5); missing < 2 || missing >= keyEvery {
						t.Fatalf("the recording lacks %d frames", missing)
					}
				}
				shownAt := func(at time.Duration) int { // the first key frame, where there is nothing before it
					if frame := missing + int(at.Seconds()*25); missing == 0 || frame >= keyEvery {
						return frame
					}
					return keyEvery
				}
				check := func(what string, at time.Duration, got int) {
					t.Helper()
					if want := shownAt(at); max(got-want, want-got) > 3 {
						t.Errorf("%s: frame %d at %v, want %d", what, got, at, want)
					}
				}
				for plan, timestamps := range map[string][]time.Duration{
					"dots": at(0, 0.4, 1.4, 2.8, 4.2), "each 240 ms": media.EveryTimestamps(info.Duration, 240*time.Millisecond),
				} {
					snapshots, err := tools.Snapshots(t.Context(), in, info, timestamps, media.Picture{}, t.TempDir(), nil)
					if err != nil {
						t.Fatal(err)
					}
					for _, s := range snapshots {
						check(plan, s.Offset, mediatest.FrameNumber(t, s.Path))
					}
				}
				if missing == 0 {
					return // outputs are decoded from the beginning
				}
				for _, hls := range []bool{true, false} {
					dir, outputs := transcodeProbed(t, tools, in, info, media.Ladder{HLS: hls, Segment: 2 * time.Second, Renditions: []media.Rendition{{Name: "a", Height: 180}}})
					if hls {
						checkHLS(t, dir, outputs)
					}
					last := outputs[len(outputs)-1]
					times := at(0, 2.8, 4.2)
					for i, got := range framesAt(t, filepath.Join(dir, last.Files[0]), times...) {
						check("output "+last.Files[0], times[i], got)
					}
				}
			})
		}
	}
}

// Sound that MPEG-TS announces and that begins behind megabytes of picture is neither lost nor moved.
func TestLateSound(t *testing.T) {
	servicetest.SkipShort(t, "it encodes for long")
	t.Parallel()
	tools := find(t, media.Limits{})
	in := numbered(t, 150, false, "ts", "-i", "FILM", "-itsoffset", "4", "-f", "lavfi", "-i", "sine=duration=2", "-map", "0:v", "-map", "1:a",
		"-c:v", "libx264", "-preset", "ultrafast", "-b:v", "12M", "-minrate", "12M", "-maxrate", "12M", "-bufsize", "1M", "-x264-params", "nal-hrd=cbr", "-c:a", "aac")
	dir, outputs := transcode(t, tools, in, media.Ladder{Renditions: []media.Rendition{{Name: "a", Height: 180}}})
	if outputs[0].Info.Audio == nil {
		t.Fatal("the sound is lost")
	}
	snapshots, err := tools.Snapshots(t.Context(), in, probe(t, tools, in), at(1, 5), media.Picture{}, t.TempDir(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range snapshots {
		if got, want := mediatest.FrameNumber(t, s.Path), int(s.Offset.Seconds()*25); max(got-want, want-got) > 1 {
			t.Errorf("the snapshot at %v is frame %d, want %d", s.Offset, got, want)
		}
	}
	if begins := silenceEnds(t, filepath.Join(dir, outputs[0].Files[0])); len(begins) != 1 || !near(begins[0], 4*time.Second, 100*time.Millisecond) {
		t.Errorf("the sound begins at %v, want 4s", begins)
	}
}

// silenceEnds are the times at which sound is heard after at least half a second of silence.
func silenceEnds(t *testing.T, path string) (times []time.Duration) {
	t.Helper()
	said, err := exec.CommandContext(t.Context(), "ffmpeg", "-i", path, "-af", "aresample=async=1:min_hard_comp=0.01:first_pts=0,silencedetect=duration=0.5:noise=-20dB", "-vn", "-f", "null", "-").CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	for _, found := range regexp.MustCompile(`silence_end: ([0-9.]+)`).FindAllSubmatch(said, -1) {
		at, err := time.ParseDuration(string(found[1]) + "s")
		if err != nil {
			t.Fatal(err)
		}
		times = append(times, at)
	}
	return times
}

// Fragmented MP4 of encoders that write no edit lists has a gap of some frames behind the first packet of its sound.
func TestSoundStaysWithPicture(t *testing.T) {
	t.Parallel()
	tools := find(t, media.Limits{})
	path := filepath.Join(t.TempDir(), "film.mp4")
	mediatest.FFmpeg(t, "-i", mediatest.Film{Frames: 100, Rate: 25, Width: 160, Height: 90}.Make(t), "-f", "lavfi", "-i", "aevalsrc=0.5*sin(2800*t)*gte(t\\,1)*lt(mod(t\\,1)\\,0.1):s=48000:d=4",
		"-c:v", "libx264", "-preset", "ultrafast", "-bf", "2", "-c:a", "aac", "-movflags", "+frag_keyframe+empty_moov", path)
	want := silenceEnds(t, path)
	if len(want) < 3 {
		t.Fatalf("the film has beeps at %v", want)
	}
	for _, remux := range []bool{false, true} {
		dir, outputs := transcode(t, tools, media.Input{Path: path, Type: "MP4"}, media.Ladder{Remux: remux, Renditions: []media.Rendition{{Name: "a", Height: 90}}})
		got := silenceEnds(t, filepath.Join(dir, outputs[0].Files[0]))
		if !slices.EqualFunc(got, want, func(a, b time.Duration) bool { return near(a, b, 30*time.Millisecond) }) {
			t.Errorf("remux %v: beeps at %v, want %v", outputs[0].Remuxed, got, want)
		}
	}
}
