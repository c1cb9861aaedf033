package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vod-reproduction/vod/client"
	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen"
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
		return &failure{code: exitTemporary, what: "timed out (--timeout)"}
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

// credentialCodes are the error codes that other credentials, or more rights for these, would cure. The cloud sends
// most of them with the same status 403 as everything else.
var credentialCodes = []contract.Code{
	contract.CodeIdentityFailed, contract.CodeNoRealName, contract.CodeAccountAbnormal, contract.CodeNoAccess,
	contract.CodeNoResourcePermission,
	contract.CodeWrongProject, contract.CodeNoPermission, contract.CodeNotAuthenticated, contract.CodeGatewayForbidden,
}

// explainCall turns an error of package client into a failure; nil when err is none.
func explainCall(err error) *failure {
	f := &failure{code: exitOther, what: err.Error(), next: client.Hint(err), cause: err}
	if client.Retryable(err) {
		f.code = exitTemporary
	}
	var (
		invalid   *client.ValidationError
		ambiguous *client.AmbiguousError
		failed    *client.JobError
		odd       *client.ResponseError
		refused   *client.APIError
		unsent    *client.TransportError
	)
	switch {
	case errors.As(err, &invalid):
		f.code = exitRefused
	case errors.As(err, &ambiguous):
		f.code, f.what = exitUnknown, "the outcome is not known, and the asset may exist: "+ambiguous.Err.Error()
		if ambiguous.KeyHonored {
			f.next = "repeat the command with --idempotency-key " + ambiguous.IdempotencyKey + "; it then returns the same asset"
		}
	case errors.As(err, &failed):
		f.code = exitJobFailed
	case errors.Is(err, context.Canceled):
		f.code, f.what = exitInterrupted, "interrupted"
	case errors.As(err, &odd):
	case errors.As(err, &refused):
		f.what, f.requestID = refusalText(refused), refused.RequestID
		known, _ := contract.Lookup(refused.Code)
		if refused.Status == http.StatusUnauthorized || slices.Contains(credentialCodes, known.Code) {
			f.code = exitCredentials
		}
		f.next = withCommand(f.next, refused.Code)
	case errors.As(err, &unsent):
		if unsent.Unauthenticated {
			f.code = exitCredentials
		}
	default:
		return nil
	}
	return f
}

// commands are the ones that help with an error code.
var commands = map[contract.Code]string{
	contract.CodeBucketForbidden: "vod authorize BUCKET", contract.CodeNotAuthenticated: "vod sign -v shows what is signed",
	contract.CodeIllegalParameter:  "vod validate lists all that is wrong with a request",
	contract.CodeIllegalParameters: "vod validate lists all that is wrong with a request",
}

// withCommand completes the contract's advice about a code with the command to give.
func withCommand(advice string, code contract.Code) string {
	known, _ := contract.Lookup(code)
	if command, ok := commands[known.Code]; ok && advice == known.Advice {
		return advice + ": " + command
	}
	return advice
}

// refusalText tells a refusal as the server did: its code and message, or the status where it has none.
func refusalText(e *client.APIError) string {
	if e.Code != "" {
		return string(e.Code) + " " + e.Message
	}
	text := e.Message
	if name := http.StatusText(e.Status); name != "" && name != text {
		text = name + ": " + text
	}
	return text
}

// Exit codes. They are part of the interface: scripts depend on them, so none ever changes its meaning.
const (
	exitOK          = 0
	exitOther       = 1
	exitUsage       = 2
	exitRefused     = 3
	exitCredentials = 4
	exitTemporary   = 5
	exitJobFailed   = 6
	exitUnknown     = 7
	exitInterrupted = 130
)

// exits explains every exit code, in order.
var exits = []struct {
	code    int
	meaning string
}{
	{exitOK, "done"},
	{exitOther, "failed for a reason that has no code of its own"},
	{exitUsage, "the command line is wrong"},
	{exitRefused, "refused by the contract, nothing was sent; or a document has mistakes or breaks clients"},
	{exitCredentials, "credentials are missing, wrong, or may not do this"},
	{exitTemporary, "a temporary fault; the same command can succeed later"},
	{exitJobFailed, "the dump was accepted, but the asset failed"},
	{exitUnknown, "the outcome is unknown: the request was sent and no response came, so the asset may exist"},
	{exitInterrupted, "interrupted by a signal"},
}

func exitTable() string {
	var b strings.Builder
	for _, e := range exits {
		fmt.Fprintf(&b, "  %3d  %s\n", e.code, e.meaning)
	}
	return b.String()
}

// pageTables tells which table of the API page lists the members below a member of the request.
var pageTables = map[string]string{"thumbnail": "Table 4", "review": "Table 5", "input": "Table 6"}

// pagePlace tells where the API page states what v breaks. It is empty for what the page takes for granted, such as
// well-formed JSON.
func pagePlace(v contract.Violation) string {
	for _, rule := range gen.Rules {
		if rule.Name == v.Rule {
			return rule.Page
		}
	}
	if v.Field == "" || v.Rule == "additionalProperties" || v.Rule == "json" {
		return ""
	}
	field, _, _ := strings.Cut(v.Field, "[")
	parent, member, nested := strings.Cut(field, ".")
	if !nested {
		return "Table 3, " + parent
	}
	return pageTables[parent] + ", " + member
}
