// Package callback tells a tenant's endpoint what became of an asset, in the way the cloud notifies over HTTP.
//
// A notification is a POST of {"message": "..."}, where message is JSON once more, as text:
//
//	{"event_type": "createComplete", "event_id": "...", "create_info": {"asset_id": "...", "status": "SUCCEED", ...}}
//
// The part behind event_id is named transcode_info, thumbnail_info and review_info for the other types. event_id is an
// addition to what the cloud sends: it stays the same when a notification is sent again, so that a receiver can drop
// what it has seen. Receivers answer with any status 2xx.
//
// The header auth_timestamp holds the time of sending and auth_sign the HMAC-SHA256 of "VOD_{timestamp}_{message}" under
// the key that both sides know, where message is the text above without the escapes of the outer JSON. Receivers check
// it with [Verify]; the package's example is a whole receiver. An nginx in front of one drops both headers unless it is
// told underscores_in_headers on.
//
// The cloud's text leaves two questions open. How auth_sign is written: its Java sample prints lower-case hexadecimal
// digits, so that is sent. In which unit auth_timestamp counts: milliseconds are sent, as Java programs have them; the
// signature holds for either.
package callback

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// DefaultTimeout is the time that one try may take unless Config says otherwise.
const DefaultTimeout = 10 * time.Second

const maxHeader = 64 << 10 // bytes of an answer's header

// Config says where notifications go. Printing it does not show its secrets, among which the URL's path and query count.
type Config struct {
	// URL is the receiver: http:// or https://, without user and password. Only the operator may set it, since the
	// service will call any address that it names.
	URL string
	// Key signs the notifications. It must not be empty.
	Key string
	// Transport carries the requests; nil means one with the limits of http.DefaultTransport. Redirects are not followed
	// whatever it is.
	Transport http.RoundTripper
	// Timeout bounds one try, from connecting to the last byte of the answer. Zero means DefaultTimeout.
	Timeout time.Duration
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// String tells the receiver's host only.
func (c Config) String() string {
	if u, err := url.Parse(c.URL); err == nil && u.Host != "" {
		return "notifications to " + u.Scheme + "://" + u.Host
	}
	return "notifications"
}

// GoString is String, for %#v.
func (c Config) GoString() string { return c.String() }

// LogValue is String, for log/slog.
func (c Config) LogValue() slog.Value { return slog.StringValue(c.String()) }

// Sender sends notifications to one receiver. It is safe for concurrent use.
type Sender struct {
	config Config
	client *http.Client
}

// New checks c and sends nothing yet.
func New(c Config) (*Sender, error) {
	u, err := url.Parse(c.URL)
	switch {
	case err != nil, u.Scheme != "http" && u.Scheme != "https", u.Hostname() == "":
		return nil, errors.New("callback: the URL must begin with http:// or https:// and a host")
	case u.User != nil:
		return nil, errors.New("callback: the URL must not hold a user or password; the signature says who sends")
	case u.Fragment != "":
		return nil, errors.New("callback: the URL must not have a fragment, which is never sent")
	case c.Key == "":
		return nil, errors.New("callback: the key is missing")
	case c.Timeout < 0:
		return nil, errors.New("callback: the timeout must not be negative")
	}
	if c.Timeout == 0 {
		c.Timeout = DefaultTimeout
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Transport == nil {
		transport := http.DefaultTransport.(*http.Transport).Clone()
		transport.MaxResponseHeaderBytes = maxHeader
		c.Transport = transport
	}
	return &Sender{config: c, client: &http.Client{
		Transport:     c.Transport,
		Timeout:       c.Timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// String tells the receiver's host only.
func (s *Sender) String() string { return s.config.String() }

// CloseIdleConnections closes the connections that are kept for later notifications. The Sender stays usable.
func (s *Sender) CloseIdleConnections() { s.client.CloseIdleConnections() }

// Send tries once to deliver event. The error is an *Error, which says whether another try may help, or wraps that of
// ctx when ctx ended first. The receiver may have taken the event in spite of a temporary error.
func (s *Sender) Send(ctx context.Context, event Event) error {
	message, err := event.message()
	if err != nil {
		return &Error{Reason: "the event cannot be sent", Err: err}
	}
	body, err := json.Marshal(struct {
		Message string `json:"message"`
	}{message})
	if err != nil {
		return &Error{Reason: "the event cannot be written", Err: err}
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.config.URL, bytes.NewReader(body))
	if err != nil {
		return &Error{Reason: "the request cannot be made", Err: hideURL(err)}
	}
	timestamp := strconv.FormatInt(s.config.Now().UnixMilli(), 10)
	request.Header.Set("Content-Type", "application/json; charset=utf-8")
	request.Header.Set("User-Agent", "vod")
	request.Header.Set(HeaderTimestamp, timestamp)
	request.Header.Set(HeaderSign, sign(s.config.Key, timestamp, message))

	answer, err := s.client.Do(request)
	if err != nil {
		if ctx.Err() != nil {
			return fmt.Errorf("callback: %w", context.Cause(ctx))
		}
		return &Error{Temporary: true, Reason: "the receiver did not answer", Err: hideURL(err)}
	}
	defer func() { _ = answer.Body.Close() }()
	// Only the beginning is of use; the status counts even when the rest is missing.
	text, _ := io.ReadAll(io.LimitReader(answer.Body, maxText))
	return judge(answer, text, s.config.Now())
}

// hideURL takes out the URL that net/http puts before every error: its path or query may hold a token.
func hideURL(err error) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		return wrapped.Err
	}
	return err
}
