package signer

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"
)

// signedRequest returns a request as it arrives at a server, and its body.
func signedRequest(t testing.TB, c Credentials, change func(*http.Request)) (*http.Request, []byte) {
	t.Helper()
	req := benchRequest(t)
	if change != nil {
		change(req)
	}
	if err := Sign(req, []byte(benchBody), c, benchTime); err != nil {
		t.Fatal(err)
	}
	req.Host = req.URL.Host
	return req, []byte(benchBody)
}

func wantRefusal(t testing.TB, err error, reason Reason, text string) VerifyError {
	t.Helper()
	var refusal *VerifyError
	if !errors.As(err, &refusal) {
		t.Fatalf("error %v, want a refusal", err)
	}
	if refusal.Reason != reason || !strings.Contains(refusal.Message, text) {
		t.Errorf("refused for %s: %s\nwant %s: %q", refusal.Reason, refusal.Message, reason, text)
	}
	return *refusal
}

func TestSkew(t *testing.T) {
	t.Parallel()
	tests := []struct {
		skew time.Duration // the server's clock behind (+) or ahead of (-) the signature
		ok   bool
	}{
		{-15*time.Minute - time.Second, false}, {-15 * time.Minute, true}, {-14*time.Minute - 59*time.Second, true},
		{14*time.Minute + 59*time.Second, true}, {15 * time.Minute, true}, {15*time.Minute + time.Second, false},
		{1e6 * time.Hour, false}, {-1e6 * time.Hour, false},
	}
	for _, test := range tests {
		req, body := signedRequest(t, benchCreds, nil)
		server := benchTime.Add(-test.skew)
		_, err := verifier(benchCreds, server).Verify(req, body)
		if test.ok {
			if err != nil {
				t.Errorf("%s: %v", test.skew, err)
			}
			continue
		}
		wantRefusal(t, err, ReasonExpired,
			"signature expired, signature time:20260116T080000Z,server time:"+server.Format(DateLayout))
	}
	req, body := signedRequest(t, benchCreds, nil)
	v := verifier(benchCreds, benchTime.Add(2*time.Minute))
	v.MaxSkew = time.Minute
	_, err := v.Verify(req, body)
	wantRefusal(t, err, ReasonExpired, "1m0s")
}

