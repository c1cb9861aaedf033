package cdn_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/vod-reproduction/vod/service/cdn"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func prefetcher(t *testing.T, change func(*cdn.Config)) *cdn.Prefetcher {
	t.Helper()
	var c cdn.Config
	change(&c)
	w, err := cdn.New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.CloseIdleConnections)
	return w
}

func serve(t *testing.T, handler http.HandlerFunc) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server
}

// TestFailures asks a cache that fails in every way, beside one that works.
func TestFailures(t *testing.T) {
	t.Parallel()
	good := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "whole") })
	var elsewhere atomic.Int32
	other := serve(t, func(http.ResponseWriter, *http.Request) { elsewhere.Add(1) })
	for name, c := range map[string]struct {
		handler http.HandlerFunc
		says    string
		bytes   int64
	}{
		"missing":      {http.NotFound, "responded with 404", 0},
		"refused":      {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(403) }, "responded with 403", 0},
		"broken":       {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) }, "responded with 500", 0},
		"part of it":   {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(206) }, "responded with 206", 0},
		"no content":   {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) }, "responded with 204", 0},
		"another host": {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, other.URL, http.StatusFound) }, "redirect, which is not followed", 0},
		"another path": {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/x", http.StatusMovedPermanently) }, "redirect, which is not followed", 0},
		"no response":  {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "did not respond", 0},
		"shorter": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "9")
			_, _ = io.WriteString(w, "1234")
		}, "was truncated after 4 bytes", 4},
		"chunks cut":          {func(w http.ResponseWriter, _ *http.Request) { begin(w); panic(http.ErrAbortHandler) }, "was truncated after 4 bytes", 4},
		"words in the header": {func(w http.ResponseWriter, _ *http.Request) { hijack(w, "HTTP/1.1 200 OK\r\nwords\r\n\r\n") }, "did not respond", 0},
		"header too long":     {func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X", strings.Repeat("x", 128<<10)) }, "did not respond", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bad := serve(t, c.handler)
			w := prefetcher(t, func(c *cdn.Config) { c.Bases = []string{bad.URL + "/", good.URL} })
			results := w.Prefetch(t.Context(), "/a.mp4")
			if len(results) != 2 || results[0].URL != bad.URL+"/a.mp4" || results[1] != (cdn.Result{URL: good.URL + "/a.mp4", Bytes: 5}) {
				t.Fatalf("%+v", results)
			}
			if r := results[0]; r.Err == nil || !strings.Contains(r.Err.Error(), c.says) || r.Bytes != c.bytes || strings.Contains(r.Err.Error(), "http://") || strings.Contains(r.Err.Error(), "words") {
				t.Errorf("%+v", r)
			}
		})
	}
	t.Cleanup(func() {
		if elsewhere.Load() != 0 {
			t.Errorf("%d requests went to another host", elsewhere.Load())
		}
	})
}

// hijack responds with any text at all.
func hijack(w http.ResponseWriter, text string) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(err)
	}
	_, _ = io.WriteString(conn, text)
	_ = conn.Close()
}

// TestSilence waits no longer than the timeout for a response.
func TestSilence(t *testing.T) {
	t.Parallel()
	server := serve(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	w := prefetcher(t, func(c *cdn.Config) { c.Bases, c.Timeout = []string{server.URL}, time.Millisecond })
	if r := w.Prefetch(t.Context(), "/a.mp4")[0]; r.Err == nil || !strings.Contains(r.Err.Error(), "did not respond") {
		t.Errorf("%+v", r)
	}
}

// stuck is a body that delivers four bytes, and then nothing until its request ends.
type stuck struct {
	request *http.Request
	begun   bool
}

func (s *stuck) Read(b []byte) (int, error) {
	if !s.begun {
		s.begun = true
		return copy(b, "1234"), nil
	}
	<-s.request.Context().Done()
	return 0, s.request.Context().Err()
}

func (s *stuck) Close() error { return nil }

// TestStuck waits no longer than the timeout for the rest of a file, by a clock that does not make the test wait.
func TestStuck(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := prefetcher(t, func(c *cdn.Config) {
			c.Bases = []string{"https://cdn.example"}
			c.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
				return &http.Response{StatusCode: http.StatusOK, Body: &stuck{request: r}, Request: r}, nil
			})
		})
		begin := time.Now()
		r := w.Prefetch(t.Context(), "/a.mp4")[0]
		if r.Err == nil || r.Bytes != 4 || !strings.Contains(r.Err.Error(), "was truncated after 4 bytes") || time.Since(begin) != cdn.DefaultTimeout {
			t.Errorf("%+v, after %v", r, time.Since(begin))
		}
	})
}

// begin sends the first chunk of a response.
func begin(w http.ResponseWriter) {
	_, _ = io.WriteString(w, "1234")
	_ = http.NewResponseController(w).Flush()
}

