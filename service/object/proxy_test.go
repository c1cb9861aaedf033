package object_test

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync"
	"testing"
)

// What a proxy does to one request.
type action int

const (
	pass    action = iota
	refuse         // respond with 503 and do nothing
	pretend        // respond with 200 and an error in the body and do nothing
	lose           // do it and break the connection instead of answering
	forget         // respond with 404 for the upload and do nothing
)

const errorBody = `<?xml version="1.0" encoding="UTF-8"?>
<Error><Code>InternalError</Code><Message>We encountered an internal error. Please try again.</Message></Error>`

// proxy stands between a client and the gateway, and spoils the requests that fault chooses by their kind and by how
// many of that kind came before, counted from 1.
type proxy struct {
	fault   func(kind string, call int) action
	gateway http.Handler

	mu     sync.Mutex
	calls  map[string]int
	passed map[string]int // those that the gateway has finished
	moved  *sync.Cond
}

func newProxy(t *testing.T, fault func(kind string, call int) action) (*proxy, string) {
	t.Helper()
	to, err := url.Parse(gateway.Endpoint())
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{}
	p := &proxy{fault: fault, calls: map[string]int{}, passed: map[string]int{}, gateway: &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(to)
			r.Out.Host = r.In.Host // it is signed
		},
		Transport: transport,
	}}
	p.moved = sync.NewCond(&p.mu)
	server := httptest.NewServer(p)
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
		transport.CloseIdleConnections()
	})
	return p, server.URL
}

func (p *proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	kind := kindOf(r)
	p.mu.Lock()
	p.calls[kind]++
	call := p.calls[kind]
	p.mu.Unlock()
	switch p.fault(kind, call) {
	case refuse:
		w.WriteHeader(http.StatusServiceUnavailable)
	case pretend:
		w.Header().Set("Content-Type", "application/xml")
		_, _ = w.Write([]byte(errorBody))
	case forget:
		w.WriteHeader(http.StatusNotFound)
		_, _ = w.Write([]byte(`<Error><Code>NoSuchUpload</Code><Message>m</Message></Error>`))
	case lose:
		p.gateway.ServeHTTP(httptest.NewRecorder(), r)
		panic(http.ErrAbortHandler)
	default:
		p.gateway.ServeHTTP(w, r)
		p.mu.Lock()
		p.passed[kind]++
		p.mu.Unlock()
		p.moved.Broadcast()
	}
}

// await returns when the gateway has finished n requests of a kind.
func (p *proxy) await(kind string, n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.passed[kind] < n {
		p.moved.Wait()
	}
}

func (p *proxy) count(kind string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.calls[kind]
}

func kindOf(r *http.Request) string {
	query := r.URL.Query()
	switch {
	case r.Method == http.MethodPut && query.Has("partNumber"):
		return "part"
	case r.Method == http.MethodPut && r.Header.Get("X-Amz-Copy-Source") != "":
		return "copy"
	case r.Method == http.MethodPost && query.Has("uploads"):
		return "begin"
	case r.Method == http.MethodPost && query.Has("uploadId"):
		return "complete"
	case r.Method == http.MethodDelete && query.Has("uploadId"):
		return "abort"
	}
	return r.Method
}
