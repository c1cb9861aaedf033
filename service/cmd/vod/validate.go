package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/vod-reproduction/vod/contract"
)

func newValidateCommand(s *session) *cobra.Command {
	return &cobra.Command{
		Use:   "validate [FILE | -]...",
		Short: "Check request bodies offline",
		Long: `Checks files with request bodies of the dump call against the contract, without
sending anything and without credentials. With no file, or with -, standard input
is read. Everything that is wrong is listed at once, one line a violation, with
the place of the vendor's API reference that states it; -o json writes the same as
JSON lines.

The exit code is 3 when a body is refused. Rules that only the service can check,
such as whether a template group exists, are not checked.`,
		Example: `  vod validate request.json
  jq '.title = "Holiday"' request.json | vod validate`,
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				args = []string{standardInput}
			}
			return s.validate(args)
		},
	}
}

func (s *session) validate(names []string) error {
	refused, unread := 0, false // a body that is no JSON
	for _, name := range names {
		body, err := s.readBody(name)
		if err != nil {
			return err
		}
		_, violations := contract.Parse(body)
		if len(violations) == 0 {
			s.note("%s keeps the contract", fileName(name))
			continue
		}
		refused++
		unread = unread || violations[0].Rule == "json"
		for _, v := range violations {
			if err := s.printFinding(finding{File: name, Violation: v, Page: pagePlace(v)}); err != nil {
				return err
			}
		}
	}
	if refused > 0 {
		next := "correct the fields named above"
		if unread {
			next = "give files with a request body in JSON, which vod dump --dry-run prints; " + next
		}
		return &failure{code: exitRefused, what: fmt.Sprintf("%d of %d refused", refused, len(names)), next: next}
	}
	return nil
}

// finding is one line of "vod validate -o json".
type finding struct {
	File string `json:"file"`
	contract.Violation
	// Page is the place of the vendor's API reference that states the rule; empty for what holds for every JSON request.
	Page string `json:"page,omitempty"`
}

func (s *session) printFinding(f finding) error {
	if s.options.json() {
		return s.printJSON(f)
	}
	return s.print(printable(fileName(f.File)) + ": " + describe(f.Violation))
}

// describe is a violation in one line: field, what to do, rule, and place of the vendor's API reference.
func describe(v contract.Violation) string {
	field := v.Field
	if field == "" {
		field = "body"
	}
	rule := v.Rule
	if page := pagePlace(v); page != "" {
		rule += "; " + page
	}
	return fmt.Sprintf("%s: %s (%s)", field, v.Message, rule)
}

// standardInput is the file name that stands for it, by custom.
const standardInput = "-"

// maxSecretBytes is far above any key or token.
const maxSecretBytes = 64 << 10

var errTooLong = errors.New("too long")

// readFile reads a file, or standard input, of at most limit bytes. Standard input can be read once only.
func (s *session) readFile(name string, limit int64) ([]byte, error) {
	source := s.in
	if name == standardInput {
		if s.inTaken {
			return nil, &failure{code: exitUsage, what: "only one of the files can be standard input", next: "give the others by name"}
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
	secret := strings.TrimSpace(strings.TrimPrefix(string(content), "\ufeff")) // editors on Windows put the mark in front
	switch {
	case errors.Is(err, errTooLong):
		return "", &failure{code: exitCredentials, what: fileName(name) + " is too long for a key or token", next: "name the file that holds nothing else"}
	case err != nil:
		return "", err
	case secret == "":
		return "", &failure{code: exitCredentials, what: fileName(name) + " is empty, where a key or token should be", next: "write the key or token into it, and nothing else"}
	}
	return secret, nil
}

func unreadable(name string, err error) error {
	if errors.Is(err, context.Canceled) {
		return err
	}
	cause := err
	var path *os.PathError
	if errors.As(err, &path) {
		cause = path.Err // the name is said already
	}
	next := "check the name of the file and who may read it"
	switch {
	case errors.Is(err, syscall.EISDIR):
		next = "name a file in that directory"
	case errors.Is(err, syscall.ENOTDIR):
		next = "correct the path: what should be a directory in it is a file"
	}
	return &failure{code: exitOther, what: fmt.Sprintf("cannot read %s: %v", fileName(name), cause), next: next, cause: err}
}

func fileName(name string) string {
	if name == standardInput {
		return "standard input"
	}
	return name
}
