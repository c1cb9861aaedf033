package signer

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

func TestSignCoversWhatArrives(t *testing.T) {
	t.Parallel()
	req := benchRequest(t)
	req.Header.Set("Idempotency-Key", "k")
	for _, name := range []string{"User-Agent", "Accept-Encoding", "X-Forwarded-For", "Via", "Connection", "X-Auth-Token"} {
		req.Header.Set(name, "x")
	}
	if err := Sign(req, []byte(benchBody), benchCreds, benchTime); err != nil {
		t.Fatal(err)
	}
	claim, err := parseAuthorization(req.Header.Get("Authorization"))
	if err != nil {
		t.Fatal(err)
	}
	if want := "content-type;host;idempotency-key;x-project-id;x-sdk-date"; claim.signedHeaders != want {
		t.Errorf("signed %s, want %s", claim.signedHeaders, want)
	}
	if got := req.Header.Get("X-Sdk-Date"); got != "20260116T080000Z" {
		t.Errorf("X-Sdk-Date: %s", got)
	}
}

func TestSignAgain(t *testing.T) {
	t.Parallel()
	temporary := Credentials{"AKTEMPORARY", "SKtemporary", "tokenEXAMPLE=="}
	req := benchRequest(t)
	if err := Sign(req, []byte(benchBody), temporary, benchTime); err != nil {
		t.Fatal(err)
	}
	if got := req.Header["X-Security-Token"]; len(got) != 1 || got[0] != temporary.SecurityToken {
		t.Errorf("X-Security-Token: %q", got)
	}
	if !strings.Contains(req.Header.Get("Authorization"), ";x-security-token,") {
		t.Errorf("the security token is not signed: %s", req.Header.Get("Authorization"))
	}
	if err := Sign(req, []byte(benchBody), benchCreds, benchTime); err != nil {
		t.Fatal(err)
	}
	if got, there := req.Header["X-Security-Token"]; there {
		t.Errorf("X-Security-Token of another pair is still there: %q", got)
	}
	fresh := benchRequest(t)
	if err := Sign(fresh, []byte(benchBody), benchCreds, benchTime); err != nil {
		t.Fatal(err)
	}
	if a, b := req.Header.Get("Authorization"), fresh.Header.Get("Authorization"); a != b {
		t.Errorf("signed again %s\nsigned once  %s", a, b)
	}
}

func TestSignRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change func(*http.Request)
		want   string
	}{
		{"an encoded slash", func(r *http.Request) { r.URL, _ = url.Parse("https://h/a%2fb") }, "%2F"},
		{"an opaque URL", func(r *http.Request) { r.URL.Opaque = "//h/a" }, "path of its own"},
		{"no host", func(r *http.Request) { r.Host, r.URL.Host = "", "" }, "no host"},
		{"a host in Unicode", func(r *http.Request) { r.Host = "vod.例子" }, "ASCII"},
		{"a zone", func(r *http.Request) { r.Host = "[fe80::1%25eth0]" }, "zone"},
		{"a broken query", func(r *http.Request) { r.URL.RawQuery = "a=%" }, "%25"},
		{"a semicolon", func(r *http.Request) { r.URL.RawQuery = "a=1;b=2" }, "%3B"},
		{"a line feed in a header", func(r *http.Request) { r.Header.Set("X-A", "1\nx-b:2") }, "control character"},
		{"a bad header name", func(r *http.Request) { r.Header["X A"] = []string{"1"} }, "X A"},
		{"a date of another spelling", func(r *http.Request) { r.Header["x-sdk-date"] = []string{"1"} }, "spelled X-Sdk-Date"},
		{"a bad method", func(r *http.Request) { r.Method = "GET /\n" }, "method"},
		{"a hash of another body", func(r *http.Request) { r.Header.Set(headerPayload, strings.Repeat("0", 64)) }, headerPayload},
		{"two hashes", func(r *http.Request) { r.Header[headerPayload] = []string{UnsignedPayload, UnsignedPayload} }, "more than once"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			req := benchRequest(t)
			test.change(req)
			before := len(req.Header)
			err := Sign(req, []byte(benchBody), benchCreds, benchTime)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one about %q", err, test.want)
			}
			if len(req.Header) != before {
				t.Errorf("the headers have changed: %v", req.Header)
			}
		})
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]Credentials{
		"nothing":              {},
		"no secret key":        {AccessKey: "AK"},
		"no access key":        {SecretKey: "CANARY"},
		"a comma":              {AccessKey: "A,B", SecretKey: "CANARY"},
		"a space":              {AccessKey: "A B", SecretKey: "CANARY"},
		"a long access key":    {AccessKey: strings.Repeat("A", 129), SecretKey: "CANARY"},
		"a line feed in token": {AccessKey: "AK", SecretKey: "CANARY", SecurityToken: "CANARY\n"},
	} {
		_, err := New(c)
		if err == nil {
			t.Errorf("%s is not refused", name)
		} else if strings.Contains(err.Error(), "CANARY") {
			t.Errorf("%s: the error contains a secret: %v", name, err)
		}
	}
}
