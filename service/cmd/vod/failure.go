package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"syscall"

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
	// details are the single faults, a line each, where there may be several.
	details []string
	// requestID names the request in the server's log.
	requestID string
	// unreached reports whether the service, and not what was asked of it, is at fault.
	unreached bool
	cause     error
}

func (f *failure) Error() string { return f.what }
func (f *failure) Unwrap() error { return f.cause }

// usage is the failure of a wrong command line.
func usage(cmd *cobra.Command, what string) error {
	return &failure{code: exitUsage, what: what, next: cmd.CommandPath() + " --help"}
}

// refusal is the failure of a request that breaks the contract.
func (s *session) refusal(violations contract.Violations, next string) error {
	f := &failure{
		code: exitRefused,
		what: fmt.Sprintf("the request breaks the contract in %s; nothing was sent", count(len(violations), "place")),
		next: next,
	}
	for _, v := range violations {
		f.details = append(f.details, describe(v))
	}
	return f
}

// report shows err on standard error and returns the exit code; nil is success.
func (s *session) report(err error) int {
	if err == nil {
		return exitOK
	}
	f := s.located(explain(err))
	if s.options.json() {
		s.reportJSON(f)
		return f.code
	}
	if s.log != nil {
		s.reportLog(f)
		return f.code
	}
	for _, line := range f.details {
		s.say("  ", line)
	}
	s.say("vod: "+s.red("error:")+" ", strings.ReplaceAll(f.what, "\n", "; ")) // joined errors are lines
	if f.where != "" {
		s.say("vod: where: ", f.where)
	}
	if next := f.nextLine(); next != "" {
		s.say("vod: next: ", next)
	}
	return f.code
}

// reportJSON writes f as one line of JSON.
func (s *session) reportJSON(f *failure) {
	line, err := json.Marshal(struct {
		Error     string   `json:"error"`
		Details   []string `json:"details,omitempty"`
		Where     string   `json:"where,omitempty"`
		Next      string   `json:"next,omitempty"`
		RequestID string   `json:"request_id,omitempty"`
		ExitCode  int      `json:"exit_code"`
	}{f.what, f.details, f.where, f.next, f.requestID, f.code})
	if err != nil {
		line = []byte(err.Error()) // strings and a number
	}
	_, _ = fmt.Fprintln(s.err, string(line)) // there is nobody left to tell
}

// logJSON makes the error that ends the command a line of a log of JSON.
func (s *session) logJSON() { s.log = slog.New(slog.NewJSONHandler(s.err, nil)) }

// reportLog writes f as a line of the log.
func (s *session) reportLog(f *failure) {
	attributes := []any{"exit_code", f.code}
	if len(f.details) > 0 {
		attributes = append(attributes, "details", f.details)
	}
	if f.where != "" {
		attributes = append(attributes, "where", f.where)
	}
	if f.next != "" {
		attributes = append(attributes, "next", f.next)
	}
	s.log.Error(f.what, attributes...)
}

// located adds to f where the credentials came from, or which service was asked, where that is what is wrong.
func (s *session) located(f *failure) *failure {
	named := *f
	switch {
	case f.unreached && s.service != "":
		named.where = s.service
	case f.code == exitCredentials && f.requestID != "" && s.caller.Source != "":
		named.where = "credentials: " + s.caller.Source
		if f.where != "" {
			named.where = f.where + "; " + named.where
		}
		var refused *client.APIError
		if s.caller.Token != "" && errors.As(f.cause, &refused) && refused.Status == http.StatusUnauthorized {
			named.next = "get a new token: one ends after 24 hours, and belongs to one project"
		}
	}
	return &named
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

// at adds where err happened.
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

// count returns "1 place" or "3 places".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// firstOf returns the first text that is not empty.
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
		why := ambiguous.Err.Error()
		if errors.As(err, &refused) { // without the body of a page
			why = fmt.Sprintf("HTTP %d %s", refused.Status, refusalText(refused))
		}
		f.code, f.what = exitUnknown, "the outcome is not known, and the asset may exist: "+why
		if ambiguous.KeyHonored {
			f.next = "repeat the command with --idempotency-key " + ambiguous.IdempotencyKey + "; it then returns the same asset"
		}
	case errors.As(err, &failed):
		f.code = exitJobFailed
		code, _, _ := strings.Cut(failed.Reason, " ")
		f.next = withCommand(f.next, contract.Code(code))
	case errors.Is(err, context.Canceled):
		f.code, f.what = exitInterrupted, "interrupted"
	case errors.As(err, &odd):
		f.unreached = true
	case errors.As(err, &refused) && explainStranger(f, refused.Body):
	case errors.As(err, &refused):
		f.what, f.requestID = refusalText(refused), refused.RequestID
		if f.unreached = refused.Code == ""; f.unreached && !client.Retryable(err) {
			f.what = fmt.Sprintf("the response is not that of a VOD service: %d %s", refused.Status, f.what)
		}
		if !client.Retryable(err) {
			f.code = exitRejected
		}
		known, _ := contract.Lookup(refused.Code)
		f.unreached = f.unreached || known.Code == contract.CodeNoSuchAPI
		if refused.Status == http.StatusUnauthorized || slices.Contains(credentialCodes, known.Code) {
			f.code = exitCredentials
		}
		f.next = withCommand(f.next, refused.Code)
	case errors.As(err, &unsent):
		f.unreached = true
		if unsent.Unauthenticated {
			f.code = exitCredentials
		}
		var dial *net.OpError
		var record tls.RecordHeaderError
		var address *net.AddrError
		if errors.As(err, &record) {
			f.code, f.next = exitUsage, f.next+": --endpoint or VOD_ENDPOINT"
		}
		if errors.As(err, &address) {
			f.code, f.next = exitUsage, "correct the port, 1 to 65535: --endpoint or VOD_ENDPOINT"
		}
		if errors.Is(err, syscall.ECONNREFUSED) && errors.As(err, &dial) && dial.Op != "proxyconnect" {
			f.next = "no service is listening there: start the service, vod serve on this machine, or correct --endpoint or VOD_ENDPOINT"
		}
	default:
		return nil
	}
	return f
}

