package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/vod-reproduction/vod/client"
	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen/companions"
)

// Scripts depend on these numbers.
func TestExitCodesAreThoseOfTheTable(t *testing.T) {
	t.Parallel()
	var codes []int
	for _, e := range exits {
		codes = append(codes, e.code)
	}
	if want := []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 130}; !slices.Equal(codes, want) {
		t.Errorf("the table has %v, want %v", codes, want)
	}
}

func TestExitCodeOfEveryKindOfError(t *testing.T) {
	t.Parallel()
	refusal := func(status int, code contract.Code) error {
		return &client.APIError{Op: "dump", Status: status, Code: code, Message: "no"}
	}
	unsent := func(cause error) error { return &client.TransportError{Op: "dump", Sent: client.SentNo, Err: cause} }
	tests := []struct {
		name string
		err  error
		want int
	}{
		{"no error", nil, exitOK},
		{"any error", errors.New("x"), exitOther},
		{"request against the contract", &client.ValidationError{Violations: contract.Violations{{Rule: "x"}}}, exitRefused},
		{"wrong signature", refusal(http.StatusUnauthorized, "APIGW.0301"), exitCredentials},
		{"wrong signature, newer gateway", refusal(http.StatusUnauthorized, "APIG.0301"), exitCredentials},
		{"401 without a code", refusal(http.StatusUnauthorized, ""), exitCredentials},
		{"no right to the API", refusal(http.StatusForbidden, "APIG.0302"), exitCredentials},
		{"no permission", refusal(http.StatusForbidden, "VOD.10074"), exitCredentials},
		{"another project", refusal(http.StatusForbidden, "VOD.10057"), exitCredentials},
		{"bucket not authorized", refusal(http.StatusForbidden, "VOD.10114"), exitRejected},
		{"arrears", refusal(http.StatusForbidden, "VOD.10120"), exitRejected},
		{"no such object", refusal(http.StatusBadRequest, "VOD.10003"), exitRejected},
		{"throttled", refusal(http.StatusTooManyRequests, "APIGW.0308"), exitTemporary},
		{"unavailable under another status", refusal(http.StatusForbidden, "VOD.10052"), exitTemporary},
		{"bad gateway", refusal(http.StatusBadGateway, ""), exitTemporary},
		{"answer of somebody else", &client.ResponseError{Status: http.StatusOK}, exitOther},
		{"not sent", unsent(errors.New("connection refused")), exitTemporary},
		{"stopped before it was sent", unsent(context.Canceled), exitInterrupted},
		{"out of time before it was sent", unsent(context.DeadlineExceeded), exitTemporary},
		{"no answer to a dump", &client.AmbiguousError{Err: unsent(errors.New("EOF"))}, exitUnknown},
		{"stopped before the answer", &client.AmbiguousError{Err: unsent(context.Canceled)}, exitUnknown},
		{"failed job", &client.JobError{Status: companions.AssetStatusOBSCreateFailed}, exitJobFailed},
		{"interrupted", context.Canceled, exitInterrupted},
		{"out of time", context.DeadlineExceeded, exitTemporary},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for _, err := range []error{test.err, wrapped(test.err)} {
				s := &session{err: new(bytes.Buffer)}
				if got := s.report(err); got != test.want {
					t.Errorf("%v: exit code %d, want %d", err, got, test.want)
				}
			}
		})
	}
}

func wrapped(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("more about it: %w", err)
}

func TestAmbiguousDumpSaysHowToRepeatIt(t *testing.T) {
	t.Parallel()
	var text bytes.Buffer
	s := &session{err: &text}
	s.report(&client.AmbiguousError{IdempotencyKey: "KEY1", KeyHonored: true, Err: errors.New("EOF")})
	if want := "next: repeat the command with --idempotency-key KEY1;"; !strings.Contains(text.String(), want) {
		t.Errorf("%q is missing in:\n%s", want, &text)
	}
}

// What a server says must not reach a terminal as it is.
func TestReportIsHarmlessAndShort(t *testing.T) {
	t.Parallel()
	var text bytes.Buffer
	s := &session{err: &text, color: true}
	s.report(&failure{
		code: exitOther, what: "one\ntwo\x1b[2J\u202e\xff" + strings.Repeat("x", 1<<20), where: "there", next: "go on", requestID: "r1",
	})
	lines := strings.Split(strings.TrimSuffix(text.String(), "\n"), "\n")
	if len(lines) != 3 {
		t.Fatalf("%d lines, want 3", len(lines))
	}
	if want := "vod: \x1b[31merror:\x1b[0m one; two\ufffd[2J\ufffd\ufffdxxx"; !strings.HasPrefix(lines[0], want) {
		t.Errorf("the first line begins with %.60q, want %q", lines[0], want)
	}
	if len(lines[0]) > longestLine+100 {
		t.Errorf("the first line has %d bytes", len(lines[0]))
	}
	if lines[1] != "vod: where: there" || lines[2] != "vod: next: go on · request id r1" {
		t.Errorf("the other lines are %q", lines[1:])
	}
}

func TestPagePlace(t *testing.T) {
	t.Parallel()
	for field, want := range map[string]string{
		"title": "Table 3, title", "thumbnail.dots[2]": "Table 4, dots", "review.porn": "Table 5, porn", "input.object": "Table 6, object",
	} {
		if got := pagePlace(contract.Violation{Field: field, Rule: "type"}); got != want {
			t.Errorf("%s: page place %q, want %q", field, got, want)
		}
	}
}

func TestPagePlaceOfWhatThePageDoesNotState(t *testing.T) {
	t.Parallel()
	for _, v := range []contract.Violation{
		{Rule: "json"},
		{Field: "title", Rule: "json"},
		{Field: "titel", Rule: "additionalProperties"},
	} {
		if got := pagePlace(v); got != "" {
			t.Errorf("%s: page place %q, want none", v, got)
		}
	}
}
