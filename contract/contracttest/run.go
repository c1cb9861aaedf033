package contracttest

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/vod-reproduction/vod/contract"
)

// Target is a server to be put to the contract.
type Target struct {
	// Endpoint is the beginning of its URLs, such as https://vod.cn-north-4.myhuaweicloud.com.
	Endpoint string
	// Client sends requests that the server lets in: its Transport signs them or adds a token. Redirects are not followed
	// whatever its CheckRedirect says. http.DefaultClient when nil.
	Client *http.Client
	// Stranger sends requests as they are, to a server that asks for credentials. With nil the tests of missing and wrong
	// credentials are skipped.
	Stranger *http.Client
	// ProjectID is the project of Client's credentials.
	ProjectID string
	// Names are things that exist on the server.
	Names Names
	// Skip lists what the server does not check: names of rules (maxLength, hls-same-directory, source), of cases
	// (title/empty), or of probes of HTTP itself (http/too large).
	Skip []string
	// MaxBody is the size in bytes above which the server responds with 413; contract.MaxBodyBytes when 0, which is more than
	// a signing Client can send.
	MaxBody int
	// Timeout bounds each request; 30 seconds when 0.
	Timeout time.Duration
}

// Run sends the corpus to the server, and requests that are wrong whatever their body. Accepted requests must get a 200
// with an asset_id, refused ones with the status of the contract and a JSON body that names the field. Cases that need
// what the server does not have are skipped, visibly.
//
// Every accepted case makes an asset, which a cloud bills. The requests go out one after another, some six hundred of
// them, fewer than the cloud's limit for a minute.
func Run(t *testing.T, target Target) {
	t.Helper()
	if target.Timeout == 0 {
		target.Timeout = 30 * time.Second
	}
	if target.MaxBody == 0 {
		target.MaxBody = contract.MaxBodyBytes
	}
	for _, p := range probes(target) {
		t.Run(p.name, func(t *testing.T) {
			if p.skip != "" {
				t.Skip(p.skip)
			}
			ctx, cancel := context.WithTimeout(t.Context(), target.Timeout)
			defer cancel()
			if err := p.run(ctx); err != nil {
				t.Error(err)
			}
		})
	}
}

// probe is one request to the server.
type probe struct {
	name string
	skip string // why it is left out
	run  func(context.Context) error
}

func probes(target Target) []probe {
	var all []probe
	accepted := map[string]string{} // which case got an asset_id
	for _, c := range Cases(target.Names) {
		p := probe{name: c.Name, run: func(ctx context.Context) error { return target.judge(ctx, c, accepted) }}
		switch lacking := target.Names.lacks(c.Needs); {
		case lacking != 0:
			p.skip = "the server does not have " + lacking.String()
		case slices.Contains(target.Skip, c.Rule) || slices.Contains(target.Skip, c.Name):
			p.skip = "the target leaves it out"
		}
		all = append(all, p)
	}
	for _, p := range target.httpProbes() {
		if slices.Contains(target.Skip, p.name) {
			p.skip = "the target leaves it out"
		}
		all = append(all, p)
	}
	return all
}

// judge sends one case.
func (target Target) judge(ctx context.Context, c Case, accepted map[string]string) error {
	response, err := target.send(ctx, target.Client, request{body: c.Body})
	if err != nil {
		return err
	}
	if c.Accepted() && c.Needs&Imaginary != 0 && response.status != http.StatusOK {
		return response.refusesForItself()
	}
	if c.Accepted() {
		id, err := response.accepts()
		if err != nil {
			return err
		}
		return once(accepted, id, c.Name)
	}
	var code contract.Code
	if c.ServerOnly {
		code = c.Code
	}
	return response.refuses([]int{c.Status()}, code, c.Field)
}

// strange is a project that hardly anybody has.
func strange() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails: it ends the program instead
	return hex.EncodeToString(b[:])
}

// oversize is a valid body one byte above the limit.
func (target Target) oversize() []byte {
	body := (&corpus{names: target.Names}).body()
	return append(body, bytes.Repeat([]byte(" "), max(0, target.MaxBody+1-len(body)))...)
}

// HTTPProbes returns the names of the probes that Run adds to the corpus: what is wrong with a request whatever its body.
func HTTPProbes() []string {
	var names []string
	for _, p := range (Target{Names: Example, Stranger: http.DefaultClient}).httpProbes() {
		names = append(names, p.name)
	}
	return names
}