func TestVerifyRefuses(t *testing.T) {
	t.Parallel()
	edit := func(old, replacement string) func(*http.Request) {
		return func(r *http.Request) {
			value := r.Header.Get(headerAuthorization)
			if !strings.Contains(value, old) {
				panic(old + " is not in " + value)
			}
			r.Header.Set(headerAuthorization, strings.Replace(value, old, replacement, 1))
		}
	}
	tests := []struct {
		name   string
		change func(*http.Request)
		reason Reason
		text   string
	}{
		{"no Authorization", func(r *http.Request) { r.Header.Del(headerAuthorization) }, ReasonMissing, "not found"},
		{
			"two Authorization lines", func(r *http.Request) { r.Header.Add(headerAuthorization, r.Header.Get(headerAuthorization)) },
			ReasonMalformed, "more than once",
		},
		{"SM3", edit(Algorithm, "SDK-HMAC-SM3"), ReasonAlgorithm, "only SDK-HMAC-SHA256"},
		{"derived key", edit(Algorithm, "V11-HMAC-SHA256"), ReasonAlgorithm, "only SDK-HMAC-SHA256"},
		{"basic", func(r *http.Request) { r.SetBasicAuth("a", "b") }, ReasonAlgorithm, "only SDK-HMAC-SHA256"},
		{"too long", edit("Access=", "Access="+strings.Repeat("A", 9000)), ReasonMalformed, "longer than"},
		{"long access key", edit("Access=", "Access="+strings.Repeat("A", 129)), ReasonMalformed, "Access is malformed"},
		{"no access key", edit("Access=AKEXAMPLE0000000001, ", ""), ReasonMalformed, "must have the parts"},
		{"access key twice", edit("SignedHeaders=", "Access=B, Access="), ReasonMalformed, "more than once"},
		{"four parts", edit("Signature=", "Signature=x, Signature="), ReasonMalformed, "malformed"},
		{"no space between the parts", edit(", Signature", ",Signature"), "", ""},
		{"a fourth part", func(r *http.Request) { r.Header[headerAuthorization][0] += ", A=b" }, ReasonMalformed, "after the third"},
		{"upper-case names", edit("host;", "Host;"), ReasonMalformed, "SignedHeaders is malformed"},
		{"unsorted names", edit("content-type;host;", "host;content-type;"), ReasonMalformed, "SignedHeaders is malformed"},
		{"a name twice", edit("host;", "host;host;"), ReasonMalformed, "SignedHeaders is malformed"},
		{"an empty name", edit("host;", "host;;"), ReasonMalformed, "SignedHeaders is malformed"},
		{"many names", edit("host;", manyNames()), ReasonMalformed, "SignedHeaders is malformed"},
		{"short signature", edit("Signature=", "Signature= "), ReasonMalformed, "Signature is malformed"},
		{"date not signed", edit(";x-sdk-date", ""), ReasonMalformed, "x-sdk-date must be among"},
		{"no date", func(r *http.Request) { r.Header.Del(HeaderDate) }, ReasonMalformed, "must be there once"},
		{"two dates", func(r *http.Request) { r.Header.Add(HeaderDate, "20260116T080000Z") }, ReasonMalformed, "must be there once"},
		{"another date form", func(r *http.Request) { r.Header.Set(HeaderDate, "2026-01-16T08:00:00Z") }, ReasonMalformed, "look like"},
		{"fraction of a second", func(r *http.Request) { r.Header.Set(HeaderDate, "20260116T080000.5Z") }, ReasonMalformed, "look like"},
		{"signed header missing", func(r *http.Request) { r.Header.Del("X-Project-Id") }, ReasonMalformed, "x-project-id is not in"},
		{"unknown key", edit("AKEXAMPLE", "AKNOBODY"), ReasonUnknownKey, "ak AKNOBODY0000000001 not exist"},
		{"signed header twice", func(r *http.Request) { r.Header.Add("X-Project-Id", "other") }, ReasonSignature, "|x-project-id:other|"},
		{"host", func(r *http.Request) { r.Host = "elsewhere" }, ReasonSignature, "|host:elsewhere|"},
		{"encoded slash", func(r *http.Request) { r.URL.RawPath = strings.Replace(r.URL.Path, "/asset/", "%2fasset/", 1) }, ReasonMalformed, "%2F"},
		{"semicolon", func(r *http.Request) { r.URL.RawQuery = "a;b" }, ReasonMalformed, "%3B"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			req, body := signedRequest(t, benchCreds, nil)
			test.change(req)
			_, err := verifier(benchCreds, benchTime).Verify(req, body)
			if test.reason == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			wantRefusal(t, err, test.reason, test.text)
		})
	}
}

func manyNames() string {
	var b strings.Builder
	b.WriteString("host;")
	for i := range 101 {
		b.WriteString("i" + string(rune('a'+i/26)) + string(rune('a'+i%26)) + ";")
	}
	return b.String()
}

// The holes that a verifier has which trusts X-Sdk-Content-Sha256.
func TestPayload(t *testing.T) {
	t.Parallel()
	sum := func(r *http.Request) {
		r.Header.Set(headerPayload, "13294039c8a5f187df3499cf182c2f128616648ecb69ba1ed38fce6f2d2273c4")
	}
	none := func(r *http.Request) { r.Header.Set(headerPayload, UnsignedPayload) }
	tests := []struct {
		name    string
		change  func(*http.Request)
		body    string
		allowed bool
		reason  Reason
	}{
		{"the body's hash", sum, benchBody, false, ""},
		{"another body under its old hash", sum, "{}", true, ReasonPayload},
		{"another body", nil, "{}", true, ReasonSignature},
		{"unsigned, against the policy", none, benchBody, false, ReasonPayload},
		{"unsigned, by the policy", none, "{}", true, ""},
	}
	for _, test := range tests {
		req, _ := signedRequest(t, benchCreds, test.change)
		v := verifier(benchCreds, benchTime)
		v.AllowUnsignedPayload = test.allowed
		_, err := v.Verify(req, []byte(test.body))
		if test.reason != "" {
			wantRefusal(t, err, test.reason, "verify aksk signature fail")
		} else if err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
	}
	req, body := signedRequest(t, benchCreds, nil)
	none(req) // after signing
	_, err := verifier(benchCreds, benchTime).Verify(req, body)
	wantRefusal(t, err, ReasonSignature, UnsignedPayload)
}

