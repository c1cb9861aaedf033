package signer

import (
	"context"
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

	signed string // names of headers, separated by semicolons
}

// Covers reports whether the signature covers a header of some name, in either case of letters. Whoever has seen a request
// can send it again with another value of a header that is not covered, or with one more.
func (i Identity) Covers(name string) bool {
	for signed := range strings.SplitSeq(i.signed, ";") {
		if strings.EqualFold(signed, name) {
			return true
		}
	}
	return false
}

// Check checks what can be judged before the body is read: the form of the credential, its date, and that its key
// exists. A request that passes may still be refused by Verify. Errors are those of Verify.
func (v *Verifier) Check(r *http.Request) error {
	c := canonicalizers.Get().(*canonicalizer)
	defer c.release()
	if _, err := v.parse(c, r); err != nil {
		return err
	}
	_, known, err := v.lookup(r.Context(), c.claimed.accessKey)
	if err == nil && !known {
		err = refuse(ReasonUnknownKey, "ak %s not exist", c.claimed.accessKey)
	}
	return err
}

// Verify checks the request's signature over itself and the body, which is what was received, byte for byte. The
// signed headers are those that the request names; X-Sdk-Date must be among them.
//
// A refusal is a *[VerifyError]. Any other error comes from Lookup, and says nothing about the signature.
func (v *Verifier) Verify(r *http.Request, body []byte) (Identity, error) {
	c := canonicalizers.Get().(*canonicalizer)
	defer c.release()
	return v.verify(c, r, body)
}

func (v *Verifier) verify(c *canonicalizer, r *http.Request, body []byte) (Identity, error) {
	date, err := v.parse(c, r)
	if err != nil {
		return Identity{}, err
	}
	if err := c.received(r, body, date, v.AllowUnsignedPayload); err != nil {
		return Identity{}, err
	}
	credentials, known, err := v.lookup(r.Context(), c.claimed.accessKey)
	if err != nil {
		return Identity{}, err
	}
	same := c.signed(credentials.SecretKey, date)
	if !same && c.repeats() {
		// The cloud's Java SDK signs the values of a name in the order in which it sends them. That covers no less.
		c.asSent = true
		if err := c.request(methodOf(r), r.URL); err != nil {
			return Identity{}, refuse(ReasonMalformed, "verify aksk signature fail, %v", err)
		}
		same = c.signed(credentials.SecretKey, date)
	}
	switch {
	case !known:
		return Identity{}, refuse(ReasonUnknownKey, "ak %s not exist", c.claimed.accessKey)
	case !same:
		c.asSent = false // nearly every signer sorts
		return Identity{}, c.mismatch(r)
	}
	if err := checkSecurityToken(r, c.claimed.accessKey, credentials.SecurityToken); err != nil {
		return Identity{}, err
	}
	return Identity{AccessKey: c.claimed.accessKey, signed: c.claimed.signedHeaders}, nil
}

// parse reads what can be judged without a key: Authorization into c.claimed, and the date.
func (v *Verifier) parse(c *canonicalizer, r *http.Request) (date string, err error) {
	lines := r.Header[headerAuthorization]
	switch {
	case len(lines) == 0:
		return "", refuse(ReasonMissing, "Authorization not found: sign the request with %s", Algorithm)
	case len(lines) > 1:
		return "", refuse(ReasonMalformed, "Authorization is specified more than once")
	}
	switch err := c.claim(lines[0]); {
	case errors.Is(err, errAlgorithm):
		return "", refuse(ReasonAlgorithm, "verify aksk signature fail, %v", err)
	case err != nil:
		return "", refuse(ReasonMalformed, "verify aksk signature fail, Authorization cannot be read: %v", err)
	}
	return v.checkDate(c, r)
}

func (v *Verifier) checkDate(c *canonicalizer, r *http.Request) (string, error) {
	values := r.Header[HeaderDate]
	if len(values) != 1 {
		return "", refuse(ReasonMalformed, "verify aksk signature fail, %s must be there once", HeaderDate)
	}
	if !c.claimed.dated {
		return "", refuse(ReasonMalformed, "verify aksk signature fail, x-sdk-date must be among SignedHeaders")
	}
	date, ok := c.timeOf(values[0])
	if !ok {
		return "", refuse(ReasonMalformed, "verify aksk signature fail, %s must look like %s", HeaderDate, DateLayout)
	}
	skew, now := v.MaxSkew, time.Now
	if skew == 0 {
		skew = DefaultMaxSkew
	}
	if v.Now != nil {
		now = v.Now
	}
	server := now()
	if server.Sub(date).Abs() > skew {
		return "", refuse(ReasonExpired, "calc aksk signature fail:signature expired, signature time:%s,server time:%s"+
			" (at most %s apart: set the clock, and sign every attempt anew)", values[0], server.UTC().Format(DateLayout), skew)
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

// received writes the canonical request of a request as it came in, with the headers of c.claimed. The date is the value of
// X-Sdk-Date if that has been read already.
func (c *canonicalizer) received(r *http.Request, body []byte, date string, allowUnsigned bool) error {
	c.hashPayload(body)
	if err := c.declaredPayload(r.Header[headerPayload], allowUnsigned); err != nil {
		return refuse(ReasonPayload, "verify aksk signature fail, %v", err)
	}
	c.listed = c.claimed.signedHeaders
	for i, name := range c.claimed.names {
		var err error
		if key := c.claimed.keys[i]; key == "Host" {
			err = c.addSeen(&c.claimed.seen[i], name, r.Host)
		} else if key == HeaderDate && date != "" {
			c.fields = append(c.fields, field{name, date})
		} else if values := r.Header[key]; len(values) == 1 {
			err = c.addSeen(&c.claimed.seen[i], name, values[0])
		} else if len(values) > 1 {
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

// signed reports whether the signature of c.claimed is that of c.text.
func (c *canonicalizer) signed(secretKey, date string) bool {
	return subtle.ConstantTimeCompare(c.signature(secretKey, date)[:], c.claimedSignature[:]) == 1
}
