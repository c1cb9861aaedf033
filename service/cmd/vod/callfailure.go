package main

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/vod-reproduction/vod/client"
	"github.com/vod-reproduction/vod/contract"
)

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