// TestAnonymous sends nothing that identifies who asks, cookies included.
func TestAnonymous(t *testing.T) {
	t.Parallel()
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Set-Cookie", "session=1")
		want := http.Header{"Accept-Encoding": {"identity"}, "User-Agent": {"vod"}}
		if fmt.Sprint(r.Header) != fmt.Sprint(want) {
			t.Errorf("header %v", r.Header)
		}
	})
	w := prefetcher(t, func(c *cdn.Config) { c.Bases, c.Parallel = []string{server.URL}, 1 })
	for _, r := range w.Prefetch(t.Context(), "/a", "/b") {
		if r.Err != nil {
			t.Error(r.Err)
		}
	}
}

// TestParallel holds two calls together to the limit, and makes use of it: each request waits for a second one.
func TestParallel(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	running, most := 0, 0
	meet := make(chan struct{})
	server := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		mu.Lock()
		running++
		most = max(most, running)
		mu.Unlock()
		select {
		case meet <- struct{}{}:
		case <-meet:
		case <-r.Context().Done():
		}
		mu.Lock()
		running--
		mu.Unlock()
	})
	w := prefetcher(t, func(c *cdn.Config) { c.Bases, c.Parallel = []string{server.URL}, 2 })
	var calls sync.WaitGroup
	for range 2 {
		calls.Go(func() {
			for _, r := range w.Prefetch(t.Context(), "/a", "/b", "/c", "/d") {
				if r.Err != nil {
					t.Error(r.Err)
				}
			}
		})
	}
	calls.Wait()
	if most != 2 {
		t.Errorf("%d at the same time", most)
	}
}

// TestCanceled ends everything that is not finished with the caller's cause.
func TestCanceled(t *testing.T) {
	t.Parallel()
	stopped := errors.New("the service stops")
	ctx, cancel := context.WithCancelCause(t.Context())
	var calls atomic.Int32
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if calls.Add(1) == 1 {
			return
		}
		begin(w)
		cancel(stopped)
		<-r.Context().Done()
	})
	w := prefetcher(t, func(c *cdn.Config) { c.Bases, c.Parallel = []string{server.URL}, 1 })
	results := w.Prefetch(ctx, "/a", "/b", "/c", "/d")
	if results[0].Err != nil || len(results) != 4 {
		t.Errorf("%+v", results)
	}
	for _, r := range results[1:] {
		if !errors.Is(r.Err, stopped) {
			t.Errorf("%+v", r)
		}
	}
}

func TestBadConfig(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]cdn.Config{
		"no base":  {},
		"empty":    {Bases: []string{"https://a", ""}},
		"no host":  {Bases: []string{"https:///media"}},
		"scheme":   {Bases: []string{"file:///etc"}},
		"password": {Bases: []string{"https://user:canary@a"}},
		"query":    {Bases: []string{"https://a/?token=canary"}},
		"fragment": {Bases: []string{"https://a/#canary"}},
		"no URL":   {Bases: []string{"https://canary\x7f"}},
		"timeout":  {Bases: []string{"https://a"}, Timeout: -1},
		"parallel": {Bases: []string{"https://a"}, Parallel: -1},
	} {
		if w, err := cdn.New(c); err == nil || w != nil || strings.Contains(err.Error(), "canary") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// roundTrip is a transport of a test's own making.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// FuzzPath never leaves the base URL, whatever the path.
func FuzzPath(f *testing.F) {
	for _, path := range []string{
		"/a/b.mp4", "a.mp4", "", "/", "//", "//evil.example/a", "/\\evil.example", "/../a", "/a/%2e%2e/b", "/a%2f..%2fb", "/a?b", "/a#b",
		"@evil.example/", ":80/", "/a\r\nHost: evil", "/%00", "/%5c..%5ca", "/%zz", "/a%", "/ф", "/a/./b",
	} {
		f.Add(path)
	}
	f.Fuzz(func(t *testing.T, path string) {
		var sent *http.Request
		w := prefetcher(t, func(c *cdn.Config) {
			c.Bases = []string{"https://cdn.example:8443/vod"}
			c.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
				sent = r
				return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody, Request: r}, nil
			})
		})
		results := w.Prefetch(t.Context(), path)
		if len(results) != 1 || (sent == nil) != (results[0].Err != nil) {
			t.Fatalf("%q: %+v", path, results)
		}
		if sent == nil {
			return
		}
		parts := strings.Split(sent.URL.Path, "/")
		if sent.URL.Host != "cdn.example:8443" || sent.URL.Scheme != "https" || sent.URL.User != nil || sent.URL.RawQuery != "" || sent.URL.Fragment != "" ||
			len(parts) < 3 || parts[1] != "vod" || strings.ContainsAny(sent.URL.Path, "\\\x00\r\n") {
			t.Errorf("%q becomes %s", path, sent.URL)
		}
		for _, part := range parts[1:] {
			if part == "" || part == "." || part == ".." {
				t.Errorf("%q becomes %s", path, sent.URL)
			}
		}
	})
}
