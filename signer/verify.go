package signer

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// DefaultMaxSkew is how far the cloud lets X-Sdk-Date be from its own clock.
const DefaultMaxSkew = 15 * time.Minute

// ErrUnknownAccessKey is what a Verifier's Lookup returns for an access key that does not exist.
var ErrUnknownAccessKey = errors.New("signer: access key not known")

// Verifier decides whether a request was signed by the holder of a secret key. It is safe for concurrent use and must
// not be changed once it is in use.
type Verifier struct {
	// Lookup returns the pair behind an access key, or an error that is [ErrUnknownAccessKey]. Any other error ends the
	// verification undecided. Required.
	Lookup func(ctx context.Context, accessKey string) (Credentials, error)
	// Now is the server's clock; nil means time.Now.
	Now func() time.Time
	// MaxSkew is how far X-Sdk-Date may be from Now, both ways; 0 means DefaultMaxSkew.
	MaxSkew time.Duration
	// AllowUnsignedPayload accepts UNSIGNED-PAYLOAD in X-Sdk-Content-Sha256: such a signature does not cover the body.
	AllowUnsignedPayload bool
}

// Identity is who signed a request.
type Identity struct {
	AccessKey string
}

// Check checks what can be judged before the body is read: the form of the credential, its date, and that its key
// exists. A request that passes may still be refused by Verify. Errors are those of Verify.
func (v *Verifier) Check(r *http.Request) error {
	claim, _, err := v.parse(r)
	if err != nil {
		return err
	}
	_, known, err := v.lookup(r.Context(), claim.accessKey)
	if err == nil && !known {
		err = refuse(ReasonUnknownKey, "ak %s not exist", claim.accessKey)
	}
	return err
}

// Verify checks the request's signature over itself and the body, which is what was received, byte for byte. The
// signed headers are those that the request names; X-Sdk-Date must be among them.
//
// A refusal is a *[VerifyError]. Any other error comes from Lookup, and says nothing about the signature.
func (v *Verifier) Verify(r *http.Request, body []byte) (Identity, error) {
	claim, date, err := v.parse(r)
	if err != nil {
		return Identity{}, err
	}
	c := canonicalizers.Get().(*canonicalizer)
	defer c.release()
	if err := c.received(r, body, claim.signedHeaders, v.AllowUnsignedPayload); err != nil {
		return Identity{}, err
	}
	credentials, known, err := v.lookup(r.Context(), claim.accessKey)
	if err != nil {
		return Identity{}, err
	}
	same := c.signed(credentials.SecretKey, date, claim.signature)
	if !same && c.repeats() {
		// The cloud's Java SDK signs the values of a name in the order in which it sends them. That covers no less.
		c.asSent = true
		if err := c.request(methodOf(r), r.URL); err != nil {
			return Identity{}, refuse(ReasonMalformed, "verify aksk signature fail, %v", err)
		}
		same = c.signed(credentials.SecretKey, date, claim.signature)
	}
	switch {
	case !known:
		return Identity{}, refuse(ReasonUnknownKey, "ak %s not exist", claim.accessKey)
	case !same:
		return Identity{}, c.mismatch(r)
	}
	if err := checkSecurityToken(r, claim.accessKey, credentials.SecurityToken); err != nil {
		return Identity{}, err
	}
	return Identity{AccessKey: claim.accessKey}, nil
}

// parse reads what can be judged without a key: the form of Authorization, and the date.
func (v *Verifier) parse(r *http.Request) (claim authorization, date string, err error) {
	lines := r.Header[headerAuthorization]
	switch {
	case len(lines) == 0:
		return claim, "", refuse(ReasonMissing, "Authorization not found: sign the request with %s", Algorithm)
	case len(lines) > 1:
		return claim, "", refuse(ReasonMalformed, "Authorization is specified more than once")
	}
	claim, err = parseAuthorization(lines[0])
	switch {
	case errors.Is(err, errAlgorithm):
		return claim, "", refuse(ReasonAlgorithm, "verify aksk signature fail, %v", err)
	case err != nil:
		return claim, "", refuse(ReasonMalformed, "verify aksk signature fail, Authorization cannot be read: %v", err)
	}
	date, err = v.checkDate(r, claim.signedHeaders)
	return claim, date, err
}

