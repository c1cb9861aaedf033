package client_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/vod-reproduction/vod/client"
)

// noKeys is how the cloud, which knows neither OPTIONS nor Idempotency-Key, responds to the question for them.
func noKeys() step { return refusal(probe, 404, "APIGW.0101", "The API does not exist.") }

func kindOf(err error) string {
	switch err.(type) { //nolint:errorlint // the outermost error is meant
	case *client.ValidationError:
		return "validation"
	case *client.APIError:
		return "api"
	case *client.ResponseError:
		return "response"
	case *client.TransportError:
		return "transport"
	case *client.AmbiguousError:
		return "ambiguous " + kindOf(errors.Unwrap(err))
	case *client.JobError:
		return "job"
	}
	return fmt.Sprintf("%T", err)
}

// TestDumpAnswers goes through what servers and the things in front of them really send. Every row is one POST: none of
// these responses allows a second one. "ambiguous" rows ask once whether the server honors Idempotency-Key.
func TestDumpAnswers(t *testing.T) {
	t.Parallel()
	const want = post
	html := "<html><body>login</body></html>"
	tests := []struct {
		name     string
		response step
		kind     string
		status   int
		code     string
		contains []string // in the text or the hint
	}{
		{"documented refusal", refusal(want, 400, "VOD.10003", "The specified key does not exist.", "X-Request-Id", "req-1"),
			"api", 400, "VOD.10003", []string{"VOD.10003 The specified key does not exist. (HTTP 400, request id req-1)", "check input.bucket"}},
		{"request id in the body", step{want: want, status: 403, body: `{"error_msg":"m","error_code":"VOD.10114","request_id":"req-2"}`},
			"api", 403, "VOD.10114", []string{"request id req-2", "authorize the bucket"}},
		{"code as a number", step{want: want, status: 400, body: `{"error_code":10003,"error_msg":"x"}`},
			"api", 400, "10003", []string{"10003 x"}},
		{"code without a message", step{want: want, status: 400, body: `{"error_code":"VOD.10003","error_msg":""}`},
			"api", 400, "VOD.10003", []string{"VOD.10003 Bad Request"}},
		{"the shape of IAM", step{want: want, status: 401, body: `{"error":{"code":"APIGW.0301","message":"no"}}`},
			"api", 401, "APIGW.0301", []string{"APIGW.0301 no"}},
		{"the gateway's newer spelling", refusal(want, 403, "APIG.0302", "not authorized"),
			"api", 403, "APIG.0302", []string{"ask the administrator"}},
		{"a credentials code sent with 403", refusal(want, 403, "VOD.10054", "Identity authentication failed."),
			"api", 403, "VOD.10054", nil},
		{"a missing category sent with 403", refusal(want, 403, "VOD.10064", "no category"),
			"api", 403, "VOD.10064", nil},
		{"another body under the same key", refusal(want, 409, "VOD.10053", "Idempotency-Key"),
			"api", 409, "VOD.10053", nil},
		{"404 without a body", step{want: want, status: 404},
			"api", 404, "", []string{"Not Found", "check the endpoint"}},
		{"413 in plain text", step{want: want, status: 413, header: map[string]string{"Content-Type": "text/plain"}, body: "too big"},
			"api", 413, "", []string{`"too big"`}},
		{"an error status that nobody named", step{want: want, status: 418},
			"api", 418, "", nil},
		{"the asker of Retry-After asks too much", refusal(want, 429, "APIGW.0308", "slow", "Retry-After", "3600"),
			"api", 429, "APIGW.0308", []string{"slow down"}},

		{"503 without Retry-After", step{want: want, status: 503}, "ambiguous api", 503, "", nil},
		{"502 in HTML", step{want: want, status: 502, header: map[string]string{"Content-Type": "text/html"}, body: "<h1>502 Bad Gateway</h1>"},
			"ambiguous api", 502, "", []string{"Bad Gateway (HTTP 502)", `"<h1>502`, "before sending it again"}},
		{"504", step{want: want, status: 504}, "ambiguous api", 504, "", nil},
		{"500 with 5 MB of HTML", step{want: want, status: 500, body: "<html>" + strings.Repeat("x", 5_000_000)},
			"ambiguous api", 500, "", []string{"Internal Server Error", "xxx…"}},
		{"an internal error sent with 403", refusal(want, 403, "VOD.10051", "Internal system error."),
			"ambiguous api", 403, "VOD.10051", nil},

		{"200 in HTML", step{want: want, status: 200, header: map[string]string{"Content-Type": "text/html"}, body: html},
			"ambiguous response", 200, "", []string{"text/html", "login"}},
		{"200 in HTML that calls itself JSON", ok(want, html), "ambiguous response", 200, "", []string{"not strict JSON"}},
		{"200 of a type that only sounds like JSON", ok(want, `{"asset_id":"a"}`).with("Content-Type", "text/notjson"),
			"ambiguous response", 200, "", []string{"text/notjson"}},
		{"200 without a type", ok(want, `{"asset_id":"a"}`).with("Content-Type", ""), "ambiguous response", 200, "", nil},
		{"200 as XML", ok(want, `{"asset_id":"a"}`).with("Content-Type", "application/xml"), "ambiguous response", 200, "", nil},
		{"200 as BSON", ok(want, `{"asset_id":"a"}`).with("Content-Type", "application/bson"), "ambiguous response", 200, "", nil},
		{"200 empty", ok(want, ""), "ambiguous response", 200, "", nil},
		{"200 {}", ok(want, `{}`), "ambiguous response", 200, "", []string{"no asset_id"}},
		{"200 null", ok(want, `null`), "ambiguous response", 200, "", []string{"not a JSON object"}},
		{"200 []", ok(want, `[]`), "ambiguous response", 200, "", nil},
		{"200 string", ok(want, `"ok"`), "ambiguous response", 200, "", nil},
		{"200 with a number", ok(want, `{"asset_id":42}`), "ambiguous response", 200, "", []string{"not a string"}},
		{"200 with null", ok(want, `{"asset_id":null}`), "ambiguous response", 200, "", []string{"not a string"}},
		{"200 with an empty ID", ok(want, `{"asset_id":""}`), "ambiguous response", 200, "", nil},
		{"200 with an ID that is a path", ok(want, `{"asset_id":"../x"}`), "ambiguous response", 200, "", []string{"does not look like an ID"}},
		{"200 with the name in other letters", ok(want, `{"ASSET_ID":"a"}`), "ambiguous response", 200, "", []string{"no asset_id"}},
		{"200 cut off, framing fine", ok(want, `{"asset_id":"f488337`), "ambiguous response", 200, "", nil},
		{"200 with something behind it", ok(want, `{"asset_id":"a"} {}`), "ambiguous response", 200, "", []string{"follows"}},
		{"200 with the ID twice", ok(want, `{"asset_id":"a","asset_id":"b"}`), "ambiguous response", 200, "", []string{"duplicate"}},
		{"200 with bad UTF-8", ok(want, "{\"asset_id\":\"a\xff\"}"), "ambiguous response", 200, "", nil},
		{"200 with an endless ID", ok(want, `{"asset_id":"`+strings.Repeat("a", 3<<20)+`"}`), "ambiguous response", 200, "", []string{"larger than 1048576 bytes"}},
		{"201 with an ID", step{want: want, status: 201, body: `{"asset_id":"a"}`}, "ambiguous response", 201, "", []string{"HTTP 201"}},
		{"204", step{want: want, status: 204}, "ambiguous response", 204, "", nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			steps := []step{test.response}
			if strings.HasPrefix(test.kind, "ambiguous") {
				steps = append(steps, noKeys())
			}
			clock := newClock()
			server := script(t, clock, steps...)
			id, err := connect(t, server.URL, clock).Dump(t.Context(), example())
			if err == nil || id != "" {
				t.Fatalf("Dump gave %q, %v; want an error and no ID", id, err)
			}
			if got := kindOf(err); got != test.kind {
				t.Fatalf("Dump failed as %q, want %q: %v", got, test.kind, err)
			}
			if got, want := client.Retryable(err), test.status == http.StatusTooManyRequests; got != want {
				t.Errorf("retryable %t, want %t", got, want)
			}
			if got := client.Code(err); string(got) != test.code {
				t.Errorf("Code gave %q, want %q", got, test.code)
			}
			status, code := statusOf(err)
			if status != test.status || code != test.code {
				t.Errorf("status %d code %q, want %d %q", status, code, test.status, test.code)
			}
			said := err.Error() + "\n" + client.Hint(err)
			for _, text := range test.contains {
				if !strings.Contains(said, text) {
					t.Errorf("%q is missing in:\n%s", text, said)
				}
			}
			if len(said) > 4096 || strings.Count(said, "\n") > 1 {
				t.Errorf("the error is too long or not one line:\n%.1000s", said)
			}
		})
	}
}

