package signer

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// Algorithm is the only signing algorithm of this package, and the one that the cloud's SDKs use unless told otherwise.
const Algorithm = "SDK-HMAC-SHA256"

// UnsignedPayload in X-Sdk-Content-Sha256 says that the signature does not cover the body.
const UnsignedPayload = "UNSIGNED-PAYLOAD"

// maxScratch is the size above which a buffer is not kept for the next request.
const maxScratch = 64 << 10

// canonicalizer writes the canonical form of one request. Its buffers are kept, so that writing the next one
// allocates nothing. It must not be used by two goroutines at once.
type canonicalizer struct {
	fields           []field
	pairs            []pair
	query            []byte // the decoded names and values that pairs point into
	payload          []byte // what stands for the body
	text             []byte // the canonical request
	names            []byte // the names of the fields, as they stand in text
	message          []byte // the string to sign
	mac              [sha256.Size]byte
	out              []byte      // what is written last: the signature, or the headers that have it
	macs             []keyedMAC  // of the secret keys used last
	claimants        []*claimant // that were received last
	headers          []header    // whose names were met last
	claimed          *claimant   // what the request at hand says of itself
	claimedSignature [sha256.Size]byte
	host             string // the last host that was found valid
	path             string // the last path that nothing had to be escaped in
	date             string // the last date that was written or read
	second           int64  // the Unix time of date
	listed           string // the names of the fields, in order, where the request has them
	repeated         bool   // a field has several values
	asSent           bool   // values of one name stay in the order of the query instead of being sorted
}

// What a canonicalizer knows again.
const (
	maxKept     = 16      // callers
	maxNames    = 64      // names of headers
	maxKeptText = 1 << 10 // bytes of host and path
)

// keep adds one to what is kept of former requests, at most so many. When there is no room it forgets them all.
func keep[T any](kept []T, one T, most int) []T {
	if len(kept) == most {
		clear(kept)
		kept = kept[:0]
	}
	return append(kept, one)
}

var canonicalizers = sync.Pool{New: func() any { return new(canonicalizer) }}

// field is one line of a header. Its name is in lower case; its value has no space around it.
type field struct{ name, value string }

// pair is one parameter of the query, decoded.
type pair struct{ name, value []byte }

// release keeps c for the next request, unless a huge one has been in it.
func (c *canonicalizer) release() {
	if cap(c.text) > maxScratch || cap(c.query) > maxScratch || cap(c.fields) > 256 || cap(c.pairs) > 1024 {
		return
	}
	c.reset()
	canonicalizers.Put(c)
}

// reset forgets the headers of the former request; the rest is written anew each time.
func (c *canonicalizer) reset() {
	if len(c.host)+len(c.path) > maxKeptText {
		c.host, c.path = "", ""
	}
	clear(c.fields)
	clear(c.pairs)
	c.fields, c.pairs, c.listed, c.repeated, c.asSent = c.fields[:0], c.pairs[:0], "", false, false
}

// add puts the lines of one header among those that the signature covers. The name is in lower case.
func (c *canonicalizer) add(name string, values ...string) error {
	c.repeated = c.repeated || len(values) > 1
	for _, v := range values {
		// A line feed would let one header's value pass for another header.
		if !validValue(v) {
			return fmt.Errorf("header %s has a control character", name)
		}
		c.fields = append(c.fields, field{name, strings.TrimSpace(v)})
	}
	return nil
}

// addSeen is add for one line, which is checked unless it is what was seen before. Most clients repeat their values.
func (c *canonicalizer) addSeen(seen *[]byte, name, value string) error {
	if value == string(*seen) {
		c.fields = append(c.fields, field{name, value})
		return nil
	}
	if err := c.add(name, value); err != nil {
		return err
	}
	if c.fields[len(c.fields)-1].value == value && len(value) <= maxKeptText {
		*seen = append((*seen)[:0], value...)
	}
	return nil
}

