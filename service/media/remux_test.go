package media_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vod-reproduction/vod/internal/servicetest"
	"github.com/vod-reproduction/vod/service/media"
	"github.com/vod-reproduction/vod/service/media/mediatest"
)

func TestRemux(t *testing.T) {
	servicetest.SkipShort(t, "it encodes for long")
	tools := find(t, media.Limits{})
	whole := film(t)
	loud := film(t, "-c:a", "aac", "-b:a", "320k", "-ac", "2") // about 207 kbit/s come out
	copiedOf := func(film media.Input, format, name string, options ...string) media.Input {
		t.Helper()
		path := filepath.Join(t.TempDir(), name)
		mediatest.FFmpeg(t, slices.Concat([]string{"-i", film.Path, "-c", "copy"}, options, []string{"-f", format, path})...)
		return media.Input{Path: path, Type: strings.ToUpper(name)}
	}
	copied := func(format, name string, options ...string) media.Input {
		return copiedOf(whole, format, name, options...)
	}
	turned := copied("mp4", "mp4")
	turn(t, turned.Path, clockwise)
	hls := func(segment time.Duration, rate int64) media.Ladder {
		return media.Ladder{HLS: true, Segment: segment, Remux: true, Renditions: []media.Rendition{{Name: "r", Height: 180, VideoBitRate: rate}}}
	}
	mp4 := func(height int) media.Ladder {
		return media.Ladder{Remux: true, Renditions: []media.Rendition{{Name: "r", Height: height}}}
	}
	sound := func(rate int64) media.Ladder {
		return media.Ladder{Remux: true, Renditions: []media.Rendition{{Name: "r", Height: 180, AudioBitRate: rate}}}
	}
	for name, c := range map[string]struct {
		in     media.Input
		ladder media.Ladder
		remux  bool
	}{
		"sound below its rate":                       {loud, sound(320_000), true},
		"sound above its rate":                       {loud, sound(128_000), false},
		"sound of an unknown rate, too high":         {copiedOf(loud, "matroska", "mkv"), sound(128_000), false},
		"sound of an unknown rate, below in all":     {copiedOf(loud, "matroska", "mkv"), sound(5_000_000), true},
		"MP4 to MP4":                                 {whole, mp4(180), true},
		"MP4 to HLS":                                 {whole, hls(2*time.Second, 0), true},
		"MP4 to HLS below the rate":                  {whole, hls(2*time.Second, 50_000_000), true},
		"MP4 to HLS above the rate":                  {whole, hls(2*time.Second, 1000), false},
		"TS to HLS":                                  {copied("mpegts", "ts"), hls(2*time.Second, 0), true},
		"TS to MP4":                                  {copied("mpegts", "ts"), mp4(180), true},
		"TS of an unknown rate, too high":            {copied("mpegts", "ts"), hls(2*time.Second, 1000), false},
		"FLV to HLS":                                 {copied("flv", "flv"), hls(2*time.Second, 0), true},
		"key frames too far apart":                   {whole, hls(time.Second, 0), false},
		"frames before a key frame that need others": {film(t, "-preset", "fast", "-bf", "3", "-x264-params", "open-gop=1"), hls(2*time.Second, 0), false},
		"frames before a key frame in MP4":           {film(t, "-preset", "fast", "-bf", "3", "-x264-params", "open-gop=1"), mp4(180), true},
		"key frames that are none":                   {film(t, "-preset", "fast", "-bf", "0", "-x264-params", "intra-refresh=1"), hls(2*time.Second, 0), false},
		"key frames beside the cuts":                 {whole, hls(3*time.Second, 0), true}, // 4, 2, 2
		"too high":                                   {whole, mp4(90), false},
		"rotated":                                    {turned, mp4(320), false},
		"sound of 96 kHz":                            {film(t, "-c:a", "aac", "-ar", "96000"), hls(2*time.Second, 0), false},
		"pixels that are a mistake":                  {copied("matroska", "mkv", "-aspect", "1:50"), mp4(180), false},
		"other codec":                                {film(t, "-c:v", "mpeg4", "-q:v", "3"), mp4(180), false},
		"other sound":                                {film(t, "-c:a", "libmp3lame"), mp4(180), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir, outputs := transcode(t, tools, c.in, c.ladder)
			o := outputs[len(outputs)-1]
			if o.Remuxed != c.remux {
				t.Errorf("remuxed: %v", o.Remuxed)
			}
			path := filepath.Join(dir, o.Files[0])
			if same := pictures(t, path) == pictures(t, c.in.Path); same != c.remux {
				t.Errorf("the pictures are the same: %v", same)
			}
			if o.Info.Audio.SampleRate > 48_000 {
				t.Errorf("sound of %d Hz", o.Info.Audio.SampleRate)
			}
			if !near(o.Info.Duration, 8*time.Second, 150*time.Millisecond) {
				t.Errorf("duration %v", o.Info.Duration)
			}
			if name == "rotated" && (o.Info.Video.Width != 180 || o.Info.Video.Height != 320) {
				t.Errorf("%+v", o.Info.Video)
			}
			for _, name := range o.Files[1:] {
				if length := segmentLength(t, dir, o, name); length > c.ladder.Segment*3/2+50*time.Millisecond {
					t.Errorf("%s lasts %v", name, length)
				}
			}
		})
	}
}