func (v *Verifier) checkDate(r *http.Request, signedHeaders string) (string, error) {
	values := r.Header[HeaderDate]
	if len(values) != 1 {
		return "", refuse(ReasonMalformed, "verify aksk signature fail, %s must be there once", HeaderDate)
	}
	if !names(signedHeaders, HeaderDate) {
		return "", refuse(ReasonMalformed, "verify aksk signature fail, x-sdk-date must be among SignedHeaders")
	}
	date, err := time.Parse(DateLayout, values[0])
	if err != nil || len(values[0]) != len(DateLayout) {
		return "", refuse(ReasonMalformed, "verify aksk signature fail, %s must look like %s", HeaderDate, DateLayout)
	}
	skew, now := v.MaxSkew, time.Now
	if skew == 0 {
		skew = DefaultMaxSkew
	}
	if v.Now != nil {
		now = v.Now
	}
	server := now().UTC()
	if date.Before(server.Add(-skew)) || date.After(server.Add(skew)) {
		return "", refuse(ReasonExpired, "calc aksk signature fail:signature expired, signature time:%s,server time:%s"+
			" (at most %s apart: set the clock, and sign every attempt anew)", values[0], server.Format(DateLayout), skew)
	}
	return values[0], nil
}

// lookup returns a pair even for an unknown key, so that both cases do the same work; no signature by it is accepted.
func (v *Verifier) lookup(ctx context.Context, accessKey string) (c Credentials, known bool, err error) {
	c, err = v.Lookup(ctx, accessKey)
	switch {
	case errors.Is(err, ErrUnknownAccessKey):
		return Credentials{SecretKey: "0000000000000000000000000000000000000000"}, false, nil
	case err != nil:
		return Credentials{}, false, fmt.Errorf("signer: look up the access key %s: %w", accessKey, err)
	case c.SecretKey == "":
		// Anyone could sign with an empty key.
		return Credentials{}, false, fmt.Errorf("signer: the access key %s has no secret key", accessKey)
	}
	return c, true, nil
}

// checkSecurityToken comes after the signature, so that only the holder of the pair learns what is wrong here.
func checkSecurityToken(r *http.Request, accessKey, want string) error {
	values := r.Header[headerSecurityToken]
	var got string
	if len(values) > 0 {
		got = values[0]
	}
	switch {
	case len(values) > 1:
		return refuse(ReasonSecurityToken, "verify aksk signature fail, %s is specified more than once", headerSecurityToken)
	case got == "" && want != "":
		return refuse(ReasonSecurityToken, "verify aksk signature fail, ak %s is temporary: send its %s",
			accessKey, headerSecurityToken)
	case got != "" && want == "":
		return refuse(ReasonSecurityToken, "verify aksk signature fail, ak %s is permanent: send no %s",
			accessKey, headerSecurityToken)
	case subtle.ConstantTimeCompare([]byte(got), []byte(want)) != 1:
		return refuse(ReasonSecurityToken, "verify aksk signature fail, %s does not belong to ak %s",
			headerSecurityToken, accessKey)
	}
	return nil
}

// received writes the canonical request of a request as it came in, with the headers that it says are signed.
func (c *canonicalizer) received(r *http.Request, body []byte, signedHeaders string, allowUnsigned bool) error {
	c.hashPayload(body)
	if err := c.declaredPayload(r.Header[headerPayload], allowUnsigned); err != nil {
		return refuse(ReasonPayload, "verify aksk signature fail, %v", err)
	}
	for name := range strings.SplitSeq(signedHeaders, ";") {
		var err error
		if name == "host" {
			err = c.add(name, r.Host)
		} else if values := c.header(r.Header, name); len(values) > 0 {
			err = c.add(name, values...)
		} else {
			err = fmt.Errorf("the signed header %s is not in the request", name)
		}
		if err != nil {
			return refuse(ReasonMalformed, "verify aksk signature fail, %v", err)
		}
	}
	if err := c.request(methodOf(r), r.URL); err != nil {
		return refuse(ReasonMalformed, "verify aksk signature fail, %v", err)
	}
	return nil
}

// signed reports whether a signature is that of c.text.
func (c *canonicalizer) signed(secretKey, date, signature string) bool {
	c.out = c.appendSignature(c.out[:0], hmac.New(sha256.New, []byte(secretKey)), date)
	return subtle.ConstantTimeCompare(c.out, []byte(signature)) == 1
}

// header finds a header by its lower-case name, as h.Values does, but without allocating the canonical name.
func (c *canonicalizer) header(h http.Header, name string) []string {
	key := append(c.message[:0], name...)
	for i := range key {
		if (i == 0 || key[i-1] == '-') && 'a' <= key[i] && key[i] <= 'z' {
			key[i] -= 'a' - 'A'
		}
	}
	c.message = key
	return h[string(key)]
}

// names reports whether a list of signed headers has the name.
func names(signedHeaders, name string) bool {
	for signed := range strings.SplitSeq(signedHeaders, ";") {
		if compareLower(signed, name) == 0 {
			return true
		}
	}
	return false
}
