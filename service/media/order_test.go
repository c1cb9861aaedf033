package media_test

import (
	"bytes"
	"encoding/binary"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/vod-reproduction/vod/internal/servicetest"
	"github.com/vod-reproduction/vod/service/media"
	"github.com/vod-reproduction/vod/service/media/mediatest"
)

// Frames that are stored in another order than they are shown in are shown when they should be, whatever timestamps say.
func TestReorderedFrames(t *testing.T) {
	servicetest.SkipShort(t, "a film is made for each container")
	t.Parallel()
	tools := find(t, media.Limits{})
	for name, c := range map[string]struct {
		videoType string
		options   []string
		off       int // how many frames may be missed by
	}{
		"H.264 in AVI":              {"AVI", []string{"-bf", "2", "-f", "avi"}, 0},
		"MPEG-4 in AVI":             {"AVI", []string{"-c:v", "mpeg4", "-bf", "2", "-f", "avi"}, 0},
		"H.264 in AVI, not ordered": {"AVI", []string{"-bf", "0", "-c:a", "pcm_s16le", "-f", "avi"}, 0},
		"timestamps of decoding":    {"MP4", []string{"-bf", "2", "-bsf:v", "setts=pts=DTS:dts=DTS"}, 3},
		"VP9 from before 0": {"WEBM", []string{"-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-c:a", "libopus",
			"-output_ts_offset", "-1.5", "-avoid_negative_ts", "disabled", "-f", "webm"}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := media.Input{Path: mediatest.Film{Frames: 100, Rate: 25, Width: 160, Height: 90, KeyEvery: 100, Sound: true, Options: c.options}.Make(t), Type: c.videoType}
			info := probe(t, tools, in)
			times := at(0, 1, 2, 3.8)
			check := func(what string, at time.Duration, got int) {
				t.Helper()
				if want := int(at.Seconds() * 25); max(got-want, want-got) > c.off {
					t.Errorf("%s: frame %d at %v, want %d", what, got, at, want)
				}
			}
			for _, timestamps := range [][]time.Duration{times, media.EveryTimestamps(info.Duration, 240*time.Millisecond)} {
				snapshots, err := tools.Snapshots(t.Context(), in, info, timestamps, media.Picture{}, t.TempDir(), nil)
				if err != nil {
					t.Fatal(err)
				}
				for _, s := range snapshots {
					check("snapshot", s.Offset, mediatest.FrameNumber(t, s.Path))
				}
			}
			dir, outputs := transcodeProbed(t, tools, in, info, media.Ladder{Renditions: []media.Rendition{{Name: "r", Height: 90}}})
			path := filepath.Join(dir, outputs[0].Files[0])
			if n := count(t, path, "v"); n < 100-c.off {
				t.Errorf("the output has %d frames of 100", n)
			}
			for i, got := range framesAt(t, path, times...) {
				check("output", times[i], got)
			}
		})
	}
}

// MPEG-PS need not say of each picture when it is shown. Where it says so of key frames alone, ffmpeg's guesses go back.
func TestGuessedTimestamps(t *testing.T) {
	t.Parallel()
	tools := find(t, media.Limits{})
	film := read(t, mediatest.Film{Frames: 100, Rate: 25, Width: 160, Height: 90, KeyEvery: 25, Sound: true,
		Options: []string{"-c:v", "mpeg2video", "-bf", "2", "-c:a", "mp2", "-f", "vob"}}.Make(t))
	for at := 0; at+9 < len(film); {
		pes := film[at:]
		if !bytes.HasPrefix(pes, []byte{0, 0, 1, 0xe0}) {
			at++
			continue
		}
		length, header := 6+int(binary.BigEndian.Uint16(pes[4:])), 9+int(pes[8])
		if sequence := []byte{0, 0, 1, 0xb3}; !bytes.Contains(pes[header:length], sequence) {
			pes[7] &= 0x3f // no timestamps
			copy(pes[9:header], bytes.Repeat([]byte{0xff}, header-9))
		}
		at += length
	}
	in := media.Input{Path: write(t, film), Type: "MPG"}
	info := probe(t, tools, in)
	snapshots, err := tools.Snapshots(t.Context(), in, info, at(0, 1, 2, 3.9), media.Picture{}, t.TempDir(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range snapshots {
		if got, want := mediatest.FrameNumber(t, s.Path), int(s.Offset.Seconds()*25); max(got-want, want-got) > 3 {
			t.Errorf("frame %d at %v, want %d", got, s.Offset, want)
		}
	}
}

// MKV has no timestamps below 0: what lies there would be shown with what follows.
func TestBeforeTimeZero(t *testing.T) {
	t.Parallel()
	tools := find(t, media.Limits{})
	in := media.Input{Path: mediatest.Film{Frames: 100, Rate: 25, Width: 160, Height: 90, KeyEvery: 25,
		Options: []string{"-output_ts_offset", "-3", "-avoid_negative_ts", "disabled", "-f", "matroska"}}.Make(t), Type: "MKV"}
	_, err := tools.Probe(t.Context(), in)
	if refused(t, err, media.Broken); err != nil && !strings.Contains(err.Error(), "begin before the time 0") {
		t.Error(err)
	}
}
