// Package cdn warms the caches that stand between the service and its viewers: it fetches published files through each
// of them, as a viewer would, so that the first viewer does not wait for the origin.
//
// A cache is named by its base URL, which takes the place of the service's public URL in front of a file's path. Whole
// files are fetched without ranges or compression; a cache that keys on either is not warmed by that.
package cdn

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/vod-reproduction/vod/service/endpoint"
)

// The defaults of Config.
const (
	DefaultTimeout  = 15 * time.Minute
	DefaultParallel = 4
)

const (
	headerTimeout = time.Minute // a cache may fetch a good part of a file before it begins to respond
	maxHeader     = 64 << 10    // bytes of a response's header
)

// Config says which caches to warm.
type Config struct {
	// Bases are the caches' URLs, such as https://cdn.example.com or http://127.0.0.1:8081/vod, without user, password,
	// query and fragment. At least one is needed.
	Bases []string
	// Transport carries the requests; nil means one with the limits of http.DefaultTransport. Redirects are not followed
	// whatever it is.
	Transport http.RoundTripper
	// Timeout bounds the fetching of one file from one cache, to the last byte. Zero means DefaultTimeout.
	Timeout time.Duration
	// Parallel is how many files are fetched at the same time, over all calls. Zero means DefaultParallel.
	Parallel int
}

// Prefetcher fetches files through caches. It is safe for concurrent use.
type Prefetcher struct {
	bases  []string
	client *http.Client
	slots  chan struct{}
}

// Result is what came of one file in one cache.
type Result struct {
	URL   string // as it was fetched
	Bytes int64  // length of the file, or of what came of it
	Err   error  // nil when the complete file went through the cache; else why not, in plain words
	// Temporary reports that another try may help: the cache did not respond, broke off, or says so.
	Temporary bool
}

// New checks c and fetches nothing yet.
func New(c Config) (*Prefetcher, error) {
	if len(c.Bases) == 0 {
		return nil, errors.New("prefetch: at least one base URL is needed")
	}
	bases := slices.Clone(c.Bases)
	for i, base := range bases {
		if err := checkBase(base); err != nil {
			return nil, err
		}
		bases[i] = strings.TrimRight(base, "/")
	}
	if c.Timeout < 0 || c.Parallel < 0 {
		return nil, errors.New("prefetch: timeout and parallel must not be negative")
	}
	if c.Timeout == 0 {
		c.Timeout = DefaultTimeout
	}
	if c.Parallel == 0 {
		c.Parallel = DefaultParallel
	}
	if c.Transport == nil {
		transport := http.DefaultTransport.(*http.Transport).Clone()
		transport.MaxResponseHeaderBytes = maxHeader
		transport.ResponseHeaderTimeout = headerTimeout
		c.Transport = transport
	}
	return &Prefetcher{
		bases: bases,
		client: &http.Client{
			Transport:     c.Transport,
			Timeout:       c.Timeout,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		slots: make(chan struct{}, c.Parallel),
	}, nil
}

// CloseIdleConnections closes the connections that are kept for later files. The Prefetcher stays usable.
func (w *Prefetcher) CloseIdleConnections() { w.client.CloseIdleConnections() }

// Prefetch fetches every path from every cache and waits for all of them. A path is what stands behind the host in a
// published URL, escaped as there, such as /media/f488/video.mp4; query and fragment are not allowed. The results come
// path by path, in each the caches in their configured order. When ctx ends, what is not finished fails with its cause.
func (w *Prefetcher) Prefetch(ctx context.Context, paths ...string) []Result {
	results := make([]Result, 0, len(paths)*len(w.bases))
	for _, path := range paths {
		fault := checkPath(path)
		for _, base := range w.bases {
			results = append(results, Result{URL: base + path, Err: fault})
		}
	}
	var fetching sync.WaitGroup
	for i := range results {
		if results[i].Err != nil {
			continue
		}
		select {
		case w.slots <- struct{}{}:
		case <-ctx.Done():
			results[i].Err = context.Cause(ctx)
			continue
		}
		fetching.Go(func() {
			defer func() { <-w.slots }()
			results[i].Bytes, results[i].Temporary, results[i].Err = w.fetch(ctx, results[i].URL)
		})
	}
	fetching.Wait()
	return results
}

func (w *Prefetcher) fetch(ctx context.Context, address string) (n int64, temporary bool, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return 0, false, err
	}
	request.Header.Set("Accept-Encoding", "identity")
	request.Header.Set("User-Agent", "vod")
	response, err := w.client.Do(request)
	if err != nil {
		return 0, true, endpoint.NoResponse(ctx, "the cache did not respond", err)
	}
	defer func() { _ = response.Body.Close() }()
	switch {
	case response.StatusCode >= 300 && response.StatusCode < 400:
		return 0, false, fmt.Errorf("the cache responded with %d, a redirect, which is not followed; "+
			"configure the base URL that serves the file", response.StatusCode)
	case response.StatusCode != http.StatusOK:
		return 0, response.StatusCode >= 500 || response.StatusCode == http.StatusTooManyRequests,
			fmt.Errorf("the cache responded with %d", response.StatusCode)
	}
	if n, err = io.Copy(io.Discard, response.Body); err != nil {
		return n, true, endpoint.NoResponse(ctx, fmt.Sprintf("the file was truncated after %d bytes", n), err)
	}
	return n, false, nil
}
