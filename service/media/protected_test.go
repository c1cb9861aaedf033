package media_test

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vod-reproduction/vod/service/media"
	"github.com/vod-reproduction/vod/service/media/mediatest"
)

// Encrypted media is refused in words that say so: what comes of decoding it is noise.
func TestEncryptedIsRefused(t *testing.T) {
	tools := find(t, media.Limits{})
	const key = "76a6c65c5ea762046bd749a2e632ccbb"
	cenc := []string{"-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac", "-encryption_scheme", "cenc-aes-ctr", "-encryption_key", key, "-encryption_kid", "a7e61c373e219033c21091fa607bf3b8"}
	replace := func(from, to string) func([]byte) []byte {
		return func(b []byte) []byte { return bytes.ReplaceAll(b, []byte(from), []byte(to)) }
	}
	for name, c := range map[string]struct {
		kind   string
		recipe []string
		change func([]byte) []byte
	}{
		"MP4":              {"MP4", append(slices.Clone(cenc), "-f", "mp4"), nil},
		"MP4, index first": {"M4V", append(slices.Clone(cenc), "-movflags", "+faststart", "-f", "mp4"), nil},
		"MP4 of cbcs":      {"MP4", append(slices.Clone(cenc), "-f", "mp4"), replace("cenc", "cbcs")},
		"sound alone":      {"M4A", append(append([]string{"-vn"}, cenc...), "-f", "mp4"), nil},
		"Apple's":          {"M4A", []string{"-vn", "-c:a", "aac", "-f", "ipod"}, replace("mp4a", "drms")},
		"TS":               {"TS", []string{"-c:v", "libx264", "-c:a", "aac", "-f", "mpegts"}, scramble},
		"ASF":              {"WMV", []string{"-c:v", "wmv2", "-c:a", "wmav2", "-f", "asf"}, protectASF},
		"Matroska":         {"MKV", []string{"-c:v", "libx264", "-c:a", "aac", "-f", "matroska"}, encryptMatroska},
		"MXF":              {"MXF", []string{"-c:v", "mpeg2video", "-c:a", "pcm_s16le", "-ar", "48000", "-f", "mxf"}, encryptMXF},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "film")
			args := []string{"-f", "lavfi", "-i", "testsrc=size=176x144:rate=25:duration=1", "-f", "lavfi", "-i", "sine=duration=1"}
			mediatest.FFmpeg(t, append(slices.Concat(args, c.recipe), path)...)
			if c.change != nil {
				before, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				after := c.change(slices.Clone(before))
				if bytes.Equal(before, after) {
					t.Fatal("nothing was changed")
				}
				if err := os.WriteFile(path, after, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			_, err := tools.Probe(t.Context(), media.Input{Path: path, Type: c.kind})
			refused(t, err, media.Broken)
			if err == nil || !strings.Contains(err.Error(), "encrypted") {
				t.Errorf("refused without the word: %v", err)
			}
		})
	}
}

// scramble sets the transport scrambling control of all packets with media.
func scramble(ts []byte) []byte {
	for at := 0; at+188 <= len(ts); at += 188 {
		if pid := binary.BigEndian.Uint16(ts[at+1:]) & 0x1fff; pid == 0x100 || pid == 0x101 {
			ts[at+3] |= 0x80
		}
	}
	return ts
}

// protectASF turns an object of the header into a content encryption object.
func protectASF(asf []byte) []byte {
	codecs := []byte{0x40, 0x52, 0xd1, 0x86, 0x1d, 0x31, 0xd0, 0x11, 0xa3, 0xa4, 0x00, 0xa0, 0xc9, 0x03, 0x48, 0xf6}
	protection := []byte{0xfb, 0xb3, 0x11, 0x22, 0x23, 0xbd, 0xd2, 0x11, 0xb4, 0xb7, 0x00, 0xa0, 0xc9, 0x55, 0xfc, 0x6e}
	return bytes.Replace(asf, codecs, protection, 1)
}

// encryptMXF names another container for the essence.
func encryptMXF(mxf []byte) []byte {
	generic := []byte{0x06, 0x0e, 0x2b, 0x34, 0x04, 0x01, 0x01, 0x03, 0x0d, 0x01, 0x03, 0x01, 0x02, 0x7f, 0x01, 0x00}
	hidden := []byte{0x06, 0x0e, 0x2b, 0x34, 0x04, 0x01, 0x01, 0x07, 0x0d, 0x01, 0x03, 0x01, 0x02, 0x0b, 0x01, 0x00}
	return bytes.ReplaceAll(mxf, generic, hidden)
}

// encryptMatroska sets a content encoding with a key on the first track.
func encryptMatroska(mkv []byte) []byte {
	// ContentEncodings > ContentEncoding > {type 1, ContentEncryption > {AES, key ID}}
	encodings := []byte{0x6d, 0x80, 0x95, 0x62, 0x40, 0x92, 0x50, 0x33, 0x81, 1, 0x50, 0x35, 0x8b, 0x47, 0xe1, 0x81, 5, 0x47, 0xe2, 0x84, 1, 2, 3, 4}
	tracks := bytes.LastIndex(mkv[:1024], []byte{0x16, 0x54, 0xae, 0x6b}) // its size has two bytes, that of an entry eight
	entry := tracks + bytes.Index(mkv[tracks:], []byte{0xae, 0x01})
	binary.BigEndian.PutUint16(mkv[tracks+4:], binary.BigEndian.Uint16(mkv[tracks+4:])+uint16(len(encodings)))
	mkv[entry+8] += byte(len(encodings))
	return slices.Insert(mkv, entry+9, encodings...)
}
