package client

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen/companions"
)

// ValidationError is a request that breaks the contract. Nothing was sent.
type ValidationError struct {
	// Op is the operation, such as "dump".
	Op string
	// Violations lists everything that is wrong with it, at least one.
	Violations contract.Violations
}

// Error lists every violation.
func (e *ValidationError) Error() string {
	return e.Op + ": not sent, the request breaks the contract: " + e.Violations.Error()
}

// Unwrap returns the violations, for errors.As.
func (e *ValidationError) Unwrap() error { return e.Violations }

// APIError is a refusal by the server, or by the gateway before it.
type APIError struct {
	// Op is the operation, such as "dump".
	Op string
	// Status is the HTTP status, 300 or above.
	Status int
	// Code is the server's error_code, such as VOD.10053; empty when the response had none, as from a proxy.
	Code contract.Code
	// Message is the server's error_msg, or the name of the status where there is none.
	Message string
	// RequestID names the request in the server's log; empty when the response has none.
	RequestID string
	// RetryAfter is how long the server asks to wait before the next try, zero to a day. HasRetryAfter reports whether it
	// asks at all.
	RetryAfter    time.Duration
	HasRetryAfter bool
	// Skew is how far the server's clock is ahead of this machine's, negative when it is behind. It is measured only
	// with status 401 and is good to a second or so; zero when the response had no Date.
	Skew time.Duration
	// Body is the beginning of a response that was not an error of the contract; empty otherwise. Credentials that the
	// server repeated are replaced, here and in Message.
	Body string
}

// Error returns code, message, status and request ID as one line.
func (e *APIError) Error() string {
	var b strings.Builder
	b.WriteString(e.Op + ": ")
	if e.Code != "" {
		b.WriteString(string(e.Code) + " ")
	}
	fmt.Fprintf(&b, "%s (HTTP %d", e.Message, e.Status)
	if e.RequestID != "" {
		b.WriteString(", request id " + e.RequestID)
	}
	b.WriteString(")")
	if e.Body != "" {
		fmt.Fprintf(&b, ": %q", e.Body)
	}
	return b.String()
}

// ResponseError is a response outside the contract: HTML with status 200, JSON that is cut off, an undocumented status, no
// asset ID. What the server did is not known from it.
type ResponseError struct {
	// Op is the operation, such as "dump".
	Op string
	// Status is the HTTP status.
	Status int
	// Reason is what is wrong with the response.
	Reason string
	// RequestID names the request in the server's log; empty when the response has none.
	RequestID string
	// Body is the beginning of the response, without credentials.
	Body string
}

// Error returns what is wrong with the response and how it begins.
func (e *ResponseError) Error() string {
	text := fmt.Sprintf("%s: the response (HTTP %d", e.Op, e.Status)
	if e.RequestID != "" {
		text += ", request id " + e.RequestID
	}
	text += ") breaks the contract: " + e.Reason
	if e.Body != "" {
		text += fmt.Sprintf(": %q", e.Body)
	}
	return text
}

// TransportError is a failure on this side or on the network, without a response.
type TransportError struct {
	// Op is the operation, such as "dump".
	Op string
	// Sent is how much of the request the server can have received.
	Sent Sent
	// Err is the cause.
	Err error
	// Unauthenticated reports that there were no credentials for the request, so that it was not sent: the Authenticator
	// failed, and Err is why.
	Unauthenticated bool
}

// Error returns how far the request came, and the cause.
func (e *TransportError) Error() string {
	where := "it is not known whether the request was sent"
	switch e.Sent {
	case SentNo:
		where = "not sent"
	case SentYes:
		where = "sent, but no response arrived"
	}
	return e.Op + ": " + where + ": " + e.Err.Error()
}

// Unwrap returns the cause.
func (e *TransportError) Unwrap() error { return e.Err }

// AmbiguousError is a dump that the server may have accepted, although no asset ID came back. Sending it again under
// another key can create, and bill, a second asset.
type AmbiguousError struct {
	// Op is the operation, "dump".
	Op string
	// IdempotencyKey is the key that every attempt carried. A server that honors keys returns the ID of the asset when
	// the same request is sent with WithIdempotencyKey(IdempotencyKey).
	IdempotencyKey string
	// KeyHonored reports whether the server has announced that it honors keys. The cloud does not.
	KeyHonored bool
	// Attempts counts the requests that were tried, at least 1.
	Attempts int
	// Err is how the last attempt ended: *TransportError, *APIError or *ResponseError.
	Err error
}

// Error returns that the outcome is unknown, and why.
func (e *AmbiguousError) Error() string {
	return fmt.Sprintf("%s: the outcome is not known, the asset may have been created (attempts: %d, Idempotency-Key %s): %v",
		e.Op, e.Attempts, e.IdempotencyKey, e.Err)
}

// Unwrap returns the error of the last attempt.
func (e *AmbiguousError) Unwrap() error { return e.Err }

// JobError is an asset that will not become ready.
type JobError struct {
	// AssetID is the asset.
	AssetID string
	// Status is where it ended, OBS_CREATE_FAILED for instance, or NO_ASSET when it does not exist.
	Status companions.AssetStatus
	// Reason is the server's explanation; empty when there is none.
	Reason string
}

// Error returns the status and the reason.
func (e *JobError) Error() string {
	text := fmt.Sprintf("asset %s ended as %s", e.AssetID, e.Status)
	if e.Reason != "" {
		text += ": " + e.Reason
	}
	return text
}

// Code returns the error code with which the server refused an operation, such as contract.CodeNoSuchAsset, also where
// err is an AmbiguousError; empty when there is none. Gateways spell some codes in two ways: compare the Code of
// contract.Lookup where that matters.
func Code(err error) contract.Code {
	if api, ok := errors.AsType[*APIError](err); ok {
		return api.Code
	}
	return ""
}

// Retryable reports whether the same operation may be tried again without a change: it had no effect, or does no harm when
// repeated, and may succeed later. It is false for an AmbiguousError, since the dump may have succeeded already, and for
// errors of other packages.
func Retryable(err error) bool {
	var ambiguous *AmbiguousError
	if errors.As(err, &ambiguous) {
		return false
	}
	var api *APIError
	if errors.As(err, &api) {
		return api.temporary()
	}
	var transport *TransportError
	return errors.As(err, &transport) && transport.temporary()
}

func (e *APIError) temporary() bool {
	switch e.Status {
	case http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusBadGateway,
		http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	p, ok := contract.Lookup(e.Code)
	return ok && p.Temporary
}

// temporary is false for failures that another attempt cannot cure: a certificate that does not match, a host name that
// does not exist, and an operation that was canceled.
func (e *TransportError) temporary() bool {
	var (
		certificate *tls.CertificateVerificationError
		record      tls.RecordHeaderError
		dns         *net.DNSError
		network     net.Error
	)
	switch {
	case errors.Is(e.Err, context.Canceled), errors.As(e.Err, &certificate), errors.As(e.Err, &record):
		return false
	case errors.As(e.Err, &dns) && dns.IsNotFound:
		return false
	case e.Unauthenticated:
		return errors.As(e.Err, &network)
	}
	return true
}

func statusName(status int) string {
	if name := http.StatusText(status); name != "" {
		return name
	}
	return "unknown status"
}
