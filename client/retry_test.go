package client_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vod-reproduction/vod/client"
	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen"
	"github.com/vod-reproduction/vod/signer"
)

const second = time.Second

// TestRetries is the whole retry policy as a table. The client has 3 attempts, pauses of up to 1 s and 2 s that the
// fixed jitter halves, and a limit of 10 s. honest and forgetful servers differ in honoring Idempotency-Key.
func TestRetries(t *testing.T) {
	t.Parallel()
	slow := func(header ...string) step { return refusal(post, 429, "APIGW.0308", "slow", header...) }
	busy := func(header ...string) step { return refusal(post, 503, "VOD.10052", "busy", header...) }
	honest := func(s step) step { return s.with("Vod-Idempotency", "supported") }
	lost := step{want: post, status: 502}
	denied := refusal(post, 403, "VOD.10114", "no")
	tests := []struct {
		name   string
		steps  []step
		kind   string // empty for success
		pauses []time.Duration
	}{
		{"success", []step{accepted()}, "", nil},
		{"refused", []step{denied}, "api", nil},
		{"throttled, then success", []step{slow(), accepted()}, "", []time.Duration{second / 2}},
		{"throttled with seconds", []step{slow("Retry-After", "3"), accepted()}, "", []time.Duration{3*second + second/2}},
		{"throttled with zero", []step{slow("Retry-After", "0"), accepted()}, "", []time.Duration{second / 2}},
		{"throttled with a date by our clock", []step{slow("Retry-After", "Fri, 16 Jan 2026 08:00:05 GMT"), accepted()}, "", []time.Duration{5*second + second/2}},
		{"throttled with a date by the server's clock", []step{slow("Retry-After", "Fri, 16 Jan 2026 10:00:05 GMT", "Date", "Fri, 16 Jan 2026 10:00:01 GMT"), accepted()}, "", []time.Duration{4*second + second/2}},
		{"throttled with a date that is over", []step{slow("Retry-After", "Thu, 15 Jan 2026 08:00:00 GMT"), accepted()}, "", []time.Duration{second / 2}},
		{"throttled with nonsense", []step{slow("Retry-After", "soon"), accepted()}, "", []time.Duration{second / 2}},
		{"throttled with a negative number", []step{slow("Retry-After", "-5"), accepted()}, "", []time.Duration{second / 2}},
		{"throttled up to the limit", []step{slow("Retry-After", "10"), accepted()}, "", []time.Duration{10 * second}},
		{"throttled beyond the limit", []step{slow("Retry-After", "11")}, "api", nil},
		{"throttled beyond any number", []step{slow("Retry-After", "99999999999999999999")}, "api", nil},
		{"throttled to the end", []step{slow(), slow(), slow()}, "api", []time.Duration{second / 2, second}},
		{"turned away twice", []step{busy("Retry-After", "1"), busy("Retry-After", "1"), accepted()}, "", []time.Duration{second + second/2, 2 * second}},
		{"turned away, then refused", []step{busy("Retry-After", "1"), denied}, "api", []time.Duration{second + second/2}},
		{"501: no server that takes dumps", []step{{want: post, status: 501}}, "api", nil},
		{"503 without Retry-After", []step{busy(), noKeys()}, "ambiguous api", nil},

		{"lost, forgetful server", []step{lost, bare(noKeys())}, "ambiguous api", nil},
		{"lost, the question is throttled", []step{lost, refusal(probe, 429, "APIGW.0308", "slow"), noKeys()}, "ambiguous api", []time.Duration{second / 2}},
		{"lost, honest server", []step{lost, honest(step{want: probe, status: 204}), accepted()}, "", []time.Duration{second / 2}},
		{"lost, the response itself shows", []step{honest(lost), accepted()}, "", []time.Duration{second / 2}},
		{"lost to the end", []step{honest(lost), lost, lost}, "ambiguous api", []time.Duration{second / 2, second}},
		{"nonsense, then the ID", []step{honest(ok(post, "{}")), accepted()}, "", []time.Duration{second / 2}},
		{"lost, then throttled, then the ID", []step{honest(lost), slow(), accepted()}, "", []time.Duration{second / 2, second}},
		{"lost, then refused: the first may have worked", []step{honest(lost), denied}, "ambiguous api", []time.Duration{second / 2}},
		{"lost, then throttled for long", []step{honest(lost), slow("Retry-After", "600")}, "ambiguous api", []time.Duration{second / 2}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			clock := newClock()
			server := script(t, clock, test.steps...)
			id, err := connect(t, server.URL, clock).Dump(t.Context(), example())
			switch {
			case test.kind == "" && (err != nil || id != assetID):
				t.Errorf("Dump gave %q, %v", id, err)
			case test.kind != "" && (err == nil || kindOf(err) != test.kind || id != ""):
				t.Errorf("Dump gave %q, %v; want it to fail as %q", id, err, test.kind)
			}
			if got := clock.slept(); !slices.Equal(got, test.pauses) {
				t.Errorf("pauses %v, want %v", got, test.pauses)
			}
			if keys := slices.Compact(slices.Sorted(slices.Values(server.keysSeen()))); len(keys) != 1 || len(keys[0]) < 20 {
				t.Errorf("the attempts carried the keys %q, want one and the same", keys)
			}
		})
	}
}

