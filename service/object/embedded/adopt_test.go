package embedded_test

import (
	"context"
	"errors"
	"iter"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vod-reproduction/vod/service/object"
	"github.com/vod-reproduction/vod/service/object/embedded"
)

// TestPlainCopy copies a directory as a tool does that knows nothing of extended attributes and times. Known objects are
// what they were, also after a start that was cut short; others are like files that were put there by hand.
func TestPlainCopy(t *testing.T) {
	known := map[string]object.Info{}
	first := t.TempDir()
	fill := embed(t, embedded.Config{Dir: first})
	if err := fill.CreateBucket(t.Context(), "media"); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"film.mp4", "a/cover.jpg", "unknown.mp4", "replaced.mp4"} {
		info, err := fill.Put(t.Context(), "media", key, "video/mp4", strings.NewReader(key))
		if err != nil {
			t.Fatal(err)
		}
		known[key] = info
	}
	fill.stop()
	dir := filepath.Join(t.TempDir(), "copy")
	if err := os.CopyFS(dir, os.DirFS(first)); err != nil {
		t.Fatal(err)
	}
	replaced := filepath.Join(dir, "objects", "media", "replaced.mp4")
	if err := errors.Join(os.Remove(replaced), os.WriteFile(replaced, []byte("another, longer film"), 0o600)); err != nil {
		t.Fatal(err)
	}
	unknown := known["unknown.mp4"]
	delete(known, "unknown.mp4")
	known["gone"] = object.Info{Bucket: "media", Key: "gone", ETag: "1"}
	known["outside"] = object.Info{Bucket: "media", Key: "../../../outside", ETag: "1"}

	broken := errors.New("the database broke")
	half := embedded.Config{Dir: dir, Known: func(context.Context) iter.Seq2[object.Info, error] {
		return func(yield func(object.Info, error) bool) {
			_ = yield(known["film.mp4"], nil) && yield(object.Info{}, broken)
		}
	}}
	half.AccessKey, half.SecretKey = accessKey, secretKey
	if _, err := embedded.Start(t.Context(), half); !errors.Is(err, broken) {
		t.Fatalf("a start that cannot read what is known: %v", err)
	}
	asked := 0
	all := func(context.Context) iter.Seq2[object.Info, error] {
		asked++
		return func(yield func(object.Info, error) bool) {
			for _, info := range slices.Collect(maps.Values(known)) {
				if !yield(info, nil) {
					return
				}
			}
		}
	}
	for range 2 {
		s := embed(t, embedded.Config{Dir: dir, Known: all})
		if err := s.CreateBucket(t.Context(), "media"); err != nil {
			t.Fatal(err)
		}
		for _, key := range []string{"film.mp4", "a/cover.jpg"} {
			if got, err := s.Stat(t.Context(), "media", key); err != nil || got != known[key] {
				t.Errorf("%s is %+v, %v; want %+v", key, got, err, known[key])
			}
		}
		for key, size := range map[string]int64{"unknown.mp4": unknown.Size, "replaced.mp4": int64(len("another, longer film"))} {
			if got, err := s.Stat(t.Context(), "media", key); err != nil || got.ETag != "" || got.Size != size {
				t.Errorf("%s is %+v, %v", key, got, err)
			}
		}
		s.stop()
	}
	if asked != 1 {
		t.Errorf("what is known was read %d times", asked)
	}
}

// TestFoldersAreBuckets takes a folder that was made by hand for a bucket, and the buckets of a former access key.
func TestFoldersAreBuckets(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "objects", "media"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"first-key", "second-key"} {
		s := embed(t, embedded.Config{Dir: dir, AccessKey: key})
		for _, bucket := range []string{"media", "other"} {
			if err := s.CreateBucket(t.Context(), bucket); err != nil {
				t.Errorf("%s: %v", key, err)
			}
		}
		s.stop()
	}
}

// store is a client of a server that a test stops itself.
type store struct {
	*object.S3
	stop func()
}

func embed(t *testing.T, c embedded.Config) store {
	t.Helper()
	if c.AccessKey == "" {
		c.AccessKey = accessKey
	}
	c.SecretKey = secretKey
	s, err := embedded.Start(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	o := client(t, object.Config{Endpoint: s.Endpoint(), AccessKey: c.AccessKey, SecretKey: secretKey})
	return store{o, func() {
		o.CloseIdleConnections()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}}
}
