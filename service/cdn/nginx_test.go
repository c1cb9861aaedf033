package cdn_test

import (
	"bytes"
	"crypto/sha256"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vod-reproduction/vod/service/cdn"
	"github.com/vod-reproduction/vod/service/cdn/cdntest"
)

// origin serves one file under every path and counts how often each is asked for.
type origin struct {
	*httptest.Server
	content []byte
	mu      sync.Mutex
	asked   map[string]int
}

func newOrigin(t *testing.T) *origin {
	t.Helper()
	o := &origin{content: bytes.Repeat([]byte("0123456789abcdef"), 200_000), asked: map[string]int{}}
	o.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		o.mu.Lock()
		o.asked[r.URL.Path]++
		o.mu.Unlock()
		w.Header().Set("Cache-Control", "public, max-age=3600")
		w.Header().Set("ETag", `"1"`)
		http.ServeContent(w, r, "video.mp4", time.Unix(1e9, 0), bytes.NewReader(o.content))
	}))
	t.Cleanup(o.Close)
	return o
}

func (o *origin) count(path string) int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.asked[path]
}

// startNginx starts a cache in front of o and returns the base URL of its files.
func startNginx(t *testing.T, o *origin) string {
	t.Helper()
	cache := cdntest.New(t)
	cache.Start(t, o.URL)
	return cache.Base
}

// view fetches a file as a player does and returns the cache's verdict.
func view(t *testing.T, o *origin, address, byteRange string) string {
	t.Helper()
	request, err := http.NewRequest(http.MethodGet, address, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	want, status := o.content, http.StatusOK
	if byteRange != "" {
		request.Header.Set("Range", byteRange)
		want, status = o.content[1_000_000:2_000_000], http.StatusPartialContent
	}
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	response, err := transport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	got, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != status || sha256.Sum256(got) != sha256.Sum256(want) {
		t.Errorf("%s: %s, %d bytes, %v", address, response.Status, len(got), err)
	}
	return response.Header.Get("X-Cache")
}

// TestCache warms two real caches: afterwards viewers are served by them alone, whole files and ranges.
func TestCache(t *testing.T) {
	t.Parallel()
	o := newOrigin(t)
	bases := []string{startNginx(t, o), startNginx(t, o)}
	if verdict := view(t, o, bases[0]+"/cold.mp4", ""); verdict != "MISS" || o.count("/cold.mp4") != 1 {
		t.Fatalf("a file that was not warmed is a %s, and the origin was asked %d times", verdict, o.count("/cold.mp4"))
	}
	paths := []string{"/a1/video.mp4", "/a1/%D1%84%20%2B.mp4"}
	w := prefetcher(t, func(c *cdn.Config) { c.Bases = bases })
	for range 2 { // the second time from the caches
		results := w.Prefetch(t.Context(), paths...)
		for i, r := range results {
			if r.Err != nil || r.Bytes != int64(len(o.content)) || r.URL != bases[i%2]+paths[i/2] {
				t.Errorf("result %d: %+v", i, r)
			}
		}
		if len(results) != 4 || o.count("/a1/video.mp4") != 2 || o.count("/a1/ф +.mp4") != 2 {
			t.Fatalf("%d results, the origin was asked %v", len(results), o.asked)
		}
	}
	for _, base := range bases {
		for _, path := range paths {
			for _, byteRange := range []string{"", "bytes=1000000-1999999"} {
				if verdict := view(t, o, base+path, byteRange); verdict != "HIT" {
					t.Errorf("%s %s is a %s", path, byteRange, verdict)
				}
			}
		}
	}
	if o.count("/a1/video.mp4") != 2 || o.count("/a1/ф +.mp4") != 2 {
		t.Errorf("viewers reached the origin: %v", o.asked)
	}
}

// TestCacheWithoutOrigin reports what a cache says of a file that it cannot get.
func TestCacheWithoutOrigin(t *testing.T) {
	t.Parallel()
	o := newOrigin(t)
	base := startNginx(t, o)
	o.Close()
	results := prefetcher(t, func(c *cdn.Config) { c.Bases = []string{base} }).Prefetch(t.Context(), "/a.mp4")
	if len(results) != 1 || results[0].Err == nil || !strings.Contains(results[0].Err.Error(), "responded with 502") {
		t.Errorf("%+v", results)
	}
}
