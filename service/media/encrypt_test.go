package media_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/vod-reproduction/vod/service/media"
)

var key = [media.KeySize]byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}

// plays reports whether ffmpeg can decode a playlist without a complaint.
func plays(t testing.TB, path string) bool {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "ffmpeg", "-v", "error", "-xerror", "-allowed_extensions", "ALL", "-i", path, "-map", "0:v", "-f", "null", "-").CombinedOutput()
	return err == nil && len(out) == 0
}

func TestEncryptedHLSPlaysWithItsKey(t *testing.T) {
	t.Parallel()
	tools := find(t, media.Limits{})
	dir, outputs := transcode(t, tools, film(t), media.Ladder{HLS: true, Segment: 2 * time.Second, Renditions: []media.Rendition{{Name: "r", Height: 90}}})
	list := filepath.Join(dir, outputs[1].Files[0])
	plain := pictures(t, list)
	keyFile := filepath.Join(dir, "100%, & more.key") // what %q or a format would spoil
	if err := media.EncryptHLS(t.Context(), dir, outputs, key, keyFile); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(list)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(text), "#EXT-X-KEY:METHOD=AES-128,URI=\""+keyFile+"\"\n"); n != 1 {
		t.Errorf("playlist:\n%s", text)
	}
	if plays(t, list) {
		t.Error("it plays without a key")
	}
	for _, content := range [][media.KeySize]byte{{}, key} {
		want := content == key
		if err := os.WriteFile(keyFile, content[:], 0o600); err != nil {
			t.Fatal(err)
		}
		if got := plays(t, list); got != want {
			t.Errorf("it plays with key %x: %v", content, got)
		}
	}
	if pictures(t, list) != plain {
		t.Error("the pictures are not the same")
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "r", ".encrypt-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// TestEncryptHLSIsRFC8216 decrypts with the number of each segment.
func TestEncryptHLSIsRFC8216(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		output := media.Output{Name: "r", Files: []string{"r.m3u8"}}
		list := "#EXTM3U\n"
		var plain [][]byte
		for i := range rapid.IntRange(1, 3).Draw(t, "segments") {
			around := rapid.SampledFrom([]int{0, 1, 16, 65520, 65536, 2 * 65520}).Draw(t, "around")
			size := max(0, around+rapid.IntRange(-17, 17).Draw(t, "off"))
			plain = append(plain, bytes.Repeat([]byte{byte(rapid.IntRange(0, 255).Draw(t, "byte"))}, size))
			output.Files = append(output.Files, fmt.Sprintf("%05d.ts", i))
			list += fmt.Sprintf("#EXTINF:2.0,\n%05d.ts\n", i)
			if err := os.WriteFile(filepath.Join(dir, output.Files[i+1]), plain[i], 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.WriteFile(filepath.Join(dir, "r.m3u8"), []byte(list), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := media.EncryptHLS(t.Context(), dir, []media.Output{{Files: []string{"master.m3u8"}}, output}, key, "https://keys.example/k?id=1"); err != nil {
			t.Fatal(err)
		}
		for i, want := range plain {
			sealed, err := os.ReadFile(filepath.Join(dir, output.Files[i+1]))
			if err != nil {
				t.Fatal(err)
			}
			block, err := aes.NewCipher(key[:])
			if err != nil {
				t.Fatal(err)
			}
			iv := make([]byte, aes.BlockSize)
			iv[aes.BlockSize-1] = byte(i)
			cipher.NewCBCDecrypter(block, iv).CryptBlocks(sealed, sealed)
			padding := int(sealed[len(sealed)-1])
			if padding < 1 || padding > aes.BlockSize || !bytes.Equal(sealed[:len(sealed)-padding], want) {
				t.Fatalf("segment %d of %d bytes is not what it was", i, len(want))
			}
		}
	})
}

func TestEncryptHLSRefusesURIs(t *testing.T) {
	for _, uri := range []string{"", "https://k/\"", "https://k/\nx", "https://k/\r"} {
		dir := t.TempDir()
		if err := media.EncryptHLS(t.Context(), dir, nil, key, uri); err == nil {
			t.Errorf("%q was taken", uri)
		}
	}
}