// hashPayload lets the body stand for itself.
func (c *canonicalizer) hashPayload(body []byte) {
	sum := sha256.Sum256(body)
	c.payload = appendHex(c.payload[:0], &sum)
}

// request writes the canonical request into c.text, of the fields and the payload that were put in before:
//
//	METHOD \n path \n query \n name:value \n ... \n \n names \n payload
func (c *canonicalizer) request(method string, u *url.URL) error {
	if !token(method) {
		return fmt.Errorf("method %.32q is not valid in HTTP", method)
	}
	if err := checkPath(u); err != nil {
		return err
	}
	if err := c.parseQuery(u.RawQuery); err != nil {
		return err
	}
	if c.listed == "" || c.repeated {
		slices.SortFunc(c.fields, compareFields)
	}
	t := append(c.text[:0], method...)
	t = append(t, '\n')
	t = c.appendPath(t, u.Path)
	t = append(t, '\n')
	t = c.appendQuery(t)
	t = append(t, '\n')
	for _, f := range c.fields {
		t = append(t, f.name...)
		t = append(t, ':')
		t = append(t, f.value...)
		t = append(t, '\n')
	}
	t = append(t, '\n')
	start := len(t)
	if t = append(t, c.listed...); c.listed == "" {
		t = c.appendNames(t)
	}
	end := len(t)
	t = append(t, '\n')
	t = append(t, c.payload...)
	c.text, c.names = t, t[start:end]
	return nil
}

// dateOf writes a time as DateLayout. All signatures of one second share the text.
func (c *canonicalizer) dateOf(now time.Time) string {
	if second := now.Unix(); c.date == "" || second != c.second {
		c.second, c.date = second, now.UTC().Format(DateLayout)
	}
	return c.date
}

// timeOf reads a time that is written as DateLayout; ok is false for any other text.
func (c *canonicalizer) timeOf(date string) (at time.Time, ok bool) {
	if date != c.date || date == "" {
		at, err := time.Parse(DateLayout, date)
		if err != nil || len(date) != len(DateLayout) {
			return time.Time{}, false
		}
		// The text is part of a request, which need not be kept alive for it.
		c.second, c.date = at.Unix(), strings.Clone(date)
	}
	return time.Unix(c.second, 0), true
}

// keyedMAC is an HMAC under a secret key.
type keyedMAC struct {
	secretKey string
	mac       hash.Hash
}

// keyed returns an HMAC under the secret key, of which nothing has been written yet. Making one anew costs as much as two
// signatures.
func (c *canonicalizer) keyed(secretKey string) hash.Hash {
	for _, kept := range c.macs {
		if kept.secretKey == secretKey {
			kept.mac.Reset()
			return kept.mac
		}
	}
	mac := hmac.New(sha256.New, []byte(secretKey))
	c.macs = keep(c.macs, keyedMAC{secretKey, mac}, maxKept)
	return mac
}

// signature returns the signature of c.text. It stays valid until the next one.
func (c *canonicalizer) signature(secretKey, date string) *[sha256.Size]byte {
	mac := c.keyed(secretKey)
	digest := sha256.Sum256(c.text)
	c.message = append(c.message[:0], Algorithm+"\n"...)
	c.message = append(c.message, date...)
	c.message = append(c.message, '\n')
	c.message = appendHex(c.message, &digest)
	_, _ = mac.Write(c.message) // a hash never fails
	mac.Sum(c.mac[:0])
	return &c.mac
}

// appendNames appends the names of the sorted fields, each once, separated by semicolons.
func (c *canonicalizer) appendNames(dst []byte) []byte {
	for i, f := range c.fields {
		if i > 0 {
			if f.name == c.fields[i-1].name {
				continue
			}
			dst = append(dst, ';')
		}
		dst = append(dst, f.name...)
	}
	return dst
}

