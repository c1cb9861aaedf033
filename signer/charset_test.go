package signer

import (
	"testing"

	"github.com/vod-reproduction/vod/internal/seed"
)

// TestValidValue puts every byte at every place of texts of up to three words.
func TestValidValue(t *testing.T) {
	t.Parallel()
	random := seed.Random(t, 0)
	for length := range 24 {
		for at := range length {
			for b := range 256 {
				text := make([]byte, length)
				for i := range text {
					text[i] = " ~a\x80\xff\t"[random.IntN(6)]
				}
				text[at] = byte(b)
				if got, want := validValue(string(text)), all(string(text), valueByte); got != want {
					t.Fatalf("%q is %t, want %t", text, got, want)
				}
			}
		}
	}
}
