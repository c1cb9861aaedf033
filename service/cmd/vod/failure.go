package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/vod-reproduction/vod/contract"
)

// failure is an error as a person meets it: what went wrong, where, and what to do next, each one line or empty.
type failure struct {
	// code is the exit code.
	code              int
	what, where, next string
	// requestID names the exchange in the server's log.
	requestID string
	cause     error
}

func (f *failure) Error() string { return f.what }
func (f *failure) Unwrap() error { return f.cause }

// usage is the failure of a wrong command line.
func usage(cmd *cobra.Command, what string) error {
	return &failure{code: exitUsage, what: what, next: cmd.CommandPath() + " --help"}
}

// refusal is the failure of a request that breaks the contract. The violations are listed before it.
func (s *session) refusal(violations contract.Violations, next string) error {
	for _, v := range violations {
		s.say("  ", describe(v))
	}
	return &failure{
		code: exitRefused,
		what: fmt.Sprintf("the request breaks the contract in %s; nothing was sent", count(len(violations), "place")),
		next: next,
	}
}

// report tells err on standard error and gives the exit code; nil is success.
func (s *session) report(err error) int {
	if err == nil {
		return exitOK
	}
	f := explain(err)
	s.say("vod: "+s.red("error:")+" ", f.what)
	if f.where != "" {
		s.say("vod: where: ", f.where)
	}
	if next := f.nextLine(); next != "" {
		s.say("vod: next: ", next)
	}
	return f.code
}

func (f *failure) nextLine() string {
	switch {
	case f.requestID == "":
		return f.next
	case f.next == "":
		return "request id " + f.requestID
	}
	return f.next + " · request id " + f.requestID
}

// at tells where err happened.
func at(where string, err error) error {
	f := *explain(err)
	f.where = cmp.Or(f.where, where)
	return &f
}

// explain turns any error into a failure.
func explain(err error) *failure {
	var f *failure
	if errors.As(err, &f) {
		return f
	}
	if f := explainCall(err); f != nil {
		return f
	}
	switch {
	case errors.Is(err, context.Canceled):
		return &failure{code: exitInterrupted, what: "interrupted"}
	case errors.Is(err, context.DeadlineExceeded):
		return &failure{code: exitTemporary, what: "the time that --timeout gives is over"}
	}
	return &failure{code: exitOther, what: err.Error()}
}

// count gives "1 place" or "3 places".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// firstOf gives the first text that is not empty.
func firstOf(texts ...string) string { return cmp.Or(texts...) }
