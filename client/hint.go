package client

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"regexp"
	"time"

	"github.com/vod-reproduction/vod/contract"
)

// Hint returns the next step after an error of this package for a person to read, as one sentence without a final full
// stop; empty when there is nothing to say.
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
		return fmt.Sprintf("send the same request again with Idempotency-Key %s: the server then returns the ID of the asset that it has created, if any", e.IdempotencyKey)
	}
	return "look among the newest assets for the title before sending it again: this server does not recognize a repetition, and a second asset is billed"
}

func (e *ResponseError) hint() string {
	return notVOD
}

// notVOD is the next step after a response that no VOD service sends.
const notVOD = "check that the endpoint is a VOD service and that no proxy or login page responds in its place"

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
		return "check the endpoint: the server there redirects its clients"
	case e.Status == http.StatusNotFound:
		return "check the endpoint and its path"
	case e.temporary():
		return "try again later"
	case e.Code == "":
		return notVOD
	}
	return ""
}

func (e *TransportError) hint() string {
	var (
		unknown     x509.UnknownAuthorityError
		certificate *tls.CertificateVerificationError
		record      tls.RecordHeaderError
		dns         *net.DNSError
	)
	var dial *net.OpError
	switch {
	case errors.Is(e.Err, context.Canceled):
		return ""
	case errors.As(e.Err, &dial) && dial.Op == "proxyconnect":
		return "the proxy cannot be reached: check HTTPS_PROXY and HTTP_PROXY, or except the endpoint by NO_PROXY"
	case errors.As(e.Err, &record) && string(record.RecordHeader[:]) == "HTTP/":
		return "the server speaks plain HTTP: begin the endpoint with http://"
	case errors.As(e.Err, &unknown):
		return "the server's certificate is not trusted: check the endpoint and the proxy; trust that of a service of your own: on Linux by SSL_CERT_FILE, elsewhere in the system's settings"
	case errors.As(e.Err, &certificate):
		return "the server's certificate is not trusted: check the endpoint's host name, and the proxy if there is one"
	case errors.As(e.Err, &dns):
		return "check the endpoint's host name or the region, and this machine's name server"
	case e.Unauthenticated:
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
