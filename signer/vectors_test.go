package signer

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"
)

// vector is a request that another implementation signed.
type vector struct {
	Name             string            `json:"name"`
	AccessKey        string            `json:"access_key"`
	SecretKey        string            `json:"secret_key"`
	Method           string            `json:"method"`
	URL              string            `json:"url"`
	Headers          map[string]string `json:"headers"`
	Body             string            `json:"body"`
	CanonicalRequest string            `json:"canonical_request"`
	Authorization    string            `json:"authorization"`
}

func readVectors(t testing.TB, path string) []vector {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var vectors []vector
	if err := json.Unmarshal(data, &vectors); err != nil {
		t.Fatal(err)
	}
	return vectors
}

func (v vector) credentials() Credentials {
	return Credentials{v.AccessKey, v.SecretKey, v.Headers[headerSecurityToken]}
}

// received returns the request as a server sees it.
func (v vector) received(t testing.TB) *http.Request {
	t.Helper()
	u, err := url.Parse(v.URL)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(v.Method, "/", nil)
	r.URL, r.Host = u, u.Host
	for name, value := range v.Headers {
		r.Header.Set(name, value)
	}
	r.Header.Set(headerAuthorization, v.Authorization)
	return r
}

// resigned returns the Authorization that this package writes for the same headers.
func (v vector) resigned(t testing.TB) string {
	t.Helper()
	s, err := New(v.credentials())
	if err != nil {
		t.Fatal(err)
	}
	var c canonicalizer
	if err := c.claim(v.Authorization); err != nil {
		t.Fatal(err)
	}
	if err := c.received(v.received(t), []byte(v.Body), "", true); err != nil {
		t.Fatal(err)
	}
	return string(s.writeAuthorization(&c, v.Headers[HeaderDate]))
}

// verifier knows one pair and stands still at one moment.
func verifier(c Credentials, now time.Time) *Verifier {
	return &Verifier{
		Lookup: func(_ context.Context, accessKey string) (Credentials, error) {
			if accessKey != c.AccessKey {
				return Credentials{}, ErrUnknownAccessKey
			}
			return c, nil
		},
		Now:                  func() time.Time { return now },
		AllowUnsignedPayload: true,
	}
}

func parseDate(t testing.TB, date string) time.Time {
	t.Helper()
	at, err := time.Parse(DateLayout, date)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestVectors(t *testing.T) {
	t.Parallel()
	for _, v := range readVectors(t, "testdata/vectors.json") {
		t.Run(v.Name, func(t *testing.T) {
			t.Parallel()
			if got := v.resigned(t); got != v.Authorization {
				t.Errorf("signed  %s\nwant    %s", got, v.Authorization)
			}
			got, err := CanonicalRequest(v.received(t), []byte(v.Body))
			if err != nil {
				t.Fatal(err)
			}
			want := strings.ReplaceAll(v.CanonicalRequest, "tokenEXAMPLE==", "***")
			if v.CanonicalRequest != "" && got != want {
				t.Errorf("canonical request\n%s\nwant\n%s", got, want)
			}
			verify := verifier(v.credentials(), parseDate(t, v.Headers[HeaderDate]))
			if who, err := verify.Verify(v.received(t), []byte(v.Body)); err != nil || who.AccessKey != v.AccessKey {
				t.Errorf("verified as %+v, %v", who, err)
			}
		})
	}
}

// The requests in official.json were signed by huaweicloud-sdk-go-v3 v0.1.207: random paths, queries, headers, bodies.
func TestOfficialSDK(t *testing.T) {
	t.Parallel()
	vectors := readVectors(t, "testdata/official.json")
	if len(vectors) < 200 {
		t.Fatalf("%d vectors, want at least 200", len(vectors))
	}
	for _, v := range vectors {
		v.AccessKey, v.SecretKey = "AKEXAMPLE0000000001", "SKexample0000000000000000000000000000001"
		if got := v.resigned(t); got != v.Authorization {
			t.Errorf("%s: signed %s\nwant %s", v.Name, got, v.Authorization)
		}
		verify := verifier(v.credentials(), parseDate(t, v.Headers[HeaderDate]))
		if _, err := verify.Verify(v.received(t), []byte(v.Body)); err != nil {
			t.Errorf("%s: %v", v.Name, err)
		}
	}
}

func TestCanonicalQuery(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, raw, want string }{
		{"none", "", ""},
		{
			"of the official SDK's tests", "test=%E4%B8%80+(%26%3D%3F!%23%25.*)&path=/tmp/123&multi=2&multi=1&multi=3&limit=1&enable=true",
			"enable=true&limit=1&multi=1&multi=2&multi=3&path=%2Ftmp%2F123&test=%E4%B8%80%20%28%26%3D%3F%21%23%25.%2A%29",
		},
		{"no value", "b&a=", "a=&b="},
		{"second equals sign", "a=b=c", "a=b%3Dc"},
		{"empty parameters", "&&a=1&", "a=1"},
		{"empty name", "=1", "=1"},
		{"sorted before encoding", "a%7E=1&a%2F=2", "a%2F=2&a~=1"},
		{"lower-case hexadecimal", "a=%c3%a9", "a=%C3%A9"},
	}
	for _, test := range tests {
		var c canonicalizer
		if err := c.parseQuery(test.raw); err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
		if got := string(c.appendQuery(nil)); got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
	for _, raw := range []string{"a=%", "a=%4", "a=%zz", "%g0=1", "a=1;b=2"} {
		var c canonicalizer
		if err := c.parseQuery(raw); err == nil {
			t.Errorf("%q is not refused", raw)
		}
	}
}

func TestCanonicalPath(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"":         "/",
		"/":        "/",
		"/a":       "/a/",
		"/a/":      "/a/",
		"//a":      "//a/",
		"/a/../b":  "/a/../b/",
		"/a b/é~*": "/a%20b/%C3%A9~%2A/",
		"/%25":     "/%2525/",
		"*":        "%2A/",
	} {
		if got := string(new(canonicalizer).appendPath(nil, path)); got != want {
			t.Errorf("%q: %s, want %s", path, got, want)
		}
	}
}

func TestCanonicalHeaders(t *testing.T) {
	t.Parallel()
	var c canonicalizer
	add := func(name string, values ...string) error {
		h, err := c.headerOf(name)
		if err != nil {
			return err
		}
		return c.add(h.name, values...)
	}
	for _, h := range []struct {
		name   string
		values []string
	}{
		{"X-B", []string{" two  words\t", "a"}}, {"x-b", []string{"b"}}, {"X-A", []string{""}},
	} {
		if err := add(h.name, h.values...); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.request("GET", &url.URL{Path: "/"}); err != nil {
		t.Fatal(err)
	}
	want := "GET\n/\n\nx-a:\nx-b:a\nx-b:b\nx-b:two  words\n\nx-a;x-b\n"
	if got := string(c.text); got != want {
		t.Errorf("%q, want %q", got, want)
	}
	for _, h := range []field{{"X-A", "1\nx-b:2"}, {"X-A", "1\r"}, {"X-A", "\x00"}, {"X A", ""}, {"", ""}, {"X:", ""}, {"Ä", ""}} {
		if err := add(h.name, h.value); err == nil {
			t.Errorf("header %q with the value %q is not refused", h.name, h.value)
		}
	}
}
