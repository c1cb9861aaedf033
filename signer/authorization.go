package signer

import (
	"errors"
	"fmt"
	"strings"
)

const (
	maxAuthorization = 8 << 10
	maxSignedHeaders = 100
	signatureLength  = 64
)

// authorization is the content of an Authorization header. All three are valid in form; whether they are right is
// another question.
type authorization struct {
	accessKey     string
	signedHeaders string // lower case, in order, each once, separated by semicolons
	signature     string
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
	var target *string
	var valid bool
	switch name {
	case "Access":
		target, valid = &a.accessKey, validAccessKey(value)
	case "SignedHeaders":
		target, valid = &a.signedHeaders, validNames(value)
	case "Signature":
		target, valid = &a.signature, validSignature(value)
	default:
		return errors.New("it must have the parts Access, SignedHeaders and Signature, separated by commas")
	}
	if *target != "" {
		return fmt.Errorf("the part %s is specified more than once", name)
	}
	if !valid {
		return fmt.Errorf("the part %s is malformed", name)
	}
	*target = value
	return nil
}

// validNames reports whether the list is as the algorithm writes it: lower case, sorted, each name once.
func validNames(list string) bool {
	previous, count := "", 0
	for name := range strings.SplitSeq(list, ";") {
		if count++; count > maxSignedHeaders || !token(name) || name <= previous {
			return false
		}
		for i := range len(name) {
			if lower(name[i]) != name[i] {
				return false
			}
		}
		previous = name
	}
	return true
}

func validSignature(s string) bool {
	if len(s) != signatureLength {
		return false
	}
	for i := range len(s) {
		if unhex[s[i]] < 0 || lower(s[i]) != s[i] {
			return false
		}
	}
	return true
}
