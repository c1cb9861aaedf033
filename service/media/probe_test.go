package media_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vod-reproduction/vod/internal/servicetest"
	"github.com/vod-reproduction/vod/service/asset"
	"github.com/vod-reproduction/vod/service/media"
	"github.com/vod-reproduction/vod/service/media/mediatest"
)

func TestProbeEveryType(t *testing.T) {
	tools := find(t, media.Limits{})
	for name, want := range map[string]struct{ video, audio string }{
		"MP4": {"H.264", "AAC"}, "MOV": {"H.264", "AAC"}, "M4V": {"H.264", "AAC"}, "F4V": {"H.264", "AAC"}, "3GP": {"H.263", "AAC"},
		"TS": {"H.264", "AAC"}, "HLS": {"H.264", "AAC"}, "MXF": {"MPEG-2", "PCM"}, "MPG": {"MPEG-1", "MP2"}, "MPEG": {"MPEG-2", "MP2"},
		"FLV": {"FLV1", "MP3"}, "AVI": {"MPEG-4", "MP3"}, "RMVB": {"RV20", "AC-3"}, "WMV": {"WMV", "WMA"}, "ASF": {"MS-MPEG-4", "WMA"},
		"MKV": {"H.264", "AAC"}, "WEBM": {"VP8", "Opus"},
		"MP3": {"", "MP3"}, "MP2": {"", "MP2"}, "OGG": {"", "Vorbis"}, "WAV": {"", "PCM"}, "WMA": {"", "WMA"}, "APE": {"", "APE"},
		"FLAC": {"", "FLAC"}, "AAC": {"", "AAC"}, "AC3": {"", "AC-3"}, "MMF": {"", "ADPCM"}, "AMR": {"", "AMR"}, "M4A": {"", "AAC"},
		"M4R": {"", "AAC"}, "WV": {"", "WavPack"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			info, err := tools.Probe(t.Context(), media.Input{Path: mediatest.Sample(t, name), Type: name})
			if err != nil {
				t.Fatal(err)
			}
			length := time.Second
			if name == "APE" {
				length /= 4
			}
			if d := info.Duration - length; d.Abs() > 150*time.Millisecond {
				t.Errorf("duration %v, want %v", info.Duration, length)
			}
			if info.Container != name || info.Size <= 0 || info.BitRate <= 0 {
				t.Errorf("%+v", info)
			}
			if kind, _ := asset.FindMediaType(name); kind.Audio != (want.video == "") {
				t.Errorf("%s is an audio type: %v", name, kind.Audio)
			}
			if info.Audio == nil || info.Audio.Codec != want.audio || info.Audio.Channels != 1 || info.Audio.SampleRate < 8000 {
				t.Errorf("audio %+v, want %s", info.Audio, want.audio)
			}
			switch v := info.Video; {
			case want.video == "":
				if v != nil {
					t.Errorf("video %+v in an audio type", v)
				}
			case v == nil:
				t.Error("no video")
			case v.Codec != want.video || v.Width != mediatest.Width || v.Height != mediatest.Height || v.FrameRate != 25:
				t.Errorf("video %+v, want %s", v, want.video)
			}
		})
	}
}

func TestProbeChoosesStreams(t *testing.T) {
	tools := find(t, media.Limits{})
	film := mediatest.Film{Frames: 25, Rate: 25, Width: 320, Height: 180, Sound: true}.Make(t)
	for _, test := range []struct {
		name                    string
		options                 []string
		video, audio            int
		width, height, rotation int
	}{
		{"picture first", []string{"-i", film, "-c", "copy"}, 0, 1, 320, 180, 0},
		{"sound first", []string{"-i", film, "-map", "0:a", "-map", "0:v", "-c", "copy"}, 1, 0, 320, 180, 0},
		{"two of each", []string{"-i", film, "-map", "0:a", "-map", "0:a", "-map", "0:v", "-map", "0:v", "-c", "copy"}, 2, 0, 320, 180, 0},
		{"on its side", []string{"-i", film, "-c", "copy"}, 0, 1, 180, 320, 90},
		{"anamorphic", []string{"-i", film, "-c:v", "libx264", "-vf", "setsar=2", "-c:a", "copy"}, 0, 1, 640, 180, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "media")
			mediatest.FFmpeg(t, slices.Concat(test.options, []string{"-f", "mp4", path})...)
			if test.rotation != 0 {
				turn(t, path, clockwise)
			}
			info, err := tools.Probe(t.Context(), media.Input{Path: path, Type: "MP4"})
			if err != nil {
				t.Fatal(err)
			}
			v := info.Video
			if v.Index != test.video || info.Audio.Index != test.audio {
				t.Errorf("took streams %d and %d, want %d and %d", v.Index, info.Audio.Index, test.video, test.audio)
			}
			if v.Width != test.width || v.Height != test.height || v.Rotation != test.rotation {
				t.Errorf("%d x %d turned by %d, want %d x %d by %d", v.Width, v.Height, v.Rotation, test.width, test.height, test.rotation)
			}
		})
	}
}

func TestCoverIsNoMovingPicture(t *testing.T) {
	dir := t.TempDir()
	cover, path := filepath.Join(dir, "cover.png"), filepath.Join(dir, "song")
	mediatest.FFmpeg(t, "-f", "lavfi", "-i", "testsrc=size=64x64", "-frames:v", "1", cover)
	mediatest.FFmpeg(t, "-i", cover, "-i", mediatest.Sample(t, "M4A"), "-map", "0", "-map", "1", "-c", "copy", "-disposition:v:0", "attached_pic", "-f", "mp4", path)
	tools := find(t, media.Limits{})
	if info, err := tools.Probe(t.Context(), media.Input{Path: path, Type: "M4A"}); err != nil || info.Video != nil || info.Audio == nil {
		t.Errorf("%+v, %v", info, err)
	}
	_, err := tools.Probe(t.Context(), media.Input{Path: path, Type: "MP4"})
	refused(t, err, media.Mismatch)
}

func TestFindTellsWhatIsWrong(t *testing.T) {
	servicetest.NeedFFmpeg(t)
	old := write(t, []byte("#!/bin/sh\necho ffmpeg version 4.4.2-0ubuntu0.22.04.1 Copyright\n"))
	if err := os.Chmod(old, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		config media.Config
		want   string
	}{
		{media.Config{FFmpeg: "/no/such/ffmpeg"}, "install the package ffmpeg"},
		{media.Config{FFprobe: "/no/such/ffprobe"}, "install the package ffmpeg"},
		{media.Config{FFmpeg: "/bin/echo"}, "is not ffmpeg"},
		{media.Config{FFprobe: "/bin/echo"}, "is not ffprobe"},
		{media.Config{FFmpeg: "/bin/false"}, "does not run"},
		{media.Config{FFmpeg: old}, "is version 4.4.2-0ubuntu0.22.04.1, and at least 5.1 is needed"},
		{media.Config{Limits: media.Limits{Memory: 1 << 20}}, "does not run"},
	} {
		if _, err := media.Find(t.Context(), test.config); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%+v: %v, want %q", test.config, err, test.want)
		}
	}
}
