package main

import (
	"errors"
	"net/http"
	"slices"

	"github.com/vod-reproduction/vod/client"
	"github.com/vod-reproduction/vod/contract"
)

// credentialCodes are the error codes that other credentials, or more rights for these, would cure. The cloud sends
// most of them with the same status 403 as everything else.
var credentialCodes = []string{
	"VOD.10054", "VOD.10055", "VOD.10056", "VOD.10111", "VOD.10133",
	contract.CodeWrongProject, contract.CodeNoPermission, contract.CodeNotAuthenticated, contract.CodeGatewayForbidden,
}

// explainCall turns an error of package client into a failure; nil when err is none.
func explainCall(err error) *failure {
	f := &failure{what: err.Error(), next: client.Hint(err), cause: err}
	switch client.CategoryOf(err) {
	case client.CategoryOther:
		return nil
	case client.CategoryAmbiguous:
		f.code = exitUnknown
	case client.CategoryFailed:
		f.code = exitJobFailed
	case client.CategoryCanceled:
		f.code, f.what = exitInterrupted, "interrupted"
	case client.CategoryCredentials:
		f.code = exitCredentials
	default:
		f.code = exitOther
		if client.Temporary(err) {
			f.code = exitTemporary
		}
	}
	var validation *client.ValidationError
	if errors.As(err, &validation) {
		f.code = exitRefused
	}
	var ambiguous *client.AmbiguousError
	if errors.As(err, &ambiguous) {
		f.what = "the outcome is not known, and the asset may exist: " + ambiguous.Err.Error()
		if ambiguous.KeyHonored {
			f.next = "repeat the command with --idempotency-key " + ambiguous.IdempotencyKey + "; it then gives the same asset"
		}
		return f
	}
	var api *client.APIError
	if errors.As(err, &api) {
		f.what, f.requestID = refusalText(api), api.RequestID
		if known, ok := contract.Lookup(api.Code); ok && slices.Contains(credentialCodes, known.Code) {
			f.code = exitCredentials
		}
	}
	return f
}

// refusalText tells a refusal as the server did: its code and message, or the status where it has none.
func refusalText(e *client.APIError) string {
	if e.Code != "" {
		return e.Code + " " + e.Message
	}
	text := e.Message
	if name := http.StatusText(e.Status); name != "" && name != text {
		text = name + ": " + text
	}
	return text
}
