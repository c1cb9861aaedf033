package media_test

import (
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/vod-reproduction/vod/internal/servicetest"
	"github.com/vod-reproduction/vod/service/media"
	"github.com/vod-reproduction/vod/service/media/mediatest"
)

// Recordings that were put one behind the other are refused where something of them would be lost or shown at the wrong
// time, and taken alone.
func TestJoinedIsRefused(t *testing.T) {
	servicetest.SkipShort(t, "each kind of recording is encoded")
	t.Parallel()
	tools := find(t, media.Limits{})
	for videoType, options := range map[string][]string{
		"MP4":  {"-c:v", "libx264", "-c:a", "aac", "-movflags", "+faststart", "-f", "mp4"},
		"MOV":  {"-c:v", "libx264", "-c:a", "aac", "-movflags", "+frag_keyframe+empty_moov", "-f", "mov"},
		"FLV":  {"-c:v", "libx264", "-c:a", "aac", "-f", "flv"},
		"AVI":  {"-c:v", "mpeg4", "-c:a", "libmp3lame", "-f", "avi"},
		"WAV":  {"-vn", "-f", "wav"},
		"FLAC": {"-vn", "-f", "flac"},
		"WMV":  {"-c:v", "wmv2", "-c:a", "wmav2", "-f", "asf"},
		"MKV":  {"-c:v", "libx264", "-c:a", "aac", "-f", "matroska"},
		"WEBM": {"-c:v", "libvpx", "-deadline", "realtime", "-c:a", "libopus", "-f", "webm"},
		"MPG":  {"-c:v", "mpeg2video", "-c:a", "mp2", "-f", "vob"},
	} {
		t.Run(videoType, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "film")
			mediatest.FFmpeg(t, append(slices.Concat([]string{"-f", "lavfi", "-i", "testsrc=size=176x144:rate=25:duration=3", "-f", "lavfi", "-i", "sine=duration=3"}, options), path)...)
			one := read(t, path)
			probe(t, tools, media.Input{Path: path, Type: videoType})
			in := media.Input{Path: write(t, slices.Concat(one, one)), Type: videoType}
			info, err := tools.Probe(t.Context(), in)
			if videoType == "MPG" { // can be decoded, but not be sought in
				_, outputs := transcode(t, tools, in, media.Ladder{Renditions: []media.Rendition{{Name: "r", Height: 144}}})
				if length := outputs[0].Info.Duration; !near(length, 6*time.Second, 250*time.Millisecond) {
					t.Errorf("the output lasts %v", length)
				}
				_, err = tools.Snapshots(t.Context(), in, info, at(1, 2, 4, 5), media.Picture{}, t.TempDir(), nil)
			}
			refused(t, err, media.Broken)
		})
	}
}

// What lies in streams that are not taken is not lost without a word.
func TestElsewhereIsRefused(t *testing.T) {
	servicetest.SkipShort(t, "ten minutes are encoded")
	t.Parallel()
	tools := find(t, media.Limits{})
	piece := func(seconds, rate string, options ...string) []byte {
		t.Helper()
		path := filepath.Join(t.TempDir(), "piece.ts")
		mediatest.FFmpeg(t, slices.Concat([]string{"-f", "lavfi", "-i", "testsrc=size=64x48:rate=" + rate + ":duration=" + seconds, "-f", "lavfi", "-i", "sine=duration=" + seconds,
			"-c:v", "mpeg2video", "-c:a", "mp2"}, options, []string{path})...)
		return read(t, path)
	}
	one, other := piece("2", "25"), piece("2", "25", "-mpegts_start_pid", "0x200", "-output_ts_offset", "2")
	for name, film := range map[string][]byte{
		"the picture goes on in another stream": slices.Concat(one, other),
		"the sound begins after eleven minutes": slices.Concat(piece("660", "1", "-map", "0:v", "-c:v", "libx264"), piece("30", "1", "-c:v", "libx264", "-output_ts_offset", "660")),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := tools.Probe(t.Context(), media.Input{Path: write(t, film), Type: "TS"})
			refused(t, err, media.Broken)
		})
	}
	probe(t, tools, media.Input{Path: write(t, one), Type: "TS"})
}

// A lone timestamp that went astray makes no second recording of a film.
func TestLoneTimestampAstray(t *testing.T) {
	t.Parallel()
	tools := find(t, media.Limits{})
	path := filepath.Join(t.TempDir(), "film")
	mediatest.FFmpeg(t, "-f", "lavfi", "-i", "testsrc=size=176x144:rate=25:duration=3", "-c:v", "flv1", "-g", "25", "-f", "flv", path)
	film := read(t, path)
	pictures := 0
	for at := 13; at+11 < len(film); { // tags: type, size, milliseconds
		tag := film[at:]
		if tag[0] == 9 {
			pictures++
		}
		if pictures == 30 {
			milliseconds := int(tag[4])<<16 + int(tag[5])<<8 + int(tag[6]) + 5000
			tag[4], tag[5], tag[6] = byte(milliseconds>>16), byte(milliseconds>>8), byte(milliseconds)
			break
		}
		at += 11 + int(tag[1])<<16 + int(tag[2])<<8 + int(tag[3]) + 4
	}
	if pictures != 30 {
		t.Fatalf("the film has %d pictures", pictures)
	}
	probe(t, tools, media.Input{Path: write(t, film), Type: "FLV"})
}
