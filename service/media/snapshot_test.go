package media_test

import (
	"bytes"
	"errors"
	"fmt"
	"image/jpeg"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vod-reproduction/vod/internal/servicetest"
	"github.com/vod-reproduction/vod/service/media"
	"github.com/vod-reproduction/vod/service/media/mediatest"
)

// at are timestamps in seconds.
func at(seconds ...float64) []time.Duration {
	timestamps := make([]time.Duration, len(seconds))
	for i, s := range seconds {
		timestamps[i] = time.Duration(s * float64(time.Second))
	}
	return timestamps
}

// probe describes a file that is known to be good.
func probe(t testing.TB, tools *media.Tools, in media.Input) media.Info {
	t.Helper()
	info, err := tools.Probe(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	return info
}

// shoot takes snapshots of a good file.
func shoot(t testing.TB, tools *media.Tools, in media.Input, info media.Info, timestamps []time.Duration, p media.Picture) []media.Frame {
	t.Helper()
	snapshots, err := tools.Snapshots(t.Context(), in, info, timestamps, p, t.TempDir(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(snapshots) != len(timestamps) {
		t.Fatalf("%d snapshots of %d timestamps", len(snapshots), len(timestamps))
	}
	return snapshots
}

// frames are the numbers of the frames that snapshots show.
func frames(t testing.TB, tools *media.Tools, in media.Input, info media.Info, timestamps []time.Duration) []int {
	t.Helper()
	var numbers []int
	for i, s := range shoot(t, tools, in, info, timestamps, media.Picture{}) {
		if s.Offset != timestamps[i] || filepath.Base(s.Path) != fmt.Sprintf("%05d.jpg", i+1) {
			t.Errorf("snapshot %d is %+v, not of %v", i, s, timestamps[i])
		}
		numbers = append(numbers, mediatest.FrameNumber(t, s.Path))
	}
	return numbers
}

// shown are the numbers of the frames that a film of 25 frames a second shows.
func shown(timestamps []time.Duration, all int) []int {
	numbers := make([]int, len(timestamps))
	for i, m := range timestamps {
		numbers[i] = min(all-1, max(0, int(m/(40*time.Millisecond))))
	}
	return numbers
}

const filmLength, filmFrames = 12 * time.Second, 12 * 25

// plans are timestamps for each way to reach frames, and what is hard about timestamps.
var plans = map[string][]time.Duration{
	"each second":            media.EveryTimestamps(filmLength, time.Second),
	"each 40 ms":             media.EveryTimestamps(filmLength, 40*time.Millisecond),
	"each 300 ms":            media.EveryTimestamps(filmLength, 300*time.Millisecond),
	"evenly":                 media.EvenTimestamps(filmLength, 10, 0),
	"evenly, not exactly":    media.EvenTimestamps(filmLength, 7, 0),
	"dots in any order":      at(7.5, 3, 3, 11.97, 0, 0.039, 4.001, -1, 4000),
	"many, not from 0":       at(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 11.5),
	"many, not at distances": at(0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 11.5),
	"many, all the same":     make([]time.Duration, 12),
	"behind the end":         at(11.96, 12, 13, 4000, math.MaxInt32),
	"each second and longer": media.EveryTimestamps(2*filmLength, time.Second),
	"none":                   nil,
}

func TestSnapshotsShowTheRightFrame(t *testing.T) {
	servicetest.SkipShort(t, "it encodes for long")
	tools := find(t, media.Limits{})
	for name, keyEvery := range map[string]int{"key frames at the timestamps": 25, "key frames beside the timestamps": 40, "one key frame": 1000} {
		film := mediatest.Film{Frames: filmFrames, Rate: 25, Width: 160, Height: 90, KeyEvery: keyEvery, Options: []string{"-bf", "3"}}
		in := media.Input{Path: film.Make(t), Type: "MP4"}
		info := probe(t, tools, in)
		for plan, timestamps := range plans {
			if keyEvery != 40 && !slices.Contains([]string{"each second", "dots in any order", "each second and longer"}, plan) {
				continue // what else differs between plans is not the key frames
			}
			t.Run(name+"/"+plan, func(t *testing.T) {
				t.Parallel()
				if got, want := frames(t, tools, in, info, timestamps), shown(timestamps, filmFrames); !slices.Equal(got, want) {
					t.Errorf("frames %v\n  want %v", got, want)
				}
			})
		}
	}
}

func TestSnapshotsOfEveryKindOfIndex(t *testing.T) {
	servicetest.SkipShort(t, "each kind of film is encoded")
	tools := find(t, media.Limits{})
	for videoType, options := range map[string][]string{
		"MOV": {"-g", "1"},
		"MKV": {"-bf", "2", "-f", "matroska"},
		"TS":  {"-bf", "2", "-f", "mpegts"},
		"FLV": {"-f", "flv"},
		"AVI": {"-c:v", "mpeg4", "-q:v", "2", "-f", "avi"},
		"MPG": {"-c:v", "mpeg1video", "-q:v", "2", "-f", "mpeg"},

		"AVI/palette": {"-c:v", "rawvideo", "-pix_fmt", "pal8", "-f", "avi"},
		"MKV/Theora":  {"-c:v", "libtheora", "-q:v", "9", "-f", "matroska"}, // its decoder fails at the frames that it skips
	} {
		t.Run(videoType, func(t *testing.T) {
			t.Parallel()
			film := mediatest.Film{Frames: filmFrames, Rate: 25, Width: 160, Height: 90, KeyEvery: 50, Options: options}
			in := media.Input{Path: film.Make(t)}
			in.Type, _, _ = strings.Cut(videoType, "/")
			info := probe(t, tools, in)
			for _, plan := range []string{"each second", "dots in any order"} {
				got, want := frames(t, tools, in, info, plans[plan]), shown(plans[plan], filmFrames)
				for i := range got {
					// Most frames of a program stream have no time of their own.
					if off := got[i] - want[i]; off != 0 && (videoType != "MPG" || off*off > 1) {
						t.Errorf("%s: frames %v\n  want %v", plan, got, want)
						break
					}
				}
			}
		})
	}
}

func TestSnapshotsOfUnevenStreams(t *testing.T) {
	servicetest.SkipShort(t, "it encodes for long")
	tools := find(t, media.Limits{})
	film := mediatest.Film{Frames: 100, Rate: 25, Width: 160, Height: 90, KeyEvery: 50}.Make(t) // 4 s
	timestamps := at(0, 1.5, 3, 3.5, 5, 20, 29)
	every := media.EveryTimestamps(30*time.Second, time.Second)
	for videoType, format := range map[string]string{"MP4": "mp4", "TS": "mpegts"} {
		uneven := func(t *testing.T, delay string) media.Input {
			path := filepath.Join(t.TempDir(), "uneven")
			mediatest.FFmpeg(t, "-itsoffset", delay, "-i", film, "-f", "lavfi", "-i", "sine=duration=30", "-c:v", "copy", "-c:a", "aac", "-f", format, path)
			return media.Input{Path: path, Type: videoType}
		}
		for name, delay := range map[string]time.Duration{"sound lasts longer": 0, "picture starts later": 3 * time.Second} {
			t.Run(videoType+"/"+name, func(t *testing.T) {
				t.Parallel()
				in := uneven(t, delay.String()[:1])
				info := probe(t, tools, in)
				for _, m := range [][]time.Duration{timestamps, every} {
					var since []time.Duration
					for _, at := range m {
						since = append(since, at-delay)
					}
					got, want := frames(t, tools, in, info, m), shown(since, 100)
					for i := range got {
						// The sound's first packets may lie before 0, and then all times count from there.
						if off := got[i] - want[i]; off < -1 || off > 0 {
							t.Errorf("frames %v\n  want %v", got, want)
							break
						}
					}
				}
			})
		}
	}
	t.Run("a frame each ten seconds", func(t *testing.T) {
		t.Parallel()
		path := filepath.Join(t.TempDir(), "film.ts")
		mediatest.FFmpeg(t, "-r", "1/10", "-i", film, "-frames:v", "6", "-c:v", "libx264", path)
		in := media.Input{Path: path, Type: "TS"}
		if got, want := frames(t, tools, in, probe(t, tools, in), at(0, 15, 25, 55)), []int{0, 1, 2, 5}; !slices.Equal(got, want) {
			t.Errorf("frames %v\n  want %v", got, want)
		}
	})
}

func TestSnapshotSizes(t *testing.T) {
	tools := find(t, media.Limits{})
	for name, c := range map[string]struct {
		width, height int
		sar           string
		picture       media.Picture
		wantW, wantH  int
	}{
		"default":            {640, 480, "1", media.Picture{}, 480, 360},
		"upright":            {480, 640, "1", media.Picture{MaxLength: 320}, 240, 320},
		"not enlarged":       {320, 180, "1", media.Picture{MaxLength: 1280}, 320, 180},
		"rounded to even":    {854, 480, "1", media.Picture{}, 480, 270},
		"wide pixels":        {360, 288, "16/9", media.Picture{MaxLength: 320}, 320, 144},
		"16:9":               {640, 480, "1", media.Picture{Wide: true, MaxLength: 320}, 320, 180},
		"16:9 of an upright": {180, 320, "1", media.Picture{Wide: true, MaxLength: 320}, 320, 180},
		"very wide":          {2000, 2, "1", media.Picture{}, 480, 2},
		"very high":          {2, 2000, "1", media.Picture{}, 2, 480},
		"very high, 16:9":    {2, 2000, "1", media.Picture{Wide: true}, 480, 270},
		"hostile pixels":     {320, 180, "1000000", media.Picture{}, 320, 180},
		"hostile high pixel": {320, 180, "1/1000000", media.Picture{}, 320, 180},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "film")
			mediatest.FFmpeg(t, "-f", "lavfi", "-i", fmt.Sprintf("testsrc=size=%dx%d:rate=25:duration=0.2", c.width, c.height),
				"-vf", "setsar="+c.sar+":max=2000000", "-c:v", "ffv1", "-f", "matroska", path)
			in := media.Input{Path: path, Type: "MKV"}
			snapshots := shoot(t, tools, in, probe(t, tools, in), at(0, 0.1), c.picture)
			if w, h := size(t, snapshots[1].Path); w != c.wantW || h != c.wantH {
				t.Errorf("%d x %d, want %d x %d", w, h, c.wantW, c.wantH)
			}
		})
	}
}

