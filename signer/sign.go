package signer

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Signer signs requests with one key pair. It is safe for concurrent use.
type Signer struct{ credentials Credentials }

// New returns a signer, or an error that says what is wrong with the key pair without repeating it.
func New(c Credentials) (*Signer, error) {
	if err := c.check(); err != nil {
		return nil, fmt.Errorf("signer: %w", err)
	}
	return &Signer{credentials: c}, nil
}

// Sign signs one request with a pair; [New] and [Signer.Sign] do the same for many.
func Sign(req *http.Request, body []byte, c Credentials, now time.Time) error {
	s, err := New(c)
	if err != nil {
		return err
	}
	return s.Sign(req, body, now)
}

// Sign sets X-Sdk-Date, X-Security-Token (for a temporary pair) and Authorization on the request, in place of those
// that it has. The body is the one that will be sent, byte for byte; req.Body is not touched.
//
// The signature covers Host and every header that the request has by then, but for those that HTTP or a proxy may
// change on the way, such as User-Agent. A header X-Sdk-Content-Sha256 may say UNSIGNED-PAYLOAD, or the body's hash.
// On an error the request is left as it was.
func (s *Signer) Sign(req *http.Request, body []byte, now time.Time) error {
	c := canonicalizers.Get().(*canonicalizer)
	defer c.release()
	return s.sign(c, req, body, now)
}

func (s *Signer) sign(c *canonicalizer, req *http.Request, body []byte, now time.Time) error {
	date := c.dateOf(now)
	authorization, err := s.authorize(c, req, body, date)
	if err != nil {
		return fmt.Errorf("signer: %s %s cannot be signed: %w", req.Method, req.URL.Path, err)
	}
	if req.Header == nil {
		req.Header = http.Header{}
	}
	values := []string{date, string(authorization), s.credentials.SecurityToken} // one allocation for all of them
	req.Header[HeaderDate] = values[0:1:1]
	req.Header[headerAuthorization] = values[1:2:2]
	if s.credentials.SecurityToken == "" {
		delete(req.Header, headerSecurityToken)
	} else {
		req.Header[headerSecurityToken] = values[2:3:3]
	}
	return nil
}

// Format hides the keys, which fmt would otherwise find in the fields.
func (s *Signer) Format(f fmt.State, verb rune) { s.credentials.Format(f, verb) }

// authorize returns the value of Authorization. It stays in c's buffer.
func (s *Signer) authorize(c *canonicalizer, req *http.Request, body []byte, date string) ([]byte, error) {
	host, err := c.hostOf(req)
	if err != nil {
		return nil, err
	}
	c.fields = append(c.fields, field{"host", host}, field{"x-sdk-date", date})
	if s.credentials.SecurityToken != "" {
		c.fields = append(c.fields, field{"x-security-token", s.credentials.SecurityToken})
	}
	for name, values := range req.Header {
		h, err := c.headerOf(name)
		if err != nil {
			return nil, err
		}
		if !h.signed {
			continue
		}
		if err := c.add(h.name, values...); err != nil {
			return nil, err
		}
	}
	c.hashPayload(body)
	if err := c.declaredPayload(req.Header[headerPayload], true); err != nil {
		return nil, err
	}
	if err := c.request(methodOf(req), req.URL); err != nil {
		return nil, err
	}
	return s.writeAuthorization(c, date), nil
}

// writeAuthorization writes the value of Authorization for the canonical request in c.text.
func (s *Signer) writeAuthorization(c *canonicalizer, date string) []byte {
	out := append(c.out[:0], Algorithm+" Access="...)
	out = append(out, s.credentials.AccessKey...)
	out = append(out, ", SignedHeaders="...)
	out = append(out, c.names...)
	out = append(out, ", Signature="...)
	c.out = appendHex(out, c.signature(s.credentials.SecretKey, date))
	return c.out
}

// declaredPayload holds X-Sdk-Content-Sha256 against the hash that hashPayload wrote. The algorithm puts the header's
// value in the place of the hash whatever it says, so a value that nobody compares would unbind the body.
func (c *canonicalizer) declaredPayload(values []string, allowUnsigned bool) error {
	switch {
	case len(values) == 0:
		return nil
	case len(values) > 1:
		return errors.New(headerPayload + " is specified more than once")
	case values[0] == UnsignedPayload && allowUnsigned:
		c.payload = append(c.payload[:0], UnsignedPayload...)
		return nil
	case values[0] == UnsignedPayload:
		return errors.New(UnsignedPayload + " is not accepted here: send the body's SHA-256, or leave " + headerPayload + " out")
	case values[0] != string(c.payload):
		return fmt.Errorf("%s is not the lower-case hexadecimal SHA-256 of the body, which is %s", headerPayload, c.payload)
	}
	return nil
}

// hostOf returns the Host that net/http will send. What net/http would rewrite is refused, as the signature would not hold.
func (c *canonicalizer) hostOf(req *http.Request) (string, error) {
	host := req.Host
	if host == "" {
		host = req.URL.Host
	}
	if host == "" {
		return "", errors.New("the request has no host")
	}
	if host == c.host {
		return host, nil
	}
	if !all(host, hostByte) {
		return "", fmt.Errorf("host %.64q must be written in ASCII (xn--...) and without a zone", host)
	}
	c.host = strings.Clone(host) // it may be part of a request
	return host, nil
}

func methodOf(req *http.Request) string {
	if req.Method == "" {
		return http.MethodGet
	}
	return req.Method
}
