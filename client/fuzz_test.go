package client

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// FuzzResponse sends arbitrary responses to a dump. Whatever comes, there is an asset ID only from a correct 200, and every
// error is short, printable and free of the credentials that the server got.
func FuzzResponse(f *testing.F) {
	const secret = "TOP-SECRET-TOKEN"
	f.Add(200, "application/json", "", "", []byte(`{"asset_id":"f488337c31c8e4622f1590735b134c65"}`))
	f.Add(200, "text/html", "", "", []byte("<html>"+secret))
	f.Add(400, "application/json", "", "", []byte(`{"error_code":"VOD.10003","error_msg":"x","request_id":"`+secret+`"}`))
	f.Add(401, "application/json", "", "Fri, 16 Jan 2026 08:00:00 GMT", []byte(`{"error":{"code":401,"message":"\u0000`+secret+`"}}`))
	f.Add(429, "", "99999999999999999999", "", []byte(`{"error":[]}`))
	f.Add(302, "", "Fri, 16 Jan 2026 08:00:00 GMT", "x", []byte("\xff\xfe"))
	f.Add(400, "", "", "", []byte(secret[:3]+"\xff"+secret[3:]))
	f.Fuzz(func(t *testing.T, status int, contentType, retryAfter, date string, body []byte) {
		a := response{
			op: opDump, status: status, body: body, received: time.Unix(1768550400, 0),
			flight: flight{headers: []http.Header{{"X-Auth-Token": {secret}}}},
			header: http.Header{
				"Content-Type": {contentType}, "Retry-After": {retryAfter}, "Date": {date},
				"Location": {retryAfter}, "X-Request-Id": {date},
			},
		}
		var id string
		err := call{op: opDump, key: "k", accept: func(a *response) (err error) {
			id, err = a.field("asset_id")
			return err
		}}.judge(&a)
		if err == nil {
			if status != http.StatusOK || !strings.Contains(contentType, "json") && !strings.Contains(contentType, "JSON") || !utf8.Valid(body) {
				t.Fatalf("status %d, %q, %q gave the ID %q", status, contentType, body, id)
			}
			return
		}
		err = &AmbiguousError{Op: opDump, IdempotencyKey: "k", Err: err}
		said := err.Error() + Hint(errors.Unwrap(err)) + string(Code(err))
		if len(said) > 16<<10 || !utf8.ValidString(said) || strings.ContainsAny(said, "\n\r\x1b\x00") {
			t.Fatalf("the error is not fit for a log: %q", said)
		}
		if strings.Contains(said, secret) {
			t.Fatalf("the error shows the secret: %s", said)
		}
		var api *APIError
		if errors.As(err, &api) && (api.RetryAfter < 0 || api.RetryAfter > maxWait) {
			t.Fatalf("Retry-After %q gave %v", retryAfter, api.RetryAfter)
		}
		outcomeOf(errors.Unwrap(err))
		Retryable(err)
	})
}