func TestSecurityToken(t *testing.T) {
	t.Parallel()
	temporary := benchCreds
	temporary.SecurityToken = "token+EXAMPLE=="
	tests := []struct {
		name         string
		signed, held Credentials
		change       func(*http.Request)
		text         string
	}{
		{"temporary", temporary, temporary, nil, ""},
		{"added after signing", benchCreds, temporary, func(r *http.Request) { r.Header.Set(headerSecurityToken, "token+EXAMPLE==") }, ""},
		{"missing", benchCreds, temporary, nil, "is temporary"},
		{"wrong", benchCreds, temporary, func(r *http.Request) { r.Header.Set(headerSecurityToken, "token+EXAMPLF==") }, "does not belong"},
		{"a prefix", benchCreds, temporary, func(r *http.Request) { r.Header.Set(headerSecurityToken, "token") }, "does not belong"},
		{"for a permanent pair", temporary, benchCreds, nil, "is permanent"},
		{
			"more than once", benchCreds, temporary,
			func(r *http.Request) { r.Header[headerSecurityToken] = []string{"token+EXAMPLE==", "token+EXAMPLE=="} }, "more than once",
		},
	}
	for _, test := range tests {
		req, body := signedRequest(t, test.signed, nil)
		if test.change != nil {
			test.change(req)
		}
		_, err := verifier(test.held, benchTime).Verify(req, body)
		if test.text != "" {
			wantRefusal(t, err, ReasonSecurityToken, test.text)
		} else if err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
	}
}

func TestLookup(t *testing.T) {
	t.Parallel()
	broken := errors.New("the database is gone")
	for name, lookup := range map[string]func() (Credentials, error){
		"fails":                 func() (Credentials, error) { return Credentials{}, broken },
		"returns no secret key": func() (Credentials, error) { return Credentials{AccessKey: benchCreds.AccessKey}, nil },
	} {
		req, body := signedRequest(t, benchCreds, nil)
		v := verifier(benchCreds, benchTime)
		v.Lookup = func(context.Context, string) (Credentials, error) { return lookup() }
		_, err := v.Verify(req, body)
		var refusal *VerifyError
		if err == nil || errors.As(err, &refusal) {
			t.Errorf("lookup %s: %v, want an error that is no refusal", name, err)
		}
	}
}

// Not even the key that stands in for an unknown one lets anyone in.
func TestStandInKey(t *testing.T) {
	t.Parallel()
	standIn, _, err := verifier(benchCreds, benchTime).lookup(t.Context(), "AKNOBODY")
	if err != nil {
		t.Fatal(err)
	}
	req, body := signedRequest(t, Credentials{AccessKey: "AKNOBODY", SecretKey: standIn.SecretKey}, nil)
	_, err = verifier(benchCreds, benchTime).Verify(req, body)
	refusal := wantRefusal(t, err, ReasonUnknownKey, "ak AKNOBODY not exist")
	if refusal.CanonicalRequest != "" {
		t.Error("a stranger is shown the canonical request")
	}
}

func TestMismatchShowsTheCanonicalRequest(t *testing.T) {
	t.Parallel()
	other := benchCreds
	other.SecretKey = "another"
	req, body := signedRequest(t, other, func(r *http.Request) {
		r.URL.RawQuery = "b=1&a=" + strings.Repeat("x", 8<<10)
		r.Header.Set("Cookie", "CANARY")
	})
	_, err := verifier(benchCreds, benchTime).Verify(req, body)
	refusal := wantRefusal(t, err, ReasonSignature, "canonicalRequest:POST|/v1.0/0f5e1b6a2c3d4e5f8091a2b3c4d5e6f7/asset/reproduction/|a=x")
	if !strings.Contains(refusal.CanonicalRequest, "&b=1\ncontent-type:application/json\ncookie:***\nhost:vod.") {
		t.Errorf("canonical request\n%s", refusal.CanonicalRequest)
	}
	if len(refusal.Message) > 5<<10 {
		t.Errorf("the message has %d bytes", len(refusal.Message))
	}
}

