package signer

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

// What Sign signs arrives at the verifier as it was meant, through net/http's own writing and reading of the request.
func FuzzSignVerify(f *testing.F) {
	f.Add("POST", "/v1.0/p/asset/reproduction", "", "X-Project-Id", "p", benchBody, "", int64(1768550400))
	f.Add("GET", "/a b/é~*//../%2f", "a=%C3%A9+1&a=0&&b", "X-A", " two  words\t", "", "token==", int64(0))
	f.Add("PUT", "*", "=&%00=%ff", "cookie", "", "\x00\xff", "", int64(253402300799))
	f.Fuzz(func(t *testing.T, method, path, query, name, value, body, securityToken string, unix int64) {
		now := time.Unix(unix%253402300800, 0)
		if now.Unix() < 0 {
			now = time.Unix(0, 0)
		}
		c := benchCreds
		c.SecurityToken = securityToken
		req := (&http.Request{
			Method: method, URL: &url.URL{Scheme: "https", Host: "vod.example", Path: path, RawQuery: query},
			Header: http.Header{name: {value, "second"}}, Body: io.NopCloser(strings.NewReader(body)),
			ContentLength: int64(len(body)),
		}).WithContext(t.Context())
		if err := Sign(req, []byte(body), c, now); err != nil {
			return // refused with a reason, nothing sent
		}
		var wire bytes.Buffer
		if err := req.Write(&wire); err != nil {
			return // net/http does not send it
		}
		received, err := http.ReadRequest(bufio.NewReader(&wire))
		if err != nil {
			return // no server of net/http lets it in
		}
		got, err := io.ReadAll(received.Body)
		if err != nil {
			return
		}
		if string(got) != body || received.URL.Path != path {
			return // net/http did not carry it, as with a body of CONNECT
		}
		who, err := verifier(c, now).Verify(received, got)
		if err != nil || who.AccessKey != c.AccessKey {
			t.Fatalf("%v: %s", who, err)
		}
	})
}

// Whatever arrives, Verify decides without a panic, and never for the caller.
func FuzzVerifyHostile(f *testing.F) {
	good := httptest.NewRequest(http.MethodPost, "https://vod.example/v1.0/p/asset?a=1", nil)
	if err := Sign(good, []byte(benchBody), benchCreds, benchTime); err != nil {
		f.Fatal(err)
	}
	f.Add(good.Header.Get(headerAuthorization), "20260116T080000Z", "/v1.0/p/asset", "a=1", "", "", benchBody)
	f.Add("SDK-HMAC-SHA256 Access=A, SignedHeaders=;;, Signature=", "99999999T999999Z", "", "%", UnsignedPayload, "x", "")
	f.Add("SDK-HMAC-SHA256 ,,,,=,=,=", "00000000T000000Z", "//", "a;b", strings.Repeat("0", 64), "\x00", "\xff")
	f.Fuzz(func(t *testing.T, authorization, date, path, query, payload, extra, body string) {
		r := &http.Request{
			Method: http.MethodPost, Host: "vod.example", URL: &url.URL{Path: path, RawPath: path, RawQuery: query},
			Header: http.Header{headerAuthorization: {authorization}, HeaderDate: {date}, "X-Extra": {extra}},
		}
		if payload != "" {
			r.Header[headerPayload] = []string{payload}
		}
		v := &Verifier{
			// Every access key exists, but nobody outside knows its secret.
			Lookup: func(_ context.Context, accessKey string) (Credentials, error) {
				return Credentials{AccessKey: accessKey, SecretKey: "CANARY-b0c1"}, nil
			},
			Now: func() time.Time { return benchTime },
		}
		_, err := v.Verify(r, []byte(body))
		var refusal *VerifyError
		if !errors.As(err, &refusal) {
			t.Fatalf("%v, want a refusal", err)
		}
		if len(refusal.Message) > maxShown+1024 || strings.Contains(refusal.Message, "CANARY-b0c1") {
			t.Fatalf("message of %d bytes: %s", len(refusal.Message), refusal.Message)
		}
	})
}