func statusOf(err error) (int, string) {
	var api *client.APIError
	var response *client.ResponseError
	switch {
	case errors.As(err, &api):
		return api.Status, string(api.Code)
	case errors.As(err, &response):
		return response.Status, ""
	}
	return 0, ""
}

// TestNoRedirect shows that a redirect is an error that names its target, and that neither host nor body moves on.
func TestNoRedirect(t *testing.T) {
	t.Parallel()
	elsewhere := script(t, newClock())
	for _, status := range []int{301, 302, 303, 307, 308} {
		for _, target := range []string{"/elsewhere?token=abc", elsewhere.URL + "/login"} {
			t.Run(fmt.Sprintf("%d %s", status, target[:5]), func(t *testing.T) {
				t.Parallel()
				clock := newClock()
				server := script(t, clock, step{want: post, status: status, header: map[string]string{"Location": target}})
				_, err := connect(t, server.URL, clock).Dump(t.Context(), example())
				var api *client.APIError
				if !errors.As(err, &api) || api.Status != status {
					t.Fatalf("Dump gave %v, want status %d", err, status)
				}
				if !strings.Contains(err.Error(), strings.TrimSuffix(target, "?token=abc")) || strings.Contains(err.Error(), "abc") {
					t.Errorf("the error does not name the target, or repeats its query: %v", err)
				}
				if client.Hint(err) == "" {
					t.Error("no hint")
				}
			})
		}
	}
}

