package media_test

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/vod-reproduction/vod/service/media"
	"github.com/vod-reproduction/vod/service/media/mediatest"
)

// Of several pictures and sounds, those are taken that players take.
func TestChoosesStreams(t *testing.T) {
	tools := find(t, media.Limits{})
	inputs := []string{ // 0 small, 1 large, 2 middle; 3 mono, 4 stereo, 5 mono
		"-f", "lavfi", "-i", "testsrc=size=64x36:rate=25:duration=0.4", "-f", "lavfi", "-i", "testsrc=size=320x180:rate=25:duration=0.4",
		"-f", "lavfi", "-i", "testsrc=size=160x90:rate=25:duration=0.4", "-f", "lavfi", "-i", "sine=duration=0.4",
		"-f", "lavfi", "-i", "aevalsrc=0|0:duration=0.4", "-f", "lavfi", "-i", "sine=duration=0.4",
	}
	for name, c := range map[string]struct {
		kind         string
		options      []string
		video, audio int
	}{
		"the largest without a default":  {"MKV", []string{"-map", "0", "-map", "3", "-map", "1", "-map", "4", "-map", "2", "-default_mode", "passthrough", "-disposition:v:0", "0"}, 2, 3},
		"the default, though it is less": {"MKV", []string{"-map", "1", "-map", "4", "-map", "2", "-map", "3", "-default_mode", "passthrough", "-disposition:v:1", "default", "-disposition:a:1", "default"}, 2, 3},
		"the largest of two defaults":    {"MKV", []string{"-map", "0", "-map", "1", "-map", "2", "-map", "3", "-disposition:v:1", "default", "-disposition:v:2", "default", "-disposition:v:0", "0"}, 1, 3},
		"a preview track first":          {"MP4", []string{"-map", "0", "-map", "1", "-map", "3", "-disposition:v:0", "0", "-disposition:v:1", "default"}, 1, 2},
		"three tracks, default last":     {"MOV", []string{"-map", "1", "-map", "0", "-map", "2", "-map", "4", "-map", "3", "-disposition:v:0", "0", "-disposition:v:2", "default", "-disposition:a:0", "0", "-disposition:a:1", "default"}, 2, 4},
		"a larger cover":                 {"MP4", []string{"-map", "1", "-map", "0", "-map", "3", "-c:v:0", "mjpeg", "-disposition:v:0", "attached_pic", "-disposition:v:1", "0"}, -1, 1},
		"a cover that is not marked":     {"MKV", []string{"-map", "1", "-map", "0", "-map", "3", "-c:v:0", "png", "-filter:v:0", "trim=end_frame=1"}, 1, 2},
		"two, in MP4":                    {"MP4", []string{"-map", "1", "-map", "2", "-map", "0", "-map", "3", "-c:v:0", "png", "-filter:v:0", "trim=end_frame=1", "-c:v:1", "mjpeg", "-filter:v:1", "trim=end_frame=1"}, 2, 3},
		"a commentary with more":         {"MKV", []string{"-map", "1", "-map", "4", "-map", "3", "-default_mode", "passthrough", "-disposition:a:0", "comment"}, 0, 2},
		"no default in TS":               {"TS", []string{"-map", "0", "-map", "3", "-map", "1", "-map", "4"}, 2, 3},
		"the sound of the same program":  {"TS", []string{"-map", "0", "-map", "1", "-map", "4", "-map", "3", "-program", "st=0:st=2", "-program", "st=1:st=3"}, 2, 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "film."+map[string]string{"MKV": "mkv", "MP4": "mp4", "MOV": "mov", "TS": "ts"}[c.kind])
			mediatest.FFmpeg(t, append(slices.Concat(inputs, []string{"-c:v", "mpeg4", "-c:a", "aac"}, c.options), path)...)
			info := probe(t, tools, media.Input{Path: path, Type: c.kind})
			if c.video < 0 { // the cover may come last in the file
				if info.Video.Width != 64 {
					t.Errorf("took the cover: %+v", info.Video)
				}
				return
			}
			if info.Video.Index != c.video || info.Audio.Index != c.audio {
				t.Errorf("took streams %d and %d, want %d and %d", info.Video.Index, info.Audio.Index, c.video, c.audio)
			}
		})
	}
}
