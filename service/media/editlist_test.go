package media_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vod-reproduction/vod/internal/servicetest"
	"github.com/vod-reproduction/vod/service/media"
	"github.com/vod-reproduction/vod/service/media/mediatest"
)

// What edit lists are made of: the media time of an empty edit, the usual rate, and a second in the units of durations.
const empty, normal, second = 1<<32 - 1, 1 << 16, 1000

// Of the edit lists of fragmented MP4, those are refused that hide what ffmpeg would show, and no others.
func TestEditsOfFragments(t *testing.T) {
	servicetest.SkipShort(t, "the outputs are encoded")
	t.Parallel()
	tools := find(t, media.Limits{})
	path := filepath.Join(t.TempDir(), "film.mp4")
	mediatest.FFmpeg(t, "-i", mediatest.Film{Frames: 100, Rate: 25, Width: 160, Height: 90, KeyEvery: 25, Options: []string{"-bf", "2"}}.Make(t),
		"-c", "copy", "-movflags", "+frag_keyframe+delay_moov+default_base_moof", path)
	film := read(t, path)
	start := startOf(t, film)
	for name, c := range map[string]struct {
		edits   [][3]uint32 // durations in milliseconds, media times, and rates
		length  time.Duration
		remuxed bool
	}{
		"the delay alone":            {[][3]uint32{{0, start, normal}}, 4 * time.Second, true},
		"as long as the film":        {[][3]uint32{{4 * second, start, normal}}, 4 * time.Second, true},
		"a second later":             {[][3]uint32{{second, empty, normal}, {0, start, normal}}, 4 * time.Second, true},
		"a second later, as long":    {[][3]uint32{{second, empty, normal}, {4 * second, start, normal}}, 4 * time.Second, true},
		"a second hidden":            {[][3]uint32{{0, start + 12800, normal}}, 3 * time.Second, false},
		"the end hidden":             {[][3]uint32{{2 * second, start, normal}}, 0, false},
		"the end hidden, later":      {[][3]uint32{{second, empty, normal}, {2 * second, start, normal}}, 0, false},
		"the middle hidden":          {[][3]uint32{{second, start, normal}, {2 * second, start + 2*12800, normal}}, 0, false},
		"three edits":                {[][3]uint32{{second, empty, normal}, {second, start, normal}, {0, start + 2*12800, normal}}, 0, false},
		"an empty edit behind":       {[][3]uint32{{2 * second, start, normal}, {second, empty, normal}}, 0, false},
		"at half the speed":          {[][3]uint32{{0, start, normal / 2}}, 0, false},
		"one frame held all the way": {[][3]uint32{{4 * second, start, 0}}, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := edited(t, film, c.edits)
			if c.length == 0 {
				_, err := tools.Probe(t.Context(), in)
				refused(t, err, media.Broken)
				return
			}
			for _, hls := range []bool{false, true} {
				dir, outputs := transcode(t, tools, in, media.Ladder{HLS: hls, Segment: time.Second, Remux: true, Renditions: []media.Rendition{{Name: "r", Height: 90}}})
				last := outputs[len(outputs)-1]
				if last.Remuxed != c.remuxed || !near(last.Info.Duration, c.length, 50*time.Millisecond) {
					t.Errorf("HLS %v: the output lasts %v, remuxed %v", hls, last.Info.Duration, last.Remuxed)
				}
				if got, want := framesAt(t, filepath.Join(dir, last.Files[0]), 0)[0], 100-int(c.length.Seconds()*25); got != want {
					t.Errorf("HLS %v: the output begins with frame %d, want %d", hls, got, want)
				}
			}
		})
	}
}

// Of other MP4 ffmpeg shows what an edit list does, and something else at an empty edit between two others.
func TestEdits(t *testing.T) {
	t.Parallel()
	tools := find(t, media.Limits{})
	film := read(t, mediatest.Film{Frames: 100, Rate: 25, Width: 160, Height: 90, KeyEvery: 25, Options: []string{"-bf", "2"}}.Make(t))
	start := startOf(t, film)
	in := edited(t, film, [][3]uint32{{second, start, normal}, {second, start + 3*12800, normal}})
	dir, outputs := transcode(t, tools, in, media.Ladder{Remux: true, Renditions: []media.Rendition{{Name: "r", Height: 90}}})
	path := filepath.Join(dir, outputs[0].Files[0])
	shown := framesAt(t, path, 0, 1900*time.Millisecond)
	if n, first, last := count(t, path, "v"), shown[0], shown[1]; n != 50 || first != 0 || max(last-97, 97-last) > 1 {
		t.Errorf("the output has %d frames, from %d to %d", n, first, last)
	}
	_, err := tools.Probe(t.Context(), edited(t, film, [][3]uint32{{second, start + 12800, normal}, {second, empty, normal}, {second, start + 3*12800, normal}}))
	refused(t, err, media.Broken)
	for rate, taken := range map[uint32]bool{normal: true, 2 * normal: false, normal / 2: false, 0: true} {
		_, err := tools.Probe(t.Context(), edited(t, film, [][3]uint32{{2 * second, start, rate}}))
		if taken && err != nil {
			t.Errorf("rate %d: %v", rate, err)
		} else if !taken {
			refused(t, err, media.Broken)
		}
	}
	_, err = tools.Probe(t.Context(), edited(t, film, [][3]uint32{{second, start, normal}, {second, start + 12800, 0}}))
	refused(t, err, media.Broken)
	_, err = tools.Probe(t.Context(), edited(t, film, [][3]uint32{{0, start, normal}}))
	if refused(t, err, media.Broken); !strings.Contains(fmt.Sprint(err), "the duration 0") {
		t.Error(err)
	}
}