// Lists in the query are accepted in the order in which they are sent, as the cloud's Java SDK signs them, and sorted,
// as every other does; and only as they were sent.
func TestListsInTheQuery(t *testing.T) {
	t.Parallel()
	sign := func(query string) string { // by hand, over the query as given
		canonical := "GET\n/v1.0/p/asset/info/\n" + query + "\nhost:vod.example.com\nx-sdk-date:20260116T080000Z\n\nhost;x-sdk-date\n" +
			"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
		digest := sha256.Sum256([]byte(canonical))
		mac := hmac.New(sha256.New, []byte("secret"))
		_, _ = mac.Write([]byte(Algorithm + "\n20260116T080000Z\n" + hex.EncodeToString(digest[:])))
		return Algorithm + " Access=AK, SignedHeaders=host;x-sdk-date, Signature=" + hex.EncodeToString(mac.Sum(nil))
	}
	v := &Verifier{
		Lookup: func(context.Context, string) (Credentials, error) {
			return Credentials{AccessKey: "AK", SecretKey: "secret"}, nil
		},
		Now: func() time.Time { return time.Date(2026, 1, 16, 8, 0, 0, 0, time.UTC) },
	}
	for _, c := range []struct {
		signed, sent string
		ok           bool
		shown        string // of a refusal: sorted
	}{
		{"asset_id=a&asset_id=b", "asset_id=b&asset_id=a", true, ""},
		{"asset_id=b&asset_id=a", "asset_id=b&asset_id=a", true, ""},
		{"asset_id=b&asset_id=a&size=1", "size=1&asset_id=b&asset_id=a", true, ""},
		{"asset_id=b&asset_id=a", "asset_id=a&asset_id=b", false, "asset_id=a&asset_id=b"},
		{"asset_id=b&asset_id=c", "asset_id=b&asset_id=a", false, "asset_id=a&asset_id=b"},
		{"asset_id=b&asset_id=a", "asset_id=b&asset_id=c", false, "asset_id=b&asset_id=c"},
		{"size=1&page=0", "size=1&page=0", false, "page=0&size=1"}, // names are sorted by everyone
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://vod.example.com/v1.0/p/asset/info?"+c.sent, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set(HeaderDate, "20260116T080000Z")
		r.Header.Set("Authorization", sign(c.signed))
		_, err = v.Verify(r, nil)
		if (err == nil) != c.ok {
			t.Errorf("signed %s, sent %s: %v", c.signed, c.sent, err)
		}
		if refusal, ok := errors.AsType[*VerifyError](err); ok && !strings.Contains(refusal.CanonicalRequest, "\n"+c.shown+"\n") {
			t.Errorf("signed %s, sent %s: the refusal shows\n%s", c.signed, c.sent, refusal.CanonicalRequest)
		}
	}
}

// TestSeenValues gives one canonicalizer values of a signed header that differ from the one before.
func TestSeenValues(t *testing.T) {
	t.Parallel()
	v, c := verifier(benchCreds, benchTime), new(canonicalizer)
	for _, value := range []string{"a", "a", "", "a", " a", "a ", "ab", "a\n", "a\x00", "a", strings.Repeat("a", maxKeptText+1), "\ta", "é", ""} {
		req, body := signedRequest(t, benchCreds, func(r *http.Request) { r.Header.Set("X-Seen", "a") })
		c.reset()
		if _, err := v.verify(c, req, body); err != nil {
			t.Errorf("a: %v", err)
		}

		req.Header.Set("X-Seen", value)
		c.reset()
		_, err := v.verify(c, req, body)
		switch {
		case strings.TrimSpace(value) == "a" && !strings.Contains(value, "\n"):
			if err != nil {
				t.Errorf("%q: %v", value, err)
			}
		case strings.ContainsAny(value, "\n\x00"):
			wantRefusal(t, err, ReasonMalformed, "header x-seen has a control character")
		default:
			wantRefusal(t, err, ReasonSignature, "")
		}
	}
}
