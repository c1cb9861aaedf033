package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/vod-reproduction/vod/contract"
)

// standardInput is the file name that stands for it, by custom.
const standardInput = "-"

// maxSecretBytes is far above any key or token.
const maxSecretBytes = 64 << 10

var errTooLong = errors.New("too long")

// readFile reads a file, or standard input, of at most limit bytes. Standard input is given once only.
func (s *session) readFile(name string, limit int64) ([]byte, error) {
	source := s.in
	if name == standardInput {
		if s.inTaken {
			return nil, &failure{code: exitUsage, what: "only one of the files can be standard input"}
		}
		s.inTaken = true
	} else {
		file, err := os.Open(name)
		if err != nil {
			return nil, unreadable(name, err)
		}
		defer func() { _ = file.Close() }()
		source = file
	}
	content, err := io.ReadAll(io.LimitReader(source, limit+1))
	if err != nil {
		return nil, unreadable(name, err)
	}
	if int64(len(content)) > limit {
		return nil, errTooLong
	}
	return content, nil
}

// readBody reads a request body. It never holds more than a server of the contract would take.
func (s *session) readBody(name string) ([]byte, error) {
	body, err := s.readFile(name, contract.MaxBodyBytes)
	if errors.Is(err, errTooLong) {
		return nil, &failure{
			code: exitRefused,
			what: fmt.Sprintf("%s is larger than %d MB, the most that a request may have", fileName(name), contract.MaxBodyBytes>>20),
			next: "check that this is the request and not the media file",
		}
	}
	return body, err
}

// readSecret reads a key or token from a file, without the line break at its end; "" names no file.
func (s *session) readSecret(name string) (string, error) {
	if name == "" {
		return "", nil
	}
	content, err := s.readFile(name, maxSecretBytes)
	secret := strings.TrimSpace(string(content))
	switch {
	case errors.Is(err, errTooLong):
		return "", &failure{code: exitCredentials, what: fileName(name) + " is too long for a key or token"}
	case err != nil:
		return "", err
	case secret == "":
		return "", &failure{code: exitCredentials, what: fileName(name) + " is empty, where a key or token should be"}
	}
	return secret, nil
}

func unreadable(name string, err error) error {
	cause := err
	var path *os.PathError
	if errors.As(err, &path) {
		cause = path.Err // the name is said already
	}
	return &failure{code: exitOther, what: fmt.Sprintf("cannot read %s: %v", fileName(name), cause), cause: err}
}

func fileName(name string) string {
	if name == standardInput {
		return "standard input"
	}
	return name
}