// explainStranger explains a response of a server that is not the service, by its body: an object storage, or a server that
// speaks TLS. It reports false for any other.
func explainStranger(f *failure, body string) bool {
	switch {
	case strings.Contains(body, "<Error>") && strings.Contains(body, "<Code>"):
		f.what = "an object storage responded where the VOD service should"
		f.next = "correct --endpoint or VOD_ENDPOINT: it is the address of the service, and VOD_S3_ENDPOINT that of the storage; vod env shows both"
	case strings.Contains(body, "HTTP request to an HTTPS server"), strings.Contains(body, "plain HTTP request was sent to HTTPS port"):
		f.what, f.next = "the server speaks TLS, and plain HTTP was sent to it", "begin the endpoint with https://: --endpoint or VOD_ENDPOINT"
	default:
		return false
	}
	f.unreached, f.code = true, exitUsage
	return true
}

// commands are the ones that help with an error code, or the flags that set what is wrong.
var commands = map[contract.Code]string{
	contract.CodeBucketForbidden: "vod authorize BUCKET", contract.CodeNotAuthenticated: "vod sign -v shows what is signed",
	contract.CodeWrongAddress:   "--location, or --region and VOD_REGION",
	contract.CodeNoSuchCategory: "vod categories lists them, vod categories create NAME makes one",
	contract.CodeWrongProject:   "--project-id or VOD_PROJECT_ID; vod env prints that of a service on this machine",
	contract.CodeWrongType:      "vod dump obs://BUCKET/KEY --video-type TYPE; where the message names another fault, correct the file",
}

// withCommand completes the contract's advice about a code with the command to give.
func withCommand(advice string, code contract.Code) string {
	known, _ := contract.Lookup(code)
	if advice != known.Advice {
		return advice
	}
	switch known.Code {
	case contract.CodeIllegalParameter, contract.CodeIllegalParameters:
		return "correct the named field; vod validate checks a request offline"
	}
	if command, ok := commands[known.Code]; ok {
		return advice + ": " + command
	}
	return advice
}

// refusalText is a refusal in the server's words: its code and message, or the status where it has none. The canonical
// request that a gateway appends is left to "vod sign -v", which shows it in lines.
func refusalText(e *client.APIError) string {
	if e.Code != "" {
		message, _, _ := strings.Cut(e.Message, ", canonicalRequest:")
		return string(e.Code) + " " + message
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
	exitRejected    = 8
	exitInterrupted = 130
)

// exits explains every exit code, in order.
var exits = []struct {
	code    int
	meaning string
}{
	{exitOK, "done"},
	{exitOther, "failed for a reason that has no code of its own, most often on this machine"},
	{exitUsage, "the command line is wrong, or an endpoint"},
	{exitRefused, "refused by the contract, nothing was sent; or a document has mistakes or breaks clients"},
	{exitCredentials, "credentials, project or region are missing, wrong, or may not do this"},
	{exitTemporary, "a temporary fault; the same command can succeed later"},
	{exitJobFailed, "the dump was accepted, but the asset failed"},
	{exitUnknown, "the outcome is unknown: the request was sent and no response came, so the asset may exist"},
	{exitRejected, "the service refused the request, or there is no such asset, bucket or object"},
	{exitInterrupted, "interrupted by a signal"},
}

func exitTable() string {
	var b strings.Builder
	for _, e := range exits {
		fmt.Fprintf(&b, "  %3d  %s\n", e.code, e.meaning)
	}
	return b.String()
}

// pagePlace returns where the vendor's API reference states what v breaks. It is empty for what the reference takes for
// granted, such as well-formed JSON.
func pagePlace(v contract.Violation) string {
	for _, rule := range gen.Rules {
		if rule.Name == v.Rule {
			return rule.Page
		}
	}
	if v.Field == "" || v.Rule == "additionalProperties" || v.Rule == "json" {
		return ""
	}
	path, _, _ := strings.Cut(v.Field, "[")
	property, _ := contract.Field(path)
	return property.Page
}
