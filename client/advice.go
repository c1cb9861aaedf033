package client

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"regexp"
	"time"

	"github.com/vod-reproduction/vod/contract"
)

// Category sorts errors by what a program does about them.
type Category string

// The categories of errors.
const (
	CategoryInvalid     Category = "invalid"     // the request is wrong; see ValidationError and the message
	CategoryCredentials Category = "credentials" // missing, wrong or expired credentials, or a wrong clock
	CategoryForbidden   Category = "forbidden"   // the caller is known but may not
	CategoryNotFound    Category = "not-found"   // something the request names does not exist
	CategoryThrottled   Category = "throttled"   // too many calls
	CategoryServer      Category = "server"      // the server failed or answers nonsense
	CategoryNetwork     Category = "network"     // the server was not reached, or did not answer in time
	CategoryAmbiguous   Category = "ambiguous"   // a dump whose outcome is not known
	CategoryFailed      Category = "failed"      // the asset failed
	CategoryCanceled    Category = "canceled"    // the caller stopped the call
	CategoryOther       Category = "other"       // not an error of this package
)

// CategoryOf sorts an error of this package. It goes by the error code before the HTTP status, because the cloud sends
// most codes with 403.
func CategoryOf(err error) Category {
	var (
		validation *ValidationError
		ambiguous  *AmbiguousError
		job        *JobError
		answer     *AnswerError
		api        *APIError
		transport  *TransportError
	)
	switch {
	case errors.As(err, &validation):
		return CategoryInvalid
	case errors.As(err, &ambiguous):
		return CategoryAmbiguous
	case errors.As(err, &job):
		return CategoryFailed
	case errors.Is(err, context.Canceled):
		return CategoryCanceled
	case errors.As(err, &answer):
		return CategoryServer
	case errors.As(err, &api):
		return api.category()
	case errors.As(err, &transport):
		if transport.unauthenticated {
			return CategoryCredentials
		}
		return CategoryNetwork
	}
	return CategoryOther
}

func (e *APIError) category() Category {
	status := e.Status
	if p, ok := contract.Lookup(e.Code); ok {
		status = p.Status
	}
	switch {
	case status == http.StatusUnauthorized, e.Code == contract.CodeIdentityFailed:
		return CategoryCredentials
	case status == http.StatusForbidden:
		return CategoryForbidden
	case status == http.StatusNotFound:
		return CategoryNotFound
	case status == http.StatusTooManyRequests:
		return CategoryThrottled
	case status >= 400 && status < 500:
		return CategoryInvalid
	}
	return CategoryServer
}

// Temporary reports whether the same call can succeed later without a change. It is false for an AmbiguousError: the
// call may have succeeded already.
func Temporary(err error) bool {
	var ambiguous *AmbiguousError
	if errors.As(err, &ambiguous) {
		return false
	}
	var api *APIError
	if errors.As(err, &api) {
		return api.Temporary()
	}
	var transport *TransportError
	return errors.As(err, &transport) && transport.Temporary()
}

// Temporary reports whether the same call can succeed later without a change.
func (e *APIError) Temporary() bool {
	switch e.Status {
	case http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusBadGateway,
		http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	p, ok := contract.Lookup(e.Code)
	return ok && p.Temporary
}

// Temporary reports whether the same call can succeed later without a change. Failures that another try cannot cure are
// a certificate that does not fit, a host name that does not exist, and a call that was stopped.
func (e *TransportError) Temporary() bool {
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
	case e.unauthenticated:
		return errors.As(e.Err, &network)
	}
	return true
}

// Hint gives the next step after an error of this package, as one sentence without a final full stop; empty when there
// is nothing to say.
func Hint(err error) string {
	var hinter interface{ hint() string }
	if errors.As(err, &hinter) {
		return hinter.hint()
	}
	return ""
}

func (e *ValidationError) hint() string {
	return "correct the named fields; nothing was sent"
}

func (e *AmbiguousError) hint() string {
	if e.KeyHonored {
		return fmt.Sprintf("send the same request again with Idempotency-Key %s: the server then gives the asset it has made, if any", e.IdempotencyKey)
	}
	return "look among the newest assets for the title before sending it again: this server does not recognize a repetition, and a second asset is billed"
}

func (e *AnswerError) hint() string {
	return "check that the endpoint is a VOD service and that no proxy or login page answers in its place"
}

// clockTolerance is how far clocks may be apart before it is worth a word; 15 minutes is the limit of a signature.
const clockTolerance = 5 * time.Minute

func (e *APIError) hint() string {
	if e.Skew > clockTolerance || e.Skew < -clockTolerance {
		way := "behind"
		if e.Skew < 0 {
			way = "ahead of"
		}
		return fmt.Sprintf("set this machine's clock: it is %s %s the server's, and a signature is good for 15 minutes only", e.Skew.Abs(), way)
	}
	if p, ok := contract.Lookup(e.Code); ok {
		return p.Advice
	}
	switch {
	case e.Status < 400:
		return "check the endpoint: what answers there sends callers elsewhere"
	case e.Status == http.StatusNotFound:
		return "check the endpoint and its path"
	case e.Temporary():
		return "try again later"
	}
	return ""
}

func (e *TransportError) hint() string {
	var (
		certificate *tls.CertificateVerificationError
		record      tls.RecordHeaderError
		dns         *net.DNSError
	)
	switch {
	case errors.Is(e.Err, context.Canceled):
		return ""
	case errors.As(e.Err, &record) && string(record.RecordHeader[:]) == "HTTP/":
		return "the server speaks plain HTTP: begin the endpoint with http://"
	case errors.As(e.Err, &certificate):
		return "the server's certificate is not trusted: check the endpoint's host name, and the proxy if there is one"
	case errors.As(e.Err, &dns):
		return "check the endpoint's host name or the region, and this machine's name server"
	case e.unauthenticated:
		return "check the credentials"
	case isTimeout(e.Err):
		return "check the network, or allow more time"
	}
	return "check the endpoint, the network and HTTPS_PROXY"
}

var codePattern = regexp.MustCompile(`\b(?:VOD|APIGW|APIG)\.[0-9]{4,9}\b`)

func (e *JobError) hint() string {
	if p, ok := contract.Lookup(contract.Code(codePattern.FindString(e.Reason))); ok {
		return p.Advice
	}
	return ""
}
