package signer

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"time"
)

// MaxSignedBody is the largest body that the cloud accepts with a signature, in bytes. With a token there is no such
// limit.
const MaxSignedBody = 12 << 20

// ErrOtherOrigin is returned for a request that would carry the credentials to another server than the first one.
var ErrOtherOrigin = errors.New("signer: credentials are not sent to another origin")

// Transport is an [http.RoundTripper] that authenticates every request. It works on a copy, so a retry through the same
// Transport is authenticated anew, with its own date.
//
// It serves one origin (scheme, host and port): that of the first request, unless Origin says which. A request to any
// other, such as one that follows a redirect, fails with [ErrOtherOrigin] before anything is sent.
//
// A Transport is safe for concurrent use and must not be copied or changed once it is in use.
type Transport struct {
	// Base sends the authenticated request; nil means http.DefaultTransport.
	Base http.RoundTripper
	// Auth authenticates the requests; it is required. After a response with status 401 a [Renewer] is asked for other
	// credentials, and the request sent once more, if its body can be read again (http.Request.GetBody).
	Auth Authenticator
	// Origin is the only server that gets the credentials, such as "https://vod.cn-north-4.myhuaweicloud.com".
	Origin string
	// Now is the clock of the signatures; nil means time.Now.
	Now func() time.Time

	first atomic.Pointer[string]
}

// RoundTrip sends an authenticated copy of the request.
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	attempt := req.WithContext(req.Context())
	attempt.Header = req.Header.Clone()
	return t.Send(attempt, nil)
}

// Send is RoundTrip for a request that nobody else uses: the credentials go onto req itself. A body that is not nil must be
// what req.Body has; a [Signer] then need not read it, nor put it back.
func (t *Transport) Send(req *http.Request, body []byte) (*http.Response, error) {
	if err := t.check(req); err != nil {
		closeBody(req)
		return nil, err
	}
	if req.Header == nil {
		req.Header = http.Header{}
	}
	if err := t.authenticate(req, body); err != nil {
		closeBody(req)
		return nil, err
	}
	resp, err := t.base().RoundTrip(req)
	renewer, renews := t.Auth.(Renewer)
	if err != nil || resp.StatusCode != http.StatusUnauthorized || !renews || !replayable(req) {
		return resp, err
	}
	return t.again(req, renewer, resp)
}

func (t *Transport) authenticate(req *http.Request, body []byte) error {
	if s, ok := t.Auth.(*Signer); ok && body != nil && int64(len(body)) == req.ContentLength {
		return s.only(req, body, t.now())
	}
	return t.Auth.Authenticate(req, t.now())
}

// again sends the request once more, if there are other credentials than those on it, which were refused.
func (t *Transport) again(req *http.Request, renewer Renewer, refused *http.Response) (*http.Response, error) {
	attempt := req.WithContext(req.Context())
	attempt.Header = req.Header.Clone()
	if req.GetBody != nil {
		body, err := req.GetBody()
		if err != nil {
			discard(refused)
			return nil, fmt.Errorf("signer: read the body again: %w", err)
		}
		attempt.Body = body
	}
	renewed, err := renewer.Renew(attempt, t.now())
	if err == nil && !renewed {
		closeBody(attempt)
		return refused, nil
	}
	discard(refused)
	if err != nil {
		closeBody(attempt)
		return nil, fmt.Errorf("signer: the server refused the credentials (401), and there are no new ones: %w", err)
	}
	return t.base().RoundTrip(attempt)
}

func (t *Transport) check(req *http.Request) error {
	if t.Auth == nil {
		return errors.New("signer: a Transport needs an Authenticator")
	}
	allowed := strings.TrimSuffix(t.Origin, "/")
	if allowed == "" {
		first := t.first.Load()
		if first == nil {
			origin := req.URL.Scheme + "://" + req.URL.Host
			t.first.CompareAndSwap(nil, &origin)
			first = t.first.Load()
		}
		allowed = *first
	}
	scheme, host, _ := strings.Cut(allowed, "://")
	if !strings.EqualFold(req.URL.Scheme, scheme) || !strings.EqualFold(req.URL.Host, host) {
		return fmt.Errorf("%w: %s://%s instead of %s", ErrOtherOrigin, req.URL.Scheme, req.URL.Host, allowed)
	}
	return nil
}

func (t *Transport) now() time.Time {
	if t.Now != nil {
		return t.Now()
	}
	return time.Now()
}

func (t *Transport) base() http.RoundTripper {
	if t.Base != nil {
		return t.Base
	}
	return http.DefaultTransport
}

func replayable(req *http.Request) bool {
	return req.Body == nil || req.Body == http.NoBody || req.GetBody != nil
}

// closeBody is for a request that never reaches Base, which would close it.
func closeBody(req *http.Request) {
	if req.Body != nil {
		_ = req.Body.Close()
	}
}

// discard lets the connection be used again, unless the rest of the response is long.
func discard(resp *http.Response) {
	_, _ = io.CopyN(io.Discard, resp.Body, 64<<10)
	_ = resp.Body.Close()
}

// setBody puts body on req in a form that can be read again.
func setBody(req *http.Request, body []byte) {
	req.ContentLength, req.TransferEncoding = int64(len(body)), nil
	req.Body, req.GetBody = nil, nil
	if len(body) > 0 {
		req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
		req.Body, _ = req.GetBody()
	}
}

// readBody takes the whole body, which a signature covers, and closes it.
func readBody(req *http.Request) ([]byte, error) {
	if req.Body == nil || req.Body == http.NoBody {
		return nil, nil
	}
	defer closeBody(req)
	if req.ContentLength > MaxSignedBody {
		return nil, errBodyTooLarge
	}
	var b bytes.Buffer
	if req.ContentLength > 0 {
		b.Grow(int(req.ContentLength) + bytes.MinRead)
	}
	n, err := b.ReadFrom(io.LimitReader(req.Body, MaxSignedBody+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("signer: read the request's body: %w", err)
	case n > MaxSignedBody:
		return nil, errBodyTooLarge
	case req.ContentLength > 0 && n != req.ContentLength:
		return nil, fmt.Errorf("signer: the request's body has %d bytes, but ContentLength says %d", n, req.ContentLength)
	}
	return b.Bytes(), nil
}

var errBodyTooLarge = fmt.Errorf("signer: a signed body may have at most %d bytes: use a token for more", MaxSignedBody)
