package embedded_test

import (
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/vod-reproduction/vod/service/object"
	"github.com/vod-reproduction/vod/service/object/embedded"
	"github.com/vod-reproduction/vod/service/object/objecttest"
)

const (
	accessKey = "test-access"
	secretKey = "test-secret"
)

func start(t *testing.T, dir string) *embedded.Server {
	t.Helper()
	s, err := embedded.Start(t.Context(), embedded.Config{Dir: dir, AccessKey: accessKey, SecretKey: secretKey})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func client(t *testing.T, c object.Config) *object.S3 {
	t.Helper()
	s, err := object.NewS3(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.CloseIdleConnections)
	return s
}

func configOf(s *embedded.Server) object.Config {
	return object.Config{Endpoint: s.Endpoint(), AccessKey: accessKey, SecretKey: secretKey}
}

// TestConformance runs the suite with attributes in the file system's own place and in a tree beside the files.
func TestConformance(t *testing.T) {
	for _, beside := range []bool{false, true} {
		t.Run(fmt.Sprintf("attributes beside=%t", beside), func(t *testing.T) {
			dir := t.TempDir()
			if beside {
				if err := os.Mkdir(filepath.Join(dir, "attributes"), 0o700); err != nil {
					t.Fatal(err)
				}
			}
			config := configOf(start(t, dir))
			store, parts := client(t, config), client(t, objecttest.PartsConfig(config))
			var buckets atomic.Int64
			objecttest.Run(t, func(t *testing.T) objecttest.Target {
				bucket := fmt.Sprintf("bucket-%d", buckets.Add(1))
				if err := store.CreateBucket(t.Context(), bucket); err != nil {
					t.Fatal(err)
				}
				return objecttest.Target{Store: store, Parts: parts, Bucket: bucket}
			})
		})
	}
}