// TestSecretsStayOut has a server repeat everything it got in its refusal, as a debugging gateway does.
func TestSecretsStayOut(t *testing.T) {
	t.Parallel()
	echo := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Request-Id", r.Header.Get("X-Security-Token"))
		w.WriteHeader(http.StatusBadRequest)
		_, _ = fmt.Fprintf(w, `{"error_code":"%[1]s","error_msg":"canonicalRequest:POST|x-security-token:%[1]s|%[2]s"}`,
			r.Header.Get("X-Security-Token")+r.Header.Get("X-Auth-Token"), r.Header.Get("Authorization"))
	}
	for name, c := range secretClients(t, http.HandlerFunc(echo)) {
		_, err := c.Dump(context.Background(), example())
		if err == nil {
			t.Fatalf("%s: no error", name)
		}
		said := fmt.Sprintf("%v %+v %#v %s", err, err, err, client.Hint(err))
		for _, secret := range []string{"TEMPORARY-TOKEN", "USER-TOKEN", "SECRET-KEY", "Signature="} {
			if strings.Contains(said, secret) {
				t.Errorf("%s: the error shows %s: %s", name, secret, said)
			}
		}
		if !strings.Contains(said, "[redacted]") {
			t.Errorf("%s: nothing was taken out, so the test shows nothing: %s", name, said)
		}
	}
}
