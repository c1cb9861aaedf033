package signer

import (
	"fmt"
	"net/http"
	"strings"
)

// Reason sorts refusals for programs.
type Reason string

// Why a request is refused.
const (
	ReasonMissing       Reason = "missing"        // there is no Authorization
	ReasonMalformed     Reason = "malformed"      // the request or its Authorization cannot be read
	ReasonAlgorithm     Reason = "algorithm"      // another algorithm than SDK-HMAC-SHA256
	ReasonExpired       Reason = "expired"        // X-Sdk-Date is too far from the server's clock
	ReasonPayload       Reason = "payload"        // X-Sdk-Content-Sha256 does not fit the body or the policy
	ReasonUnknownKey    Reason = "unknown key"    // the access key does not exist
	ReasonSignature     Reason = "signature"      // the signature is not that of the request
	ReasonSecurityToken Reason = "security token" // X-Security-Token is not that of the access key
)

// VerifyError is a refusal.
type VerifyError struct {
	Reason Reason
	// Message says what differed, in the style of the cloud's gateway; it may be sent to them. It holds no
	// secret, and is at most a few kilobytes long.
	Message string
	// CanonicalRequest is what the server signed for comparison. It is there only when Reason is ReasonSignature, with
	// the values of secret headers replaced by ***.
	CanonicalRequest string
}

// Error returns the Message.
func (e *VerifyError) Error() string { return "signer: " + e.Message }

func refuse(reason Reason, format string, args ...any) error {
	return &VerifyError{Reason: reason, Message: strings.ToValidUTF8(fmt.Sprintf(format, args...), "?")}
}

// maxShown bounds how much of a canonical request goes back to a caller.
const maxShown = 4 << 10

// mismatch is the refusal of a wrong signature. The canonical request lets the signer's author find the difference.
func (c *canonicalizer) mismatch(r *http.Request) error {
	canonical, err := c.shown(r)
	if err != nil {
		return err
	}
	message := canonical
	if len(message) > maxShown {
		message = strings.ToValidUTF8(message[:maxShown], "") + "..."
	}
	return &VerifyError{
		Reason:           ReasonSignature,
		Message:          "verify aksk signature fail, canonicalRequest:" + strings.ReplaceAll(message, "\n", "|"),
		CanonicalRequest: canonical,
	}
}

// shown writes the canonical request once more, fit to be shown. It uses up c.fields.
func (c *canonicalizer) shown(r *http.Request) (string, error) {
	hideSecrets(c.fields)
	if err := c.request(methodOf(r), r.URL); err != nil {
		return "", fmt.Errorf("signer: write the canonical request again: %w", err)
	}
	return strings.ToValidUTF8(string(c.text), "?"), nil
}

// hideSecrets replaces values that would let whoever reads a log act for the caller.
func hideSecrets(fields []field) {
	for i, f := range fields {
		switch http.CanonicalHeaderKey(f.name) {
		case headerSecurityToken, headerAuthToken, headerAuthorization, "Cookie", "Proxy-Authorization", "X-Subject-Token":
			fields[i].value = "***"
		}
	}
}

// CanonicalRequest returns the text whose hash a signed request's signature covers, with the values of secret headers
// replaced by ***. It is what to compare with the server's when a signature is refused.
func CanonicalRequest(signed *http.Request, body []byte) (string, error) {
	var c canonicalizer
	if err := c.claim(signed.Header.Get(headerAuthorization)); err != nil {
		return "", fmt.Errorf("signer: Authorization cannot be read: %w", err)
	}
	received := *signed
	if received.Host == "" {
		received.Host = signed.URL.Host
	}
	if err := c.received(&received, body, "", true); err != nil {
		return "", err
	}
	return c.shown(&received)
}