// bare adds the check that a question carries nothing that belongs to a dump.
func bare(question step) step {
	question.check = func(t *testing.T, r *http.Request, body []byte) {
		if len(body) > 0 || r.Header.Get("Content-Type") != "" || r.Header.Get("Idempotency-Key") != "" {
			t.Errorf("the question has header %v and body %q", r.Header, body)
		}
	}
	return question
}

// TestQueriesAreRepeated shows that a call which changes nothing when repeated is, but only where that can help.
func TestQueriesAreRepeated(t *testing.T) {
	t.Parallel()
	found := ok(info, `{"asset_info_array":[{"asset_id":"`+assetID+`","status":"PUBLISHED"}],"total":1,"is_truncated":0}`)
	tests := []struct {
		name  string
		steps []step
		kind  string
	}{
		{"502", []step{{want: info, status: 502}, found}, ""},
		{"500 and 504", []step{{want: info, status: 500}, {want: info, status: 504}, found}, ""},
		{"503", []step{{want: info, status: 503}, found}, ""},
		{"HTML", []step{ok(info, "<html>")}, "response"},
		{"401", []step{refusal(info, 401, "APIGW.0301", "no")}, "api"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			clock := newClock()
			_, err := connect(t, script(t, clock, test.steps...).URL, clock).Asset(t.Context(), assetID)
			if test.kind == "" && err != nil || test.kind != "" && kindOf(err) != test.kind {
				t.Errorf("Asset gave %v, want %q", err, test.kind)
			}
		})
	}
	t.Run("connection cut", func(t *testing.T) {
		t.Parallel()
		body := found.body
		server := misbehave(t, reset, then(write(head200+"{"), closing),
			write(fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(body), body)))
		if _, err := connect(t, server.url(), newClock()).Asset(t.Context(), assetID); err != nil {
			t.Error(err)
		}
	})
}

// TestBudget shows that a server which turns everything away is asked once a call, and no more, after a while.
func TestBudget(t *testing.T) {
	t.Parallel()
	clock := newClock()
	var steps []step
	for range 150 { // 50 dumps of 3 attempts use up 500 tokens
		steps = append(steps, refusal(post, 429, "APIGW.0308", "slow"))
	}
	slow := refusal(post, 429, "APIGW.0308", "slow")
	// Five successes pay for one repetition, four do not.
	steps = append(steps, slow, accepted(), accepted(), accepted(), accepted(), slow, accepted(), slow, accepted())
	c := connect(t, script(t, clock, steps...).URL, clock)
	for range 51 {
		if _, err := c.Dump(t.Context(), example()); kindOf(err) != "api" {
			t.Fatal(err)
		}
	}
	if got := len(clock.slept()); got != 100 {
		t.Errorf("%d repetitions, want 100", got)
	}
	for i, succeeds := range []bool{true, true, true, true, false, true, true} {
		if _, err := c.Dump(t.Context(), example()); (err == nil) != succeeds {
			t.Errorf("dump %d after that gave %v", i+1, err)
		}
	}
}

