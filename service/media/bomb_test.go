package media_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/vod-reproduction/vod/internal/servicetest"
	"github.com/vod-reproduction/vod/service/media"
	"github.com/vod-reproduction/vod/service/media/mediatest"
)

// The sides of pictures that nobody can want, in pixels: ffmpeg by itself decodes large ones, and no huge ones.
const large, huge = 10_000, 32_000

// mjpeg is a video of one second whose pictures are JPEGs.
func mjpeg(t *testing.T) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "mjpeg.avi")
	mediatest.FFmpeg(t, "-f", "lavfi", "-i", "testsrc=size=176x144:rate=25:duration=1", "-c:v", "mjpeg", path)
	return read(t, path)
}

// blowUp makes all JPEGs in a file, and their container, say that they are huge.
func blowUp(file []byte) []byte {
	sizes := func(width, height uint32) []byte {
		return binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(nil, width), height)
	}
	file = bytes.ReplaceAll(file, sizes(176, 144), sizes(huge, huge))
	for at := range len(file) - 9 {
		if bytes.Equal(file[at:at+5], []byte{0xff, 0xc0, 0, 17, 8}) { // the start of a frame, of 8 bits a sample
			binary.BigEndian.PutUint16(file[at+5:], huge)
			binary.BigEndian.PutUint16(file[at+7:], huge)
		}
	}
	return file
}

// blank is a video of one large white picture, which takes little room in the file and much in memory.
func blank(t *testing.T) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "blank.mkv")
	mediatest.FFmpeg(t, "-f", "lavfi", "-i", fmt.Sprintf("color=white:size=%[1]dx%[1]d,format=gray", large), "-frames:v", "1",
		"-c:v", "png", "-compression_level", "1", "-pred", "none", path)
	return read(t, path)
}

// element is one of Matroska's: its ID, then its length in 8 bytes.
func element(id string, body ...[]byte) []byte {
	inner := slices.Concat(body...)
	return slices.Concat([]byte(id), binary.BigEndian.AppendUint64(nil, 1<<56|uint64(len(inner))), inner)
}

// tracks is a Matroska file of many videos, with a block of a single byte.
func tracks(n int) []byte {
	var entries [][]byte
	for i := range n {
		number := binary.BigEndian.AppendUint32(nil, uint32(i+1))
		entries = append(entries, element("\xae", element("\xd7", number), element("\x73\xc5", number), element("\x83", []byte{1}),
			element("\x86", []byte("V_VP8")), element("\xe0", element("\xb0", []byte{64}), element("\xba", []byte{64}))))
	}
	return slices.Concat(element("\x1a\x45\xdf\xa3", element("\x42\x82", []byte("matroska"))),
		element("\x18\x53\x80\x67", element("\x15\x49\xa9\x66"), element("\x16\x54\xae\x6b", entries...),
			element("\x1f\x43\xb6\x75", element("\xe7", []byte{0}), element("\xa3", []byte("\x81\x00\x00\x80\x00")))))
}

func TestBombs(t *testing.T) {
	servicetest.SkipShort(t, "large pictures take long")
	tools := find(t, media.Limits{})
	ages := filepath.Join(t.TempDir(), "ages.mkv")
	mediatest.FFmpeg(t, "-f", "lavfi", "-i", "testsrc=size=64x64:rate=1/180000", "-frames:v", "3", "-c:v", "mjpeg", ages)
	for _, test := range []struct {
		name, videoType string
		content         []byte
	}{
		{"a picture of 32,000 x 32,000", "AVI", blowUp(mjpeg(t))},
		{"a picture of 10,000 x 10,000", "MKV", blank(t)},
		{"150 hours", "MKV", read(t, ages)},
		{"10,000 streams", "MKV", tracks(10_000)},
		{"65 streams", "MKV", tracks(65)},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := tools.Probe(t.Context(), media.Input{Path: write(t, test.content), Type: test.videoType})
			refused(t, err, media.TooBig)
		})
	}
}

// TestBombInside has a file say that it is small, and be large.
func TestBombInside(t *testing.T) {
	tools := find(t, media.Limits{})
	size := func(side uint16) []byte { // Matroska's elements of width and height
		return binary.BigEndian.AppendUint16(append(binary.BigEndian.AppendUint16([]byte("\xb0\x82"), side), "\xba\x82"...), side)
	}
	liar := bytes.ReplaceAll(blank(t), size(large), size(256))
	if !bytes.Contains(liar, size(256)) {
		t.Fatal("no size to change")
	}
	in := media.Input{Path: write(t, liar), Type: "MKV"}
	info, err := tools.Probe(t.Context(), in)
	if err == nil {
		_, err = tools.Snapshots(t.Context(), in, info, []time.Duration{0}, media.Picture{MaxLength: 64}, t.TempDir(), func(int, int) {})
	}
	refused(t, err, media.TooBig, media.Broken)
}

func TestNothingToSee(t *testing.T) {
	servicetest.SkipShort(t, "it tries each of 31 types")
	tools := find(t, media.Limits{})
	noise := make([]byte, 256<<10)
	_, _ = rand.NewChaCha8([32]byte{}).Read(noise)
	for name, content := range map[string][]byte{"nothing": nil, "noise": noise} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := write(t, content)
			for _, videoType := range mediatest.Types() {
				_, err := tools.Probe(t.Context(), media.Input{Path: path, Type: videoType})
				refused(t, err, media.Mismatch, media.Broken)
			}
		})
	}
}

// TestTruncated cuts files short. What is left may be media, but the host is never at fault.
func TestTruncated(t *testing.T) {
	servicetest.SkipShort(t, "it cuts each type in many places")
	tools := find(t, media.Limits{})
	for _, videoType := range mediatest.Types() {
		t.Run(videoType, func(t *testing.T) {
			t.Parallel()
			whole := read(t, mediatest.Sample(t, videoType))
			_, err := tools.Probe(t.Context(), media.Input{Path: write(t, whole[:len(whole)/2]), Type: videoType})
			if _, ok := errors.AsType[*media.Refusal](err); err != nil && !ok {
				t.Error(err)
			}
		})
	}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func write(t *testing.T, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "input")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
