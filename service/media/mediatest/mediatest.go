// Package mediatest makes small media files for tests: a sample of each video
// type, and films whose pictures tell their number. It needs ffmpeg.
package mediatest

import (
	"embed"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/vod-reproduction/vod/internal/servicetest"
)

// The formats that Debian's ffmpeg reads and does not write: a tone of one
// second (AMR, by an older ffmpeg with libopencore-amrnb) and of a quarter
// (APE, by JMAC 1.74).
//
//go:embed testdata/sample.amr testdata/sample.ape
var fixtures embed.FS

// The size of every sample with a picture, in pixels.
const Width, Height = 176, 144

var (
	h264   = []string{"-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"}
	h264mp = slices.Concat(h264, []string{"-c:a", "aac"})
)

// recipes are the options that make a sample; nil stands for a fixture.
var recipes = map[string][]string{
	"MP4":  slices.Concat(h264mp, []string{"-f", "mp4"}),
	"MOV":  slices.Concat(h264mp, []string{"-f", "mov"}),
	"M4V":  slices.Concat(h264mp, []string{"-f", "ipod"}),
	"F4V":  slices.Concat(h264mp, []string{"-f", "f4v"}),
	"3GP":  {"-c:v", "h263", "-c:a", "aac", "-f", "3gp"},
	"TS":   slices.Concat(h264mp, []string{"-f", "mpegts"}),
	"HLS":  slices.Concat(h264mp, []string{"-f", "mpegts"}),
	"MXF":  {"-c:v", "mpeg2video", "-pix_fmt", "yuv422p", "-c:a", "pcm_s16le", "-ar", "48000", "-f", "mxf"},
	"MPG":  {"-c:v", "mpeg1video", "-c:a", "mp2", "-f", "mpeg"},
	"MPEG": {"-c:v", "mpeg2video", "-c:a", "mp2", "-f", "vob"},
	"FLV":  {"-c:v", "flv1", "-c:a", "libmp3lame", "-ar", "44100", "-f", "flv"},
	"AVI":  {"-c:v", "mpeg4", "-c:a", "libmp3lame", "-f", "avi"},
	"RMVB": {"-c:v", "rv20", "-c:a", "ac3", "-f", "rm"},
	"WMV":  {"-c:v", "wmv2", "-c:a", "wmav2", "-f", "asf"},
	"ASF":  {"-c:v", "msmpeg4v3", "-c:a", "wmav2", "-f", "asf"},
	"MKV":  slices.Concat(h264mp, []string{"-f", "matroska"}),
	"WEBM": {"-c:v", "libvpx", "-deadline", "realtime", "-c:a", "libopus", "-f", "webm"},

	"MP3":  {"-vn", "-c:a", "libmp3lame", "-f", "mp3"},
	"MP2":  {"-vn", "-c:a", "mp2", "-f", "mp2"},
	"OGG":  {"-vn", "-c:a", "libvorbis", "-f", "ogg"},
	"WAV":  {"-vn", "-f", "wav"},
	"WMA":  {"-vn", "-c:a", "wmav2", "-f", "asf"},
	"APE":  nil,
	"FLAC": {"-vn", "-f", "flac"},
	"AAC":  {"-vn", "-c:a", "aac", "-f", "adts"},
	"AC3":  {"-vn", "-c:a", "ac3", "-f", "ac3"},
	"MMF":  {"-vn", "-c:a", "adpcm_yamaha", "-ar", "22050", "-f", "mmf"},
	"AMR":  nil,
	"M4A":  {"-vn", "-c:a", "aac", "-f", "ipod"},
	"M4R":  {"-vn", "-c:a", "aac", "-f", "ipod"},
	"WV":   {"-vn", "-c:a", "wavpack", "-f", "wv"},
}

// Types are all video types, sorted.
func Types() []string {
	types := make([]string, 0, len(recipes))
	for name := range recipes {
		types = append(types, name)
	}
	slices.Sort(types)
	return types
}

// Sample is a new file of the video type: a second (APE: a quarter) of a tone,
// and of a test picture where the type is one of video.
func Sample(t testing.TB, videoType string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "sample")
	options, ok := recipes[videoType]
	if !ok {
		t.Fatalf("no recipe for %q", videoType)
	}
	if options == nil {
		fixture, err := fixtures.ReadFile(map[string]string{"AMR": "testdata/sample.amr", "APE": "testdata/sample.ape"}[videoType])
		if err == nil {
			err = os.WriteFile(path, fixture, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
		return path
	}
	args := []string{"-f", "lavfi", "-i", "testsrc=size=176x144:rate=25:duration=1", "-f", "lavfi", "-i", "sine=frequency=440:duration=1"}
	makeOnce(t, slices.Concat(args, options), path)
	return path
}

// made are the files that ffmpeg made from nothing, by its options: to start it takes longer than to copy a file.
var made sync.Map

// makeOnce writes what ffmpeg makes with the options, which name no input file.
func makeOnce(t testing.TB, options []string, path string) {
	t.Helper()
	key := strings.Join(options, "\x00")
	if file, ok := made.Load(key); ok {
		if err := os.WriteFile(path, file.([]byte), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	FFmpeg(t, append(options, path)...)
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	made.Store(key, file)
}

// FFmpeg runs ffmpeg as a test's own tool, without the sandbox.
func FFmpeg(t testing.TB, args ...string) {
	t.Helper()
	servicetest.NeedFFmpeg(t)
	cmd := exec.CommandContext(t.Context(), "ffmpeg", slices.Concat([]string{"-nostdin", "-v", "error", "-y", "-bitexact"}, args)...)
	if said, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v: %s", cmd.Args, err, said)
	}
}

// NoSandbox runs ffmpeg on a hostile file without any protection. Whether it fails is no matter.
func NoSandbox(t testing.TB, args ...string) {
	t.Helper()
	_ = exec.CommandContext(t.Context(), "ffmpeg", slices.Concat([]string{"-nostdin", "-v", "quiet"}, args)...).Run()
}