// TestKeyIsRemembered shows that a client which once saw the announcement does not ask for it.
func TestKeyIsRemembered(t *testing.T) {
	t.Parallel()
	clock := newClock()
	c := connect(t, script(t, clock, accepted().with("Vod-Idempotency", "supported"), step{want: post, status: 502}, accepted()).URL, clock)
	for range 2 {
		if _, err := c.Dump(t.Context(), example()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestWithIdempotencyKey(t *testing.T) {
	t.Parallel()
	clock := newClock()
	server := script(t, clock, accepted())
	c := connect(t, server.URL, clock)
	if _, err := c.Dump(t.Context(), example(), client.WithIdempotencyKey("order-4711")); err != nil {
		t.Fatal(err)
	}
	if got := server.keysSeen(); !slices.Equal(got, []string{"order-4711"}) {
		t.Errorf("keys %q", got)
	}
	for _, key := range []string{"", "two words", "line\nbreak", "schlüssel", strings.Repeat("k", 256)} {
		_, err := c.Dump(t.Context(), example(), client.WithIdempotencyKey(key))
		if kindOf(err) != "validation" || !strings.Contains(err.Error(), "Idempotency-Key") {
			t.Errorf("key %q gave %v", key, err)
		}
	}
}

// TestDumpBody sends a request byte for byte, once more under its key, and checks the key alone first.
func TestDumpBody(t *testing.T) {
	t.Parallel()
	clock := newClock()
	body := []byte(`{ "title": "not what Dump would send" }`)
	same := func(t *testing.T, _ *http.Request, got []byte) {
		if !bytes.Equal(got, body) {
			t.Errorf("body %s", got)
		}
	}
	throttled, taken := refusal(post, 429, "APIGW.0308", "The throttling threshold has been reached."), accepted()
	throttled.check, taken.check = same, same
	server := script(t, clock, throttled, taken)
	c := connect(t, server.URL, clock)
	if id, err := c.DumpBody(t.Context(), body, client.WithIdempotencyKey("order-4711")); err != nil || id != assetID {
		t.Fatal(id, err)
	}
	if got := server.keysSeen(); !slices.Equal(got, []string{"order-4711", "order-4711"}) {
		t.Errorf("keys %q", got)
	}
	if _, err := c.DumpBody(t.Context(), body, client.WithIdempotencyKey("two words")); kindOf(err) != "validation" {
		t.Errorf("a key of two words gave %v", err)
	}
}

// TestWithParams holds that every header parameter of the document reaches the server.
func TestWithParams(t *testing.T) {
	t.Parallel()
	clock := newClock()
	sent := map[string]string{}
	look := accepted()
	look.check = func(_ *testing.T, r *http.Request, _ []byte) {
		for name := range r.Header {
			sent[name] = r.Header.Get(name)
		}
	}
	server := script(t, clock, look, accepted())
	c := connect(t, server.URL, clock)
	var params gen.PublishAssetFromObsParams
	fields := reflect.ValueOf(&params).Elem()
	fillFields(fields)
	if _, err := c.Dump(t.Context(), example(), client.WithParams(params)); err != nil {
		t.Fatal(err)
	}
	for i := range fields.NumField() {
		name, _, _ := strings.Cut(fields.Type().Field(i).Tag.Get("json"), ",")
		if got := sent[http.CanonicalHeaderKey(name)]; got != "9" && got != "true" {
			t.Errorf("%s is not sent: %v", name, sent)
		}
	}
	if _, err := c.Dump(t.Context(), example(), client.WithIdempotencyKey("order-4711"), client.WithParams(gen.PublishAssetFromObsParams{})); err != nil {
		t.Fatal(err)
	}
	if keys := server.keysSeen(); !slices.Equal(keys, []string{"9", "order-4711"}) {
		t.Errorf("keys %q", keys)
	}
}

// TestWithResponse holds that every property of the response reaches the caller.
func TestWithResponse(t *testing.T) {
	t.Parallel()
	clock := newClock()
	var sent, got gen.DumpResponse
	fillFields(reflect.ValueOf(&sent).Elem())
	body, err := json.Marshal(sent)
	if err != nil {
		t.Fatal(err)
	}
	c := connect(t, script(t, clock, ok(post, string(body)), refusal(post, 400, "VOD.10003", "no")).URL, clock)
	id, err := c.Dump(t.Context(), example(), client.WithResponse(&got))
	if err != nil || id != sent.AssetID || !reflect.DeepEqual(got, sent) {
		t.Errorf("got %q, %+v, %v; the server sent %+v", id, got, err, sent)
	}
	if _, err := c.Dump(t.Context(), example(), client.WithResponse(&got)); err == nil || !reflect.DeepEqual(got, sent) {
		t.Errorf("a refusal leaves %+v, %v", got, err)
	}
}

// fillFields sets every field of a struct to 9, as text, number or element, or to true.
func fillFields(v reflect.Value) {
	for i := range v.NumField() {
		field := v.Field(i).Addr().Interface()
		for _, value := range []string{`"9"`, `9`, `true`, `["9"]`, `[9]`} {
			if json.Unmarshal([]byte(value), field) == nil {
				break
			}
		}
	}
}

// TestClockSkew shows that a wrong clock is named, measured and not worked around.
func TestClockSkew(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ date, want string }{
		{"Fri, 16 Jan 2026 10:00:10 GMT", "it is 2h0m0s behind the server's"},
		{"Fri, 16 Jan 2026 07:30:10 GMT", "it is 30m0s ahead of the server's"},
		{"Fri, 16 Jan 2026 08:00:30 GMT", "check access key"},
		{"", "check access key"},
		{"yesterday", "check access key"},
	} {
		clock := newClock()
		refused := refusal(post, 401, "APIGW.0301", "signature expired", "Date", test.date)
		refused.check = func(*testing.T, *http.Request, []byte) { clock.advance(20 * second) } // on its way, there and back
		server := script(t, clock, refused)
		_, err := connect(t, server.URL, clock).Dump(t.Context(), example())
		if client.Code(err) != contract.CodeNotAuthenticated || !strings.Contains(client.Hint(err), test.want) {
			t.Errorf("Date %q: %v, hint %q; want %q", test.date, err, client.Hint(err), test.want)
		}
	}
}

// rotating returns a new token whenever one was refused, until it has no more.
type rotating struct{ tokens []string }

func (r *rotating) Token(_ context.Context, refused string) (string, error) {
	if len(r.tokens) > 0 && r.tokens[0] == refused {
		r.tokens = r.tokens[1:]
	}
	if len(r.tokens) == 0 {
		return "", errors.New("the password was changed")
	}
	return r.tokens[0], nil
}

// TestTokenRenewal shows that a refused token is renewed once, and that failing to do so is no open outcome.
func TestTokenRenewal(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		tokens []string
		valid  string
		kind   string
	}{
		{"renewed", []string{"old", "new"}, "new", ""},
		{"renewed in vain", []string{"old", "new"}, "newest", "api"},
		{"no new one", []string{"old"}, "new", "transport"},
		{"none at all", nil, "new", "transport"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			serve := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				var body gen.DumpRequest
				if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
					t.Error(err)
				}
				if r.Header.Get("X-Auth-Token") != test.valid {
					respond(w, refusal(post, 401, "APIGW.0301", "token expires"))
					return
				}
				respond(w, accepted())
			})
			c := connect(t, serveHTTP(t, serve), newClock(), func(c *client.Config) {
				c.Auth = signer.TokenAuth{Source: &rotating{test.tokens}}
			})
			_, err := c.Dump(t.Context(), example())
			if test.kind == "" && err != nil || test.kind != "" && (kindOf(err) != test.kind || client.Retryable(err)) {
				t.Errorf("Dump gave %v, want %q", err, test.kind)
			}
			if transport, ok := errors.AsType[*client.TransportError](err); ok != (test.kind == "transport") || ok && !transport.Unauthenticated {
				t.Errorf("a lack of credentials is not told from a failure of the network: %#v", err)
			}
			if want := contract.CodeNotAuthenticated; test.kind == "api" && client.Code(err) != want {
				t.Errorf("code %q, want %s", client.Code(err), want)
			}
		})
	}
}

var _ signer.TokenSource = (*rotating)(nil)