// The only edit of a film, or of its sound, lasts to the end where its duration is 0.
func TestSetEditDurations(t *testing.T) {
	t.Parallel()
	tools := find(t, media.Limits{})
	film := read(t, mediatest.Film{Frames: 100, Rate: 25, Width: 160, Height: 90, KeyEvery: 25, Options: []string{"-bf", "2"}}.Make(t))
	start := startOf(t, film)
	for name, c := range map[string]struct {
		edits  [][3]uint32
		hidden int // frames at the beginning
		late   time.Duration
	}{
		"all":                   {[][3]uint32{{0, start, normal}}, 0, 0},
		"without the beginning": {[][3]uint32{{0, start + 12800, normal}}, 25, 0},
		"a second later":        {[][3]uint32{{second, empty, normal}, {0, start, normal}}, 0, time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := edited(t, film, c.edits)
			if err := media.SetEditDurations(in.Path); err != nil {
				t.Fatal(err)
			}
			dir, outputs := transcode(t, tools, in, media.Ladder{Remux: true, Renditions: []media.Rendition{{Name: "r", Height: 90}}})
			path := filepath.Join(dir, outputs[0].Files[0])
			if shown := framesAt(t, path, 0)[0]; shown != c.hidden || count(t, path, "v") != 100-c.hidden {
				t.Errorf("the output has %d frames, from %d", count(t, path, "v"), shown)
			}
		})
	}
	for name, edits := range map[string][][3]uint32{
		"a duration": {{second, start, normal}},
		"two edits":  {{second, start, normal}, {0, start + 12800, normal}},
		"held":       {{0, start, 0}},
		"an unknown": {},
	} {
		in := edited(t, film, edits)
		before := read(t, in.Path)
		if err := media.SetEditDurations(in.Path); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if !bytes.Equal(read(t, in.Path), before) {
			t.Errorf("%s: the file was changed", name)
		}
	}
}

// startOf is where the only edit of a film begins: behind the delay of frames that are reordered.
func startOf(t *testing.T, film []byte) uint32 {
	t.Helper()
	list := bytes.Index(film, []byte("elst"))
	if list < 12 || string(film[list-8:list-4]) != "edts" {
		t.Fatal("the film has no edit list")
	}
	return binary.BigEndian.Uint32(film[list+16:])
}

// edited gives a film of one track other edits.
func edited(t *testing.T, film []byte, edits [][3]uint32) media.Input {
	t.Helper()
	var entries []byte
	for _, e := range edits {
		for _, n := range e {
			entries = binary.BigEndian.AppendUint32(entries, n)
		}
	}
	return media.Input{Path: write(t, replaceBox(film, bytes.Index(film, []byte("elst"))-12, slices.Concat(
		binary.BigEndian.AppendUint32(nil, uint32(24+len(entries))), []byte("edts"),
		binary.BigEndian.AppendUint32(nil, uint32(16+len(entries))), []byte("elst\x00\x00\x00\x00"),
		binary.BigEndian.AppendUint32(nil, uint32(len(edits))), entries))), Type: "MP4"}
}

// replaceBox puts another box into the place of one in the first track of a movie.
func replaceBox(film []byte, at int, box []byte) []byte {
	size := int(binary.BigEndian.Uint32(film[at:]))
	film = slices.Concat(film[:at], box, film[at+size:])
	for _, parent := range []string{"moov", "trak"} {
		header := film[bytes.Index(film, []byte(parent))-4:]
		binary.BigEndian.PutUint32(header, binary.BigEndian.Uint32(header)+uint32(len(box)-size))
	}
	return film
}

// Snapshots in a row show nothing that an edit list hides, and the first ones no later key frame; nor does the output.
func TestFramesBehindHidden(t *testing.T) {
	servicetest.SkipShort(t, "a film is made for each codec")
	t.Parallel()
	tools := find(t, media.Limits{})
	const frames, hides = 125, 15
	for _, codec := range [][]string{{"-c:v", "libx264"}, {"-c:v", "libx265", "-x265-params", "log-level=none"}} {
		complete := mediatest.Film{Frames: frames, Rate: 25, Width: 160, Height: 90, KeyEvery: 50, Options: append(codec, "-bf", "0")}.Make(t)
		for name, flags := range map[string]string{"plain": "+faststart", "fragments": "+frag_keyframe+delay_moov"} {
			t.Run(codec[1]+"/"+name, func(t *testing.T) {
				t.Parallel()
				in := media.Input{Path: filepath.Join(t.TempDir(), "film.mp4"), Type: "MP4"}
				mediatest.FFmpeg(t, "-ss", "0.6", "-i", complete, "-c", "copy", "-avoid_negative_ts", "disabled", "-movflags", flags, in.Path)
				info := probe(t, tools, in)
				snapshots, err := tools.Snapshots(t.Context(), in, info, media.EveryTimestamps(info.Duration, 240*time.Millisecond), media.Picture{}, t.TempDir(), nil)
				if err != nil {
					t.Fatal(err)
				}
				if want := (frames - hides + 5) / 6; len(snapshots) != want {
					t.Errorf("%d snapshots, want %d", len(snapshots), want)
				}
				for i, s := range snapshots {
					if got, want := mediatest.FrameNumber(t, s.Path), hides+6*i; got != want {
						t.Errorf("the snapshot at %v shows frame %d, want %d", s.Offset, got, want)
					}
				}
				dir, outputs := transcode(t, tools, in, media.Ladder{Remux: true, Renditions: []media.Rendition{{Name: "r", Height: 90}}})
				path := filepath.Join(dir, outputs[0].Files[0])
				if first, n := framesAt(t, path, 0)[0], count(t, path, "v"); first != hides || n != frames-hides {
					t.Errorf("the output has %d frames from %d on, want %d from %d on", n, first, frames-hides, hides)
				}
			})
		}
	}
}
