package object_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/vod-reproduction/vod/service/object"
)

// BenchmarkCopy copies 64 MiB inside the embedded store, with one request and in parts.
func BenchmarkCopy(b *testing.B) {
	const size = 64 << 20
	setup := client(b, gateway.Endpoint(), nil)
	if err := setup.CreateBucket(b.Context(), "bench"); err != nil {
		b.Fatal(err)
	}
	src, err := setup.Put(b.Context(), "bench", "src", "video/mp4", bytes.NewReader(make([]byte, size)))
	if err != nil {
		b.Fatal(err)
	}
	run := func(change func(*object.Config)) func(*testing.B) {
		return func(b *testing.B) {
			store := client(b, gateway.Endpoint(), change)
			b.SetBytes(size)
			for b.Loop() {
				if _, err := store.Copy(b.Context(), src, "bench", "copy", object.Cursor{}, unsaved); err != nil {
					b.Fatal(err)
				}
			}
		}
	}
	b.Run("one request", run(nil))
	for _, part := range []int64{8 << 20, 16 << 20, 32 << 20} {
		b.Run(fmt.Sprintf("parts of %d MiB", part>>20), run(func(c *object.Config) {
			c.CopyThreshold, c.PartSize = 1, part
		}))
	}
}
