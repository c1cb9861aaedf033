//go:build linux

package e2e_test

import (
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/vod-reproduction/vod/gen/companions"
	"github.com/vod-reproduction/vod/internal/servicetest"
)

const (
	// largeMemory is what a worker may have in memory at most, in bytes, whatever the size of the object.
	largeMemory = 256 << 20
)

// TestLargeObject kills a worker in the middle of the copy of a large object, and has another one finish it. No part that
// was copied is copied again, and nothing of the copy is left.
func TestLargeObject(t *testing.T) {
	asked := os.Getenv("VOD_LARGE_MB")
	if asked == "" {
		t.Skip(`"make large" copies a large object`)
	}
	size, err := strconv.ParseInt(asked, 10, 64)
	if err != nil {
		t.Fatal("VOD_LARGE_MB:", err)
	}
	size <<= 20
	g, database := startGateway(t), servicetest.StartPostgres(t).Create(t)
	parts := startPartCounter(t, g.endpoint, int(size/(256<<20)/2))
	g.endpoint = parts.URL
	settings := g.settings(servicetest.Settings) + "public_url: http://127.0.0.1:1\ndatabase: " + database + "\n"
	t.Setenv("VOD_KEY", strings.Repeat("0123456789abcdef", 4))
	launch := func(role string, flags ...string) service {
		return service{servicetest.StartBinary(t, servicetest.Binary(t), servicetest.NewDirWith(t, settings), append(flags, "--role", role)...)}
	}
	address := servicetest.FreeAddress(t)
	api, first := launch("api", "--listen", address), launch("worker")
	api.URL = "http://" + address

	g.putSparse(t, "large.mp4", size)
	id, err := api.dump(servicetest.Context(t), request("large.mp4", "large"), "large")
	if err != nil {
		t.Fatal(err)
	}
	select {
	case <-parts.passed:
	case <-servicetest.Context(t).Done():
		t.Fatalf("the copy does not come to its middle: %v\n%s", servicetest.Context(t).Err(), first.Log())
	}
	first.Kill()
	before := parts.copied()
	parts.goOn()
	second := launch("worker")
	if info := api.wait(t, id); info.Status != companions.AssetStatusPublished {
		t.Fatalf("the asset is %s: %v", info.Status, *info.Description)
	}
	again := 0
	for part, times := range parts.copied() {
		if before[part] > 0 && times > before[part] {
			again++
			t.Errorf("part %s was copied, and once more after the kill", part)
		}
	}
	memory := second.PeakMemory(t)
	t.Logf("%d MB: %d of %d parts copied before the kill, %d of them again; peak memory of the second worker %d MB",
		size>>20, len(before), len(parts.copied()), again, memory>>20)
	if memory > largeMemory {
		t.Errorf("the second worker had %d bytes in memory", memory)
	}
	second.Stop(t)
	g.wantNoUploads(t)
}

// partCounter stands before an S3 server and counts the parts that it copied. It lets a number of them pass; the others
// wait until goOn.
type partCounter struct {
	*httptest.Server
	passed chan struct{} // closed when these are copied
	on     chan struct{}

	mu    sync.Mutex
	sent  int
	parts map[string]int
}

func startPartCounter(t *testing.T, to string, pass int) *partCounter {
	t.Helper()
	target, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	c := &partCounter{passed: make(chan struct{}), on: make(chan struct{}), parts: map[string]int{}}
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.Out.Host = r.In.Host // which is signed
		},
		ModifyResponse: func(r *http.Response) error {
			if part := partOf(r.Request); part != "" && r.StatusCode == http.StatusOK {
				c.mu.Lock()
				defer c.mu.Unlock()
				if c.parts[part]++; len(c.parts) == pass && c.parts[part] == 1 {
					close(c.passed)
				}
			}
			return nil
		},
	}
	c.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if partOf(r) != "" && c.send() > pass {
			select {
			case <-c.on:
			case <-r.Context().Done():
				return
			}
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(c.Close)
	return c
}

// partOf is the number of the part that a request copies, or "".
func partOf(r *http.Request) string {
	if r.Header.Get("X-Amz-Copy-Source") == "" {
		return ""
	}
	return r.URL.Query().Get("partNumber")
}

// send counts a request for a part and returns the number of them so far.
func (c *partCounter) send() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sent++
	return c.sent
}

// copied returns how often each part was copied so far.
func (c *partCounter) copied() map[string]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.parts)
}

func (c *partCounter) goOn() { close(c.on) }

// putSparse makes an object without content that takes no room.
func (g gateway) putSparse(t *testing.T, key string, size int64) {
	t.Helper()
	path := filepath.Join(g.root, servicetest.Bucket, key)
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, size); err != nil {
		t.Fatal(err)
	}
}

// wantNoUploads fails the test when parts of an upload are left in the service's bucket.
func (g gateway) wantNoUploads(t *testing.T) {
	t.Helper()
	root := filepath.Join(g.root, servicetest.ServiceBucket, ".sgwtmp")
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() {
			return fmt.Errorf("%s is left", path)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
