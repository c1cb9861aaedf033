package client

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen/companions"
)

// ValidationError is a call that breaks the contract. Nothing was sent.
type ValidationError struct {
	// Op is the call, such as "dump".
	Op string
	// Violations lists everything that is wrong with it, at least one.
	Violations contract.Violations
}

// Error lists every violation.
func (e *ValidationError) Error() string {
	return e.Op + ": not sent, the request breaks the contract: " + e.Violations.Error()
}

// Unwrap gives the violations, for errors.As.
func (e *ValidationError) Unwrap() error { return e.Violations }

// APIError is a refusal by the server, or by the gateway before it.
type APIError struct {
	// Op is the call, such as "dump".
	Op string
	// Status is the HTTP status, 300 or above.
	Status int
	// Code is the server's error_code, such as VOD.10053; empty when the answer had none, as from a proxy.
	Code contract.Code
	// Message is the server's error_msg, or the name of the status where there is none.
	Message string
	// RequestID names the exchange in the server's log; empty when the answer did not tell it.
	RequestID string
	// RetryAfter is how long the server asks to wait before the next try, zero to a day. HasRetryAfter tells whether it
	// asks at all.
	RetryAfter    time.Duration
	HasRetryAfter bool
	// Skew is how far the server's clock is ahead of this machine's, negative when it is behind. It is measured only
	// with status 401 and is good to a second or so; zero when the answer had no Date.
	Skew time.Duration
	// Body is the beginning of an answer that was not an error of the contract; empty otherwise. Credentials that the
	// server repeated are replaced, here and in Message.
	Body string
}

// Error tells code, message, status and request ID.
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

// AnswerError is an answer outside the contract: HTML with status 200, JSON that is cut off, an undocumented status, no
// asset ID. What the server did is not known from it.
type AnswerError struct {
	// Op is the call, such as "dump".
	Op string
	// Status is the HTTP status.
	Status int
	// Reason says what is wrong with the answer.
	Reason string
	// RequestID names the exchange in the server's log; empty when the answer did not tell it.
	RequestID string
	// Body is the beginning of the answer, without credentials.
	Body string
}

// Error tells what is wrong with the answer and how it begins.
func (e *AnswerError) Error() string {
	text := fmt.Sprintf("%s: the answer (HTTP %d", e.Op, e.Status)
	if e.RequestID != "" {
		text += ", request id " + e.RequestID
	}
	text += ") is not what the contract promises: " + e.Reason
	if e.Body != "" {
		text += fmt.Sprintf(": %q", e.Body)
	}
	return text
}

// TransportError is a failure on this side or on the way, without an answer.
type TransportError struct {
	// Op is the call, such as "dump".
	Op string
	// Sent tells whether the server can have got the request.
	Sent Sent
	// Err is the cause.
	Err error
	// unauthenticated is set when the request had no signature or token yet.
	unauthenticated bool
}

// Error tells how far the request came, and the cause.
func (e *TransportError) Error() string {
	where := "it is not known whether the request was sent"
	switch e.Sent {
	case SentNo:
		where = "not sent"
	case SentYes:
		where = "sent, but the answer did not arrive"
	}
	return e.Op + ": " + where + ": " + e.Err.Error()
}

// Unwrap gives the cause.
func (e *TransportError) Unwrap() error { return e.Err }

// AmbiguousError is a dump that the server may have accepted, although no asset ID came back. Sending it again under
// another key can create, and bill, a second asset.
type AmbiguousError struct {
	// Op is the call, "dump".
	Op string
	// IdempotencyKey is the key that every attempt carried. A server that honors keys gives the ID of the asset when
	// the same request is sent with WithIdempotencyKey(IdempotencyKey).
	IdempotencyKey string
	// KeyHonored tells whether the server has said that it honors keys. The cloud does not.
	KeyHonored bool
	// Attempts counts the requests that were tried, at least 1.
	Attempts int
	// Err is how the last attempt ended: *TransportError, *APIError or *AnswerError.
	Err error
}

// Error tells that the outcome is open, and why.
func (e *AmbiguousError) Error() string {
	return fmt.Sprintf("%s: the outcome is not known, the asset may have been created (attempts: %d, Idempotency-Key %s): %v",
		e.Op, e.Attempts, e.IdempotencyKey, e.Err)
}

// Unwrap gives the error of the last attempt.
func (e *AmbiguousError) Unwrap() error { return e.Err }

// JobError is an asset that will not become ready.
type JobError struct {
	// AssetID is the asset.
	AssetID string
	// Status is where it ended, OBS_CREATE_FAILED for instance, or NO_ASSET when it does not exist.
	Status companions.AssetStatus
	// Reason is what the server says about it; empty when it says nothing.
	Reason string
}

// Error tells the status and the reason.
func (e *JobError) Error() string {
	text := fmt.Sprintf("asset %s ended as %s", e.AssetID, e.Status)
	if e.Reason != "" {
		text += ": " + e.Reason
	}
	return text
}

func statusName(status int) string {
	if name := http.StatusText(status); name != "" {
		return name
	}
	return "unknown status"
}
