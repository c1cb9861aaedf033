package e2e_test

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/vod-reproduction/vod/gen"
)

// lossyProxy stands before the service and cuts the connection instead of passing on every fifth response to a dump that
// was accepted, none without a random. It can also hide what the service knows and the cloud does not.
type lossyProxy struct {
	url     string
	service string
	hides   hidden

	mu     sync.Mutex
	random *rand.Rand
	sent   map[string]int  // dumps by title
	cut    map[string]bool // titles
}

// hidden is what a lossyProxy hides: nothing, that keys are honored, or the sources of assets as well.
type hidden int

const (
	hidesNothing hidden = iota
	hidesKeys
	hidesSources
)

func startLossyProxy(t *testing.T, service string, random *rand.Rand, hides hidden) *lossyProxy {
	t.Helper()
	p := &lossyProxy{service: service, hides: hides, random: random, sent: map[string]int{}, cut: map[string]bool{}}
	server := httptest.NewServer(p)
	t.Cleanup(server.Close)
	p.url = server.URL
	return p
}

func (p *lossyProxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	// What has reached the proxy goes on to the service, whatever becomes of the caller.
	onward, err := http.NewRequest(r.Method, p.service+r.URL.RequestURI(), bytes.NewReader(body))
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	onward.Header, onward.Host = r.Header.Clone(), r.Host // both are signed
	title := ""
	if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/asset/reproduction") {
		var request gen.DumpRequest
		if err := json.Unmarshal(body, &request); err != nil {
			panic(http.ErrAbortHandler)
		}
		title = request.Title
		p.mu.Lock()
		p.sent[title]++
		p.mu.Unlock()
	}
	got, err := do(onward)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if title != "" && got.status == http.StatusOK && p.loses(title) {
		panic(http.ErrAbortHandler)
	}
	for name, values := range got.header {
		w.Header()[name] = values
	}
	if p.hides >= hidesKeys {
		w.Header().Del("Vod-Idempotency")
	}
	if p.hides >= hidesSources {
		got.body = bytes.ReplaceAll(got.body, []byte(`"source_path"`), []byte(`"hidden"`))
		w.Header().Del("Content-Length")
	}
	w.WriteHeader(got.status)
	_, _ = w.Write(got.body) // the caller may have been killed
}

// seen returns how often each title was sent, and whose responses were cut, so far.
func (p *lossyProxy) seen() (sent map[string]int, cut map[string]bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return maps.Clone(p.sent), maps.Clone(p.cut)
}

func (p *lossyProxy) loses(title string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.random == nil || p.random.IntN(5) != 0 {
		return false
	}
	p.cut[title] = true
	return true
}