// size is that of a JPEG.
func size(t testing.TB, path string) (width, height int) {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	config, err := jpeg.DecodeConfig(file)
	if err != nil {
		t.Fatal(err)
	}
	return config.Width, config.Height
}

func TestWideSnapshotsAreNotDistorted(t *testing.T) {
	tools := find(t, media.Limits{})
	path := filepath.Join(t.TempDir(), "square")
	mediatest.FFmpeg(t, "-f", "lavfi", "-i", "color=white:size=200x200:rate=25:duration=0.2", "-c:v", "ffv1", "-f", "matroska", path)
	in := media.Input{Path: path, Type: "MKV"}
	snapshots := shoot(t, tools, in, probe(t, tools, in), at(0), media.Picture{Wide: true})
	file, err := os.Open(snapshots[0].Path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	picture, err := jpeg.Decode(file)
	if err != nil {
		t.Fatal(err)
	}
	white := func(x, y int) bool { r, _, _, _ := picture.At(x, y).RGBA(); return r > 0x8000 }
	width := 0
	for x := range picture.Bounds().Dx() {
		if white(x, picture.Bounds().Dy()/2) {
			width++
		}
	}
	height := 0
	for y := range picture.Bounds().Dy() {
		if white(picture.Bounds().Dx()/2, y) {
			height++
		}
	}
	if picture.Bounds().Dx() != 200 || height != picture.Bounds().Dy() || (width-height)*(width-height) > 4 {
		t.Errorf("the square is %d x %d of %v", width, height, picture.Bounds())
	}
}

func TestSnapshotsProgress(t *testing.T) {
	servicetest.SkipShort(t, "it encodes for long")
	tools := find(t, media.Limits{})
	in := media.Input{Path: mediatest.Film{Frames: filmFrames, Rate: 25, Width: 160, Height: 90, KeyEvery: 40}.Make(t), Type: "MP4"}
	info := probe(t, tools, in)
	for _, plan := range []string{"each second", "each 40 ms", "dots in any order", "none"} {
		timestamps, last := plans[plan], 0
		_, err := tools.Snapshots(t.Context(), in, info, timestamps, media.Picture{}, t.TempDir(), func(done, total int) {
			if last = done; done < 0 || done > total || total != len(timestamps) {
				t.Errorf("%s: %d of %d", plan, done, total)
			}
		})
		if err != nil || last != len(timestamps) {
			t.Errorf("%s: ended at %d of %d: %v", plan, last, len(timestamps), err)
		}
	}
}

func TestSnapshotsRefuse(t *testing.T) {
	tools := find(t, media.Limits{})
	sound := media.Input{Path: mediatest.Sample(t, "MP3"), Type: "MP3"}
	_, err := tools.Snapshots(t.Context(), sound, probe(t, tools, sound), at(0), media.Picture{}, t.TempDir(), nil)
	if !errors.Is(err, media.ErrNoPicture) {
		t.Errorf("of sound: %v", err)
	}

	film := media.Input{Path: mediatest.Film{Frames: 50, Rate: 25, Width: 160, Height: 90}.Make(t), Type: "MP4"}
	info := probe(t, tools, film)
	text, err := os.ReadFile(film.Path)
	if err != nil {
		t.Fatal(err)
	}
	// The index stays, the frames go.
	from, to := bytes.Index(text, []byte("mdat"))+4, bytes.Index(text, []byte("moov"))-4
	if from < 4 || to < from {
		t.Fatal("the film is not as expected")
	}
	clear(text[from:to])
	if err := os.WriteFile(film.Path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = tools.Snapshots(t.Context(), film, info, at(0, 1), media.Picture{}, t.TempDir(), nil)
	refused(t, err, media.Broken)
}
