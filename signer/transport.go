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

// MaxSignedBody is the largest body that the cloud takes with a signature, in bytes. A token knows no such limit.
const MaxSignedBody = 12 << 20

// ErrOtherOrigin is returned for a request that would carry the proof to another server than the first one.
var ErrOtherOrigin = errors.New("signer: credentials are not sent to another origin")

// Transport is an [http.RoundTripper] that proves every request, either by a signature or by a token. It works on a
// copy, so a retry or a second attempt through the same Transport is proved anew, with its own date.
//
// It serves one origin (scheme, host and port): that of the first request, unless Origin says which. A request to any
// other, such as one that follows a redirect, fails with [ErrOtherOrigin] before anything is sent.
//
// A Transport is safe for concurrent use and must not be copied or changed once it is in use.
type Transport struct {
	// Base sends the proved request; nil means http.DefaultTransport.
	Base http.RoundTripper
	// Signer signs the requests. Bodies are held in memory and may have up to MaxSignedBody bytes.
	Signer *Signer
	// Tokens gives X-Auth-Token, if Signer is nil. A token that the server answers with 401 is renewed, and the request
	// sent once more, if its body can be read again (http.Request.GetBody).
	Tokens TokenSource
	// Origin is the only server that gets the proof, such as "https://vod.cn-north-4.myhuaweicloud.com".
	Origin string
	// Now is the clock of the signatures; nil means time.Now.
	Now func() time.Time

	first atomic.Pointer[string]
}

// RoundTrip sends a proved copy of the request.
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := t.check(req); err != nil {
		closeBody(req)
		return nil, err
	}
	if t.Signer != nil {
		return t.signed(req)
	}
	return t.withToken(req)
}

func (t *Transport) check(req *http.Request) error {
	if (t.Signer == nil) == (t.Tokens == nil) {
		return errors.New("signer: a Transport needs either a Signer or Tokens")
	}
	origin := req.URL.Scheme + "://" + req.URL.Host
	allowed := strings.TrimSuffix(t.Origin, "/")
	if allowed == "" {
		t.first.CompareAndSwap(nil, &origin)
		allowed = *t.first.Load()
	}
	if !strings.EqualFold(origin, allowed) {
		return fmt.Errorf("%w: %s instead of %s", ErrOtherOrigin, origin, allowed)
	}
	return nil
}

func (t *Transport) signed(req *http.Request) (*http.Response, error) {
	body, err := readBody(req)
	if err != nil {
		return nil, err
	}
	attempt := req.Clone(req.Context())
	attempt.ContentLength = int64(len(body))
	attempt.TransferEncoding = nil
	attempt.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	attempt.Body, _ = attempt.GetBody()
	if len(body) == 0 {
		attempt.Body, attempt.GetBody = nil, nil
	}
	delete(attempt.Header, headerAuthToken)
	now := time.Now
	if t.Now != nil {
		now = t.Now
	}
	if err := t.Signer.Sign(attempt, body, now()); err != nil {
		return nil, err
	}
	return t.base().RoundTrip(attempt)
}

func (t *Transport) withToken(req *http.Request) (*http.Response, error) {
	token, err := t.Tokens.Token(req.Context(), "")
	if err != nil {
		closeBody(req)
		return nil, err
	}
	resp, err := t.base().RoundTrip(bearing(req, token))
	if err != nil || resp.StatusCode != http.StatusUnauthorized || !replayable(req) {
		return resp, err
	}
	renewed, err := t.Tokens.Token(req.Context(), token)
	if err == nil && renewed == token {
		return resp, nil // there is no other one
	}
	discard(resp)
	if err != nil {
		return nil, fmt.Errorf("signer: the server refused the token (401), and there is no new one: %w", err)
	}
	attempt := bearing(req, renewed)
	if req.GetBody != nil {
		if attempt.Body, err = req.GetBody(); err != nil {
			return nil, fmt.Errorf("signer: read the body again: %w", err)
		}
	}
	return t.base().RoundTrip(attempt)
}

func (t *Transport) base() http.RoundTripper {
	if t.Base != nil {
		return t.Base
	}
	return http.DefaultTransport
}

// bearing gives a copy of the request with the token as its only proof.
func bearing(req *http.Request, token string) *http.Request {
	attempt := req.Clone(req.Context())
	delete(attempt.Header, headerAuthorization)
	attempt.Header.Set(headerAuthToken, token)
	return attempt
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

// discard lets the connection be used again, unless the rest of the answer is long.
func discard(resp *http.Response) {
	_, _ = io.CopyN(io.Discard, resp.Body, 64<<10)
	_ = resp.Body.Close()
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
