// Package endpoint calls HTTP endpoints that the operator chose, such as a receiver of notifications: one POST of bounded
// time and size a call. Its errors say whether another try may help. They repeat nothing that the endpoint said, since it
// was told secrets, and nothing of its URL but the host.
package endpoint

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"time"
)

const (
	maxHeader  = 64 << 10 // bytes of a response's header
	maxIgnored = 4 << 10  // bytes of a response that are read for nothing, to keep its connection
)

// Config says which endpoint to call and how. Printing it shows the URL's host only.
type Config struct {
	// URL begins with http:// or https:// and has neither user nor password. Its path and query may hold a secret. Only
	// the operator may set it, since the service will call any address that it names.
	URL string
	// Transport carries the requests; nil means one with the limits of http.DefaultTransport. Redirects are not followed
	// whatever it is.
	Transport http.RoundTripper
	// Timeout bounds one call, from connecting to the last byte of the response. Zero is what the package that makes the
	// calls says.
	Timeout time.Duration
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// String returns the URL's scheme and host.
func (c Config) String() string {
	if u, err := url.Parse(c.URL); err == nil && u.Host != "" {
		return u.Scheme + "://" + u.Host
	}
	return "no endpoint"
}

// GoString is String, for %#v.
func (c Config) GoString() string { return c.String() }

// LogValue is String, for log/slog.
func (c Config) LogValue() slog.Value { return slog.StringValue(c.String()) }

// Endpoint is one that can be called. It is safe for concurrent use.
type Endpoint struct {
	config Config
	client *http.Client
}

// New checks c and calls nothing yet. Where c has no timeout, it is the one given.
func New(c Config, timeout time.Duration) (*Endpoint, error) {
	u, err := url.Parse(c.URL)
	switch {
	case err != nil, u.Scheme != "http" && u.Scheme != "https", u.Hostname() == "":
		return nil, errors.New("the URL must begin with http:// or https:// and a host")
	case u.User != nil:
		return nil, errors.New("the URL must not hold a user or password")
	case u.Fragment != "":
		return nil, errors.New("the URL must not have a fragment, which is never sent")
	case c.Timeout < 0:
		return nil, errors.New("the timeout must not be negative")
	}
	if c.Timeout == 0 {
		c.Timeout = timeout
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Transport == nil {
		transport := http.DefaultTransport.(*http.Transport).Clone()
		transport.MaxResponseHeaderBytes = maxHeader
		c.Transport = transport
	}
	return &Endpoint{config: c, client: &http.Client{
		Transport:     c.Transport,
		Timeout:       c.Timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// String returns the URL's scheme and host.
func (e *Endpoint) String() string { return e.config.String() }

// Now is the time by the endpoint's clock.
func (e *Endpoint) Now() time.Time { return e.config.Now() }

// CloseIdleConnections closes the connections that are kept for later calls. The Endpoint stays usable.
func (e *Endpoint) CloseIdleConnections() { e.client.CloseIdleConnections() }

// Post sends body once, under header and a User-Agent, and returns the body of a 2xx response: up to limit bytes, more are an
// error. With a limit of 0 the status alone counts, and there is no body. The error is an *Error, or wraps the cause of
// ctx's end when ctx ended first. The endpoint may have done its work in spite of a temporary error.
func (e *Endpoint) Post(ctx context.Context, header http.Header, body []byte, limit int64) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, e.config.URL, bytes.NewReader(body))
	if err != nil {
		return nil, &Error{Reason: "the request cannot be made", Err: cause(err)}
	}
	request.Header = header.Clone()
	request.Header.Set("User-Agent", "vod")
	response, err := e.client.Do(request)
	if err != nil {
		return nil, NoResponse(ctx, "the endpoint did not respond", err)
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode < 200 || response.StatusCode > 299 {
		return nil, refusal(response, e.config.Now())
	}
	if limit == 0 {
		_, _ = io.CopyN(io.Discard, response.Body, maxIgnored)
		return nil, nil
	}
	text, err := io.ReadAll(io.LimitReader(response.Body, limit+1))
	switch {
	case err != nil:
		return nil, NoResponse(ctx, fmt.Sprintf("the response was truncated after %d bytes", len(text)), err)
	case int64(len(text)) > limit:
		return nil, &Error{Status: response.StatusCode, Reason: fmt.Sprintf("the response is larger than %d bytes", limit)}
	}
	return text, nil
}