func TestTranscodeEncodesWhatCannotBeCopied(t *testing.T) {
	servicetest.SkipShort(t, "it encodes for long")
	t.Parallel()
	tools := scripted(t, `case "$*" in *"-c:v copy"*) echo "Can't write packet with unknown timestamp" >&2; exit 1 ;; esac`)
	for _, hls := range []bool{false, true} {
		_, outputs := transcode(t, tools, film(t), media.Ladder{HLS: hls, Segment: 2 * time.Second, Remux: true, Renditions: []media.Rendition{{Name: "r", Height: 180}}})
		if o := outputs[len(outputs)-1]; o.Remuxed || !near(o.Info.Duration, 8*time.Second, 100*time.Millisecond) {
			t.Errorf("HLS %v: %+v", hls, o)
		}
	}
}

// What is left of a frame of sound, inside which a recording was cut, is no part of outputs, and nothing else is missing.
func TestRemuxCutInsideSound(t *testing.T) {
	t.Parallel()
	tools := find(t, media.Limits{})
	path := filepath.Join(t.TempDir(), "film.ts")
	mediatest.FFmpeg(t, "-i", film(t).Path, "-c", "copy", path)
	complete := read(t, path)
	sound := 0 // the packet in which the last sound of the first six seconds begins
	for at := 0; at < len(complete)*3/4; at += 188 {
		if complete[at+1]&0x5f == 0x41 && complete[at+2] == 1 {
			sound = at
		}
	}
	for name, c := range map[string]struct{ size, lost int }{"inside": {sound + 188, 1}, "before": {sound, 0}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := media.Input{Path: write(t, complete[:c.size]), Type: "TS"}
			frames, pictures := count(t, in.Path, "a"), count(t, in.Path, "v")
			for _, hls := range []bool{false, true} {
				dir, outputs := transcode(t, tools, in, media.Ladder{HLS: hls, Segment: 2 * time.Second, Remux: true, Renditions: []media.Rendition{{Name: "r", Height: 180}}})
				last := outputs[len(outputs)-1]
				made := filepath.Join(dir, last.Files[0])
				if got, shown := count(t, made, "a"), count(t, made, "v"); !last.Remuxed || got != frames-c.lost || shown != pictures {
					t.Errorf("HLS %v: %d frames of sound and %d pictures, want %d and %d; remuxed %v", hls, got, shown, frames-c.lost, pictures, last.Remuxed)
				}
				mediatest.FFmpeg(t, "-xerror", "-i", made, "-vn", "-f", "null", "-")
			}
		})
	}
}
