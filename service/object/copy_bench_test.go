package object_test

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/vod-reproduction/vod/internal/sidebyside"
	"github.com/vod-reproduction/vod/service/object"
)

// BenchmarkBesideStore copies 64 MiB inside the embedded store.
func BenchmarkBesideStore(b *testing.B) {
	const size, bucket, turns = 64 << 20, "bench", 24
	plain := client(b, gateway.Endpoint(), nil)
	parts := client(b, gateway.Endpoint(), func(c *object.Config) { c.CopyThreshold, c.PartSize = 1, 16<<20 })
	if err := plain.CreateBucket(b.Context(), bucket); err != nil {
		b.Fatal(err)
	}
	src, err := plain.Put(b.Context(), bucket, "src", "video/mp4", bytes.NewReader(make([]byte, size)))
	if err != nil {
		b.Fatal(err)
	}
	copied := func(store *object.S3) sidebyside.Work {
		return sidebyside.Each(func() {
			if _, err := store.Copy(b.Context(), src, bucket, "copy", object.Cursor{}, unsaved); err != nil {
				b.Fatal(err)
			}
		})
	}
	own := sidebyside.Each(func() {
		if err := plain.CopyOnce(b.Context(), src, bucket, "own"); err != nil {
			b.Fatal(err)
		}
	})
	file := filepath.Join(gatewayDir, "objects", bucket, "src")
	b.Run("a copy of 64 MiB, checked, beside the store's own", func(b *testing.B) {
		sidebyside.CompareTurns(b, 1, turns, copied(plain), own)
	})
	b.Run("the same, in parts of 16 MiB", func(b *testing.B) { sidebyside.CompareTurns(b, 1, turns, copied(parts), own) })
	b.Run("the same, beside a copy of the file", func(b *testing.B) {
		sidebyside.CompareTurns(b, 1, turns, copied(plain), sidebyside.Each(func() {
			if err := copyFile(file, filepath.Join(gatewayDir, "file")); err != nil {
				b.Fatal(err)
			}
		}))
	})
}

// copyFile leaves the copying to the file system, where it can.
func copyFile(from, to string) error {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer source.Close()
	target, err := os.Create(to)
	if err != nil {
		return err
	}
	if _, err := io.Copy(target, source); err != nil {
		return err
	}
	return target.Close()
}
