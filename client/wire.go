package client

import (
	"context"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync"
	"time"
)

// Sent is how much of a request had left this machine when it failed.
type Sent int

const (
	// SentNo means that the server cannot have received the request: there was no connection to write it to.
	SentNo Sent = iota
	// SentMaybe means that a connection was there and had some of the request or none, or that the transport does not
	// report it.
	SentMaybe
	// SentYes means that the whole request was written to a connection.
	SentYes
)

// String returns "no", "maybe" or "yes".
func (s Sent) String() string {
	switch s {
	case SentNo:
		return "no"
	case SentYes:
		return "yes"
	default:
		return "maybe"
	}
}

// flight follows one attempt below the signer, where requests have their final form. It is the context of the attempt.
type flight struct {
	context.Context
	mu       sync.Mutex
	departed bool // the signer has let the request through
	requests int  // so far; a transport may go on reporting of one after its response
	asked    bool // the transport has looked for a connection
	sent     Sent
	headers  []http.Header         // of the requests that the transport got
	once     [1]http.Header        // room for headers, of which there are more after a 401 only
	trace    httptrace.ClientTrace // of the first request
}

type flightKey struct{}

// Value returns the flight itself to wire, and all else from the context below.
func (f *flight) Value(key any) any {
	if key == (flightKey{}) {
		return f
	}
	return f.Context.Value(key)
}

// set notes how much of the nth request was sent.
func (f *flight) set(n int, s Sent) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if n == f.requests && f.departed {
		f.sent = s
	}
}

// connecting notes that nothing is sent yet. The transport looks for another connection after one that may have had some.
func (f *flight) connecting(n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if n == f.requests && !f.asked {
		f.asked, f.sent = true, SentNo
	}
}

// turnedAway notes that the server took nothing for lack of valid credentials. The signer may go on to fetch a new token.
func (f *flight) turnedAway() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.departed, f.sent = false, SentNo
}

// failure describes an attempt without a response.
func (f *flight) failure(op string, err error) *TransportError {
	f.mu.Lock()
	defer f.mu.Unlock()
	return &TransportError{Op: op, Sent: f.sent, Err: err, Unauthenticated: !f.departed}
}

// hidden returns the credentials that went with the request, which must not show up in an error.
func (f *flight) hidden() (secrets []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, header := range f.headers {
		for name, values := range header {
			for _, v := range values {
				if !harmless[name] && len(v) >= shortestSecret {
					secrets = append(secrets, v)
				}
			}
		}
	}
	return secrets
}

// harmless are the headers that this package sets itself, and those that say when and what. Every other one is the
// Authenticator's, and may be a secret.
var harmless = map[string]bool{
	"Accept": true, "Accept-Encoding": true, "Content-Type": true, "User-Agent": true, "X-Project-Id": true, "X-Sdk-Date": true,
	headerKeyOnWire: true,
}

// shortestSecret is the length below which a value is no secret, and would only spoil the text that it happens to be in.
const shortestSecret = 6

// depart notes that a transport has the request. A transport that does not report to httptrace leaves it at maybe.
func (f *flight) depart(r *http.Request) *httptrace.ClientTrace {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.departed, f.asked, f.sent = true, false, SentMaybe
	f.requests++
	n, trace := f.requests, &f.trace
	if n > 1 {
		trace = new(httptrace.ClientTrace) // the transport may still read the first one
	}
	if f.headers == nil {
		f.headers = f.once[:0]
	}
	f.headers = append(f.headers, r.Header)
	*trace = httptrace.ClientTrace{
		GetConn: func(string) { f.connecting(n) },
		// From here on another goroutine may write at any moment, even after RoundTrip has returned an error.
		GotConn: func(httptrace.GotConnInfo) { f.set(n, SentMaybe) },
		WroteRequest: func(info httptrace.WroteRequestInfo) {
			if info.Err == nil {
				f.set(n, SentYes)
			}
		},
	}
	return trace
}

// wire is the last stop before the network, below the signer.
type wire struct{ base http.RoundTripper }

// RoundTrip sends r, whose headers are its own to change, once. net/http takes a header named Idempotency-Key as leave to
// send a POST a second time by itself when a kept connection breaks. The cloud ignores that header and would create a second
// asset, so the name is written in lower case, which means the same to every server and nothing to net/http.
func (w wire) RoundTrip(r *http.Request) (*http.Response, error) {
	f := r.Context().Value(flightKey{}).(*flight)
	if key, ok := r.Header[headerKey]; ok {
		delete(r.Header, headerKey)
		r.Header[headerKeyOnWire] = key
	}
	response, err := w.base.RoundTrip(r.WithContext(httptrace.WithClientTrace(r.Context(), f.depart(r))))
	if err == nil && response.StatusCode == http.StatusUnauthorized {
		f.turnedAway()
	}
	return response, err
}

const (
	headerKey       = "Idempotency-Key"
	headerKeyOnWire = "idempotency-key"
)

// NewTransport returns the transport that a Client uses when Config has none: HTTP/2 where the server offers it, proxy
// from the environment, enough idle connections for a bulk run, and a time limit on every step of connecting.
func NewTransport() *http.Transport {
	dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            dialer.DialContext,
		ForceAttemptHTTP2:      true,
		TLSHandshakeTimeout:    10 * time.Second,
		ExpectContinueTimeout:  time.Second,
		MaxIdleConns:           256,
		MaxIdleConnsPerHost:    64,
		IdleConnTimeout:        45 * time.Second, // below the 60 s after which gateways commonly close
		MaxResponseHeaderBytes: 256 << 10,
	}
}
