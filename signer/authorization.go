package signer

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

const (
	maxAuthorization = 8 << 10
	maxSignedHeaders = 100
)

// authorization is the content of an Authorization header. All three are valid in form; whether they are right is
// another question.
type authorization struct {
	accessKey     string
	signedHeaders string // lower case, in order, each once, separated by semicolons
	signature     [sha256.Size]byte
	signed        bool // there is a signature
}

var errAlgorithm = errors.New("only " + Algorithm + " is verified here: choose it in the client's settings")

// parseAuthorization reads "SDK-HMAC-SHA256 Access=..., SignedHeaders=...;..., Signature=...".
func parseAuthorization(value string) (authorization, error) {
	var a authorization
	if len(value) > maxAuthorization {
		return a, fmt.Errorf("it is longer than %d bytes", maxAuthorization)
	}
	algorithm, rest, _ := strings.Cut(value, " ")
	if algorithm != Algorithm {
		return a, errAlgorithm
	}
	for range 3 {
		var part string
		part, rest, _ = strings.Cut(rest, ",")
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		if err := a.set(name, value); err != nil {
			return authorization{}, err
		}
	}
	if rest != "" {
		return authorization{}, errors.New("there is something after the third part")
	}
	return a, nil
}

// set fills in one part. Each is there once, so three parts without an error are all of them.
func (a *authorization) set(name, value string) error {
	var there, valid bool
	switch name {
	case "Access":
		there, valid = a.accessKey != "", validAccessKey(value)
		a.accessKey = value
	case "SignedHeaders":
		there, valid = a.signedHeaders != "", validNames(value)
		a.signedHeaders = value
	case "Signature":
		there = a.signed
		valid = parseSignature(&a.signature, value)
		a.signed = valid
	default:
		return errors.New("it must have the parts Access, SignedHeaders and Signature, separated by commas")
	}
	if there {
		return fmt.Errorf("the part %s is specified more than once", name)
	}
	if !valid {
		return fmt.Errorf("the part %s is malformed", name)
	}
	return nil
}

// signaturePart is what stands before the signature where that comes last.
const signaturePart = ", Signature="

// claimant is an authorization taken further apart. A client that sends many requests changes only the signature, so what
// stands before it is kept.
type claimant struct {
	authorization
	prefix string   // the header up to the signature; empty if that is not at its end
	names  []string // of signedHeaders
	keys   []string // the same as net/http writes them
	seen   [][]byte // a value of each that was found valid, and has no space around it
	dated  bool     // X-Sdk-Date is among them
}

func newClaimant(value string) (*claimant, error) {
	value = strings.Clone(value) // a request need not be kept alive for it
	a, err := parseAuthorization(value)
	if err != nil {
		return nil, err
	}
	k := &claimant{authorization: a}
	// Behind a comma it is a part of its own: an access key may contain the rest.
	if i := strings.LastIndex(value, signaturePart); strings.LastIndexByte(value, ',') == i {
		k.prefix = value[:i+len(signaturePart)]
	}
	for name := range strings.SplitSeq(a.signedHeaders, ";") {
		k.names, k.keys = append(k.names, name), append(k.keys, http.CanonicalHeaderKey(name))
	}
	k.seen = make([][]byte, len(k.names))
	k.dated = slices.Contains(k.keys, HeaderDate)
	return k, nil
}

// claim reads the value of an Authorization header into c.claimed and c.claimedSignature.
func (c *canonicalizer) claim(value string) error {
	for _, k := range c.claimants {
		if rest, same := strings.CutPrefix(value, k.prefix); same {
			if parseSignature(&c.claimedSignature, rest) {
				c.claimed = k
				return nil
			}
		}
	}
	k, err := newClaimant(value)
	if err != nil {
		return err
	}
	c.claimed, c.claimedSignature = k, k.signature
	if k.prefix != "" {
		c.claimants = keep(c.claimants, k, maxKept)
	}
	return nil
}

// validNames reports whether the list is as the algorithm writes it: lower case, sorted, each name once.
func validNames(list string) bool {
	previous, count := "", 0
	for name := range strings.SplitSeq(list, ";") {
		// No name is empty: it would not come after the one before.
		if count++; count > maxSignedHeaders || !all(name, nameByte) || name <= previous {
			return false
		}
		previous = name
	}
	return true
}

// parseSignature reads a signature, 64 hexadecimal digits in lower case, and reports whether it is one.
func parseSignature(signature *[sha256.Size]byte, s string) bool {
	const digits = 2 * sha256.Size
	if len(s) != digits {
		return false
	}
	seen := byte(0)
	for i := 0; i < digits; i += 2 {
		high, low := unhex[s[i]], unhex[s[i+1]]
		seen |= high | low
		signature[i/2] = high<<4 | low
	}
	return seen != noDigit
}
