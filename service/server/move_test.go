package server

import (
	"iter"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/vod-reproduction/vod/service/asset"
	"github.com/vod-reproduction/vod/service/config"
	"github.com/vod-reproduction/vod/service/object"
)

// filesOf iterates over n files of a size.
func filesOf(n int, size int64) iter.Seq2[asset.File, error] {
	return func(yield func(asset.File, error) bool) {
		for i := range n {
			if !yield(asset.File{Bucket: "vod-service", Key: "assets/" + strconv.Itoa(i), Size: size}, nil) {
				return
			}
		}
	}
}

// Each file that the store is asked for is counted, one after the other.
func TestMoveCountsFiles(t *testing.T) {
	t.Parallel()
	s3 := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"`+filepath.Base(r.URL.Path)+`"`)
		w.Header().Set("Content-Length", "7")
	}))
	defer s3.Close()
	objects, err := object.NewS3(object.Config{Endpoint: s3.URL, AccessKey: "ak", SecretKey: "sk"})
	if err != nil {
		t.Fatal(err)
	}
	defer objects.CloseIdleConnections()
	const files = 100
	var asked, want []int
	for i := range files {
		want = append(want, i+1)
	}
	versions, absent, err := versionsOf(t.Context(), objects, "vod-service", filesOf(files, 7), func(n int) { asked = append(asked, n) })
	if err != nil || absent > 0 || len(versions) != files || !slices.Equal(asked, want) {
		t.Errorf("%d versions, %d absent, %v; asked for %v", len(versions), absent, err, asked)
	}
	if _, _, err := versionsOf(t.Context(), objects, "vod-service", filesOf(1, 8), nil); err == nil {
		t.Error("a file of another size is taken for the copy")
	}
}

// An external store is refused where the embedded one has media, and nowhere else.
func TestFormerStore(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name               string
		file               string // in the embedded store
		endpoint, database string
		refused            bool
	}{
		{"media", "vod-service/assets/a/1/film.mp4", "http://127.0.0.1:9", "", true},
		{"a first start", "", "http://127.0.0.1:9", "", false},
		{"a source", "media/assets/film.mp4", "http://127.0.0.1:9", "", false},
		{"a moved database", "vod-service/assets/a/1/film.mp4", "http://127.0.0.1:9", "postgres://127.0.0.1:9/vod", false},
		{"the embedded store", "vod-service/assets/a/1/film.mp4", "", "", false},
	} {
		dir := t.TempDir()
		path := filepath.Join(dir, "store", "objects", filepath.FromSlash(c.file))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if c.file != "" {
			if err := os.WriteFile(path, nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		settings := config.Config{Database: config.Secret(c.database), Store: config.Store{Endpoint: c.endpoint, Bucket: "vod-service"}}
		if err := (Config{Dir: dir, Service: settings}).checkFormerStore(); (err != nil) != c.refused {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