// checkPath refuses what the canonical form cannot tell apart: it is made from the decoded path, in which an encoded
// slash has become a plain one.
func checkPath(u *url.URL) error {
	if u.Opaque != "" {
		return errors.New("a URL without a path of its own cannot be signed")
	}
	if u.RawPath == "" {
		return nil
	}
	if escaped := u.EscapedPath(); strings.Contains(escaped, "%2F") || strings.Contains(escaped, "%2f") {
		return errors.New("the path has an encoded slash (%2F), which the algorithm cannot tell from a plain one")
	}
	return nil
}

// appendPath appends the decoded path with every segment escaped, and a slash at its end.
func (c *canonicalizer) appendPath(dst []byte, path string) []byte {
	if path == c.path || all(path, pathByte) {
		if path != c.path {
			c.path = strings.Clone(path) // it may be part of a request
		}
		dst = append(dst, path...)
	} else {
		for i := range len(path) {
			if path[i] == '/' {
				dst = append(dst, '/')
			} else {
				dst = appendEscaped(dst, path[i])
			}
		}
	}
	if !strings.HasSuffix(path, "/") {
		dst = append(dst, '/')
	}
	return dst
}

// parseQuery decodes the parameters into c.pairs. What servers read differently from one another is refused.
func (c *canonicalizer) parseQuery(raw string) error {
	c.pairs, c.query = c.pairs[:0], c.query[:0]
	if raw == "" {
		return nil
	}
	if strings.IndexByte(raw, ';') >= 0 {
		return errors.New("the query has a semicolon: write it as %3B")
	}
	for raw != "" {
		var parameter string
		parameter, raw, _ = strings.Cut(raw, "&")
		if parameter == "" {
			continue
		}
		name, value, _ := strings.Cut(parameter, "=")
		var p pair
		var err error
		if p.name, err = c.unescape(name); err != nil {
			return err
		}
		if p.value, err = c.unescape(value); err != nil {
			return err
		}
		c.pairs = append(c.pairs, p)
	}
	slices.SortStableFunc(c.pairs, func(a, b pair) int {
		if order := bytes.Compare(a.name, b.name); order != 0 || c.asSent {
			return order
		}
		return bytes.Compare(a.value, b.value)
	})
	return nil
}

// repeats reports whether the query has a name more than once.
func (c *canonicalizer) repeats() bool {
	for i := 1; i < len(c.pairs); i++ {
		if bytes.Equal(c.pairs[i].name, c.pairs[i-1].name) {
			return true
		}
	}
	return false
}

var errPercent = errors.New("the query has a % without two hexadecimal digits after it: write it as %25")

// unescape decodes a name or value of the query. The result stays valid when c.query moves: it is never written again.
func (c *canonicalizer) unescape(s string) ([]byte, error) {
	start := len(c.query)
	for i := 0; i < len(s); i++ {
		b := s[i]
		switch b {
		case '+':
			b = ' '
		case '%':
			if i+2 >= len(s) {
				return nil, errPercent
			}
			high, low := unhex[lower[s[i+1]]], unhex[lower[s[i+2]]]
			if high|low == noDigit {
				return nil, errPercent
			}
			b = high<<4 | low
			i += 2
		}
		c.query = append(c.query, b)
	}
	return c.query[start:len(c.query):len(c.query)], nil
}

func (c *canonicalizer) appendQuery(dst []byte) []byte {
	for i, p := range c.pairs {
		if i > 0 {
			dst = append(dst, '&')
		}
		for _, b := range p.name {
			dst = appendEscaped(dst, b)
		}
		dst = append(dst, '=')
		for _, b := range p.value {
			dst = appendEscaped(dst, b)
		}
	}
	return dst
}

// appendEscaped leaves letters, digits and - _ . ~ as they are.
func appendEscaped(dst []byte, b byte) []byte {
	const digits = "0123456789ABCDEF"
	if class[b]&unreserved != 0 {
		return append(dst, b)
	}
	return append(dst, '%', digits[b>>4], digits[b&15])
}

func compareFields(a, b field) int {
	if order := strings.Compare(a.name, b.name); order != 0 {
		return order
	}
	return strings.Compare(a.value, b.value)
}
