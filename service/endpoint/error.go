package endpoint

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// MaxRetryAfter is the longest pause that an endpoint may ask for.
const MaxRetryAfter = 24 * time.Hour

// Error says why a call came to nothing.
type Error struct {
	// Status is the endpoint's response, 0 when it is not the reason.
	Status int
	// Temporary errors may go away. The others will not before somebody changes the endpoint, the configuration or what
	// is sent.
	Temporary bool
	// RetryAfter is the pause that the endpoint asked for, up to MaxRetryAfter; 0 when it did not.
	RetryAfter time.Duration
	// Reason is in plain words and shows no secret.
	Reason string
	// Err is the cause; may be nil.
	Err error
}

// Error returns the reason and the cause.
func (e *Error) Error() string {
	if e.Err == nil {
		return e.Reason
	}
	return e.Reason + ": " + e.Err.Error()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// refusal explains a response that is not 2xx.
func refusal(response *http.Response, now time.Time) error {
	status := response.StatusCode
	fault := &Error{Status: status, Reason: fmt.Sprintf("the endpoint responded with %d", status)}
	switch {
	case status == http.StatusRequestTimeout, status == http.StatusTooManyRequests, status >= 500:
		fault.Temporary = true
		fault.RetryAfter = retryAfter(response.Header.Get("Retry-After"), now)
	case status >= 300 && status < 400:
		fault.Reason += ", a redirect, which is not followed; set the URL to its target"
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		fault.Reason += "; check the secret that it shares with this service"
	case status == http.StatusNotFound, status == http.StatusMethodNotAllowed, status == http.StatusGone:
		fault.Reason += "; check the path of the URL"
	}
	return fault
}

// retryAfter reads the header's two forms, seconds and a date.
func retryAfter(value string, now time.Time) time.Duration {
	if seconds, err := strconv.ParseUint(value, 10, 31); err == nil {
		return min(time.Duration(seconds)*time.Second, MaxRetryAfter)
	}
	if at, err := http.ParseTime(value); err == nil {
		return min(max(at.Sub(now), 0), MaxRetryAfter)
	}
	return 0
}

// NoResponse words an error of net/http, from sending a request or from reading its response. It is the cause of ctx's end
// when ctx has ended, else a temporary *Error that repeats nothing of the URL and the response.
func NoResponse(ctx context.Context, reason string, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return &Error{Temporary: true, Reason: reason, Err: cause(err)}
}

// cause keeps of net/http's errors those that cannot hold secrets. Others may repeat what the endpoint sent, which may be
// what it was sent; and all come with the URL.
func cause(err error) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err
	}
	_, network := errors.AsType[net.Error](err)
	_, certificate := errors.AsType[*tls.CertificateVerificationError](err)
	if network || certificate || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, http.ErrSchemeMismatch) {
		return err
	}
	return errors.New("the exchange over HTTP failed")
}
