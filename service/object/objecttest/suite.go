// Package objecttest puts an implementation of object.Store to the promises of its interface.
package objecttest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/vod-reproduction/vod/service/object"
)

// Sizes that make every kind of copy happen within seconds: see Target.Parts.
const (
	PartSize  int64 = 5 << 20 // the smallest that S3 allows
	threshold       = 1 << 20
	large           = 2*PartSize + 12345
)

// Target is what a Store is tested on.
type Target struct {
	// Store keeps objects with the implementation's own settings.
	Store object.Store
	// Parts is a client of the same buckets that copies objects larger than 1 MiB in parts of PartSize.
	Parts object.Store
	// Bucket exists, is empty, and belongs to the test.
	Bucket string
}

// PartsConfig is c, changed into what Target.Parts needs.
func PartsConfig(c object.Config) object.Config {
	c.CopyThreshold, c.PartSize = threshold, PartSize
	return c
}

// Run runs the suite. It calls open for each test, which gets a bucket of its own and removes nothing.
func Run(t *testing.T, open func(t *testing.T) Target) {
	for _, test := range []struct {
		name string
		run  func(*testing.T, Target)
	}{
		{"put stat open", testPut},
		{"ranges", testRanges},
		{"if match", testIfMatch},
		{"nothing there", testMissing},
		{"names", testNames},
		{"list", testList},
		{"delete", testDelete},
		{"create bucket", testCreateBucket},
		{"copy", testCopy},
		{"copy of a changed source", testCopyChanged},
		{"copy in parts", testCopyParts},
		{"copy resumed", testCopyResumed},
		{"copy restarted", testCopyRestarted},
		{"copy not saved", testCopyNotSaved},
		{"odd keys", testOddKeys},
		{"cancelled", testCancelled},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, open(t)) })
	}
}

// noise is n bytes that no compression and no mistake in an offset leaves the same.
func noise(n int64) []byte {
	out := make([]byte, n)
	source := rand.NewChaCha8([32]byte{byte(n), byte(n >> 8), byte(n >> 16)})
	_, _ = source.Read(out)
	return out
}

func put(t *testing.T, s object.Store, bucket, key string, data []byte) object.Info {
	t.Helper()
	info, err := s.Put(t.Context(), bucket, key, "video/mp4", bytes.NewReader(data))
	if err != nil {
		t.Fatalf("put %q: %v", key, err)
	}
	return info
}

func read(t *testing.T, s object.Store, bucket, key string) []byte {
	t.Helper()
	body, _, err := s.Open(t.Context(), bucket, key, object.Range{}, "")
	if err != nil {
		t.Fatalf("open %q: %v", key, err)
	}
	defer body.Close()
	data, err := io.ReadAll(body)
	if err != nil {
		t.Fatalf("read %q: %v", key, err)
	}
	return data
}

func want(t *testing.T, what string, err, kind error) {
	t.Helper()
	if !errors.Is(err, kind) {
		t.Errorf("%s: error is %v, want %v", what, err, kind)
	}
}

// unsaved is for copies that are not resumed.
func unsaved(context.Context, object.Cursor) error { return nil }

func keys(t *testing.T, s object.Store, bucket, prefix string) []string {
	t.Helper()
	var out []string
	for info, err := range s.List(t.Context(), bucket, prefix) {
		if err != nil {
			t.Fatalf("list %q: %v", prefix, err)
		}
		out = append(out, info.Key)
	}
	return out
}
