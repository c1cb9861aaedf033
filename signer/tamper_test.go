package signer

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// flips calls try with every value that differs from s in one bit.
func flips(s string, try func(flipped string)) {
	for i := range len(s) {
		for bit := range 8 {
			b := []byte(s)
			b[i] ^= 1 << bit
			try(string(b))
		}
	}
}

// part is a part of a request.
type part struct {
	get func(*http.Request) string
	set func(*http.Request, string)
}

// Every single bit of every part that the signature covers matters.
func TestEveryFlippedBitIsRefused(t *testing.T) {
	t.Parallel()
	temporary := benchCreds
	temporary.SecurityToken = "token+EXAMPLE=="
	prepare := func(r *http.Request) { r.URL.RawQuery = "asset_id=f488337c31c8&empty=&word=a~b.c-d_e" }
	header := func(name string) part {
		return part{
			func(r *http.Request) string { return r.Header.Get(name) },
			func(r *http.Request, value string) { r.Header[name] = []string{value} },
		}
	}
	parts := map[string]part{
		"method":         {func(r *http.Request) string { return r.Method }, func(r *http.Request, s string) { r.Method = s }},
		"path":           {func(r *http.Request) string { return r.URL.Path }, func(r *http.Request, s string) { r.URL.Path = s }},
		"query":          {func(r *http.Request) string { return r.URL.RawQuery }, func(r *http.Request, s string) { r.URL.RawQuery = s }},
		"host":           {func(r *http.Request) string { return r.Host }, func(r *http.Request, s string) { r.Host = s }},
		"date":           header(HeaderDate),
		"content type":   header("Content-Type"),
		"project":        header("X-Project-Id"),
		"security token": header(headerSecurityToken),
		"authorization":  header(headerAuthorization),
	}
	for name, p := range parts {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			req, body := signedRequest(t, temporary, prepare)
			v := verifier(temporary, benchTime)
			original, tried := p.get(req), 0
			flips(original, func(flipped string) {
				tried++
				p.set(req, flipped)
				if who, err := v.Verify(req, body); err == nil {
					t.Errorf("%q is accepted as %s", flipped, who.AccessKey)
				}
			})
			p.set(req, original)
			if _, err := v.Verify(req, body); err != nil || tried == 0 {
				t.Errorf("the original is refused after %d flips: %v", tried, err)
			}
		})
	}
	t.Run("body", func(t *testing.T) {
		t.Parallel()
		req, body := signedRequest(t, temporary, prepare)
		v := verifier(temporary, benchTime)
		flips(string(body), func(flipped string) {
			if _, err := v.Verify(req, []byte(flipped)); err == nil {
				t.Errorf("%q is accepted", flipped)
			}
		})
		for _, other := range []string{"", benchBody + "\n", benchBody[1:]} {
			if _, err := v.Verify(req, []byte(other)); err == nil {
				t.Errorf("%q is accepted", other)
			}
		}
	})
}

// What two requests may differ in and still carry the same signature: the algorithm erases it.
func TestSameSignature(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*http.Request){
		"a final slash":            func(r *http.Request) { r.URL.Path += "/" },
		"the order of the query":   func(r *http.Request) { r.URL.RawQuery = "b=2&a=1" },
		"empty parameters":         func(r *http.Request) { r.URL.RawQuery = "a=1&b=2&&" },
		"space around a header":    func(r *http.Request) { r.Header.Set("X-Project-Id", " "+r.Header.Get("X-Project-Id")+"\t") },
		"a header that is unnamed": func(r *http.Request) { r.Header.Set("X-New", "1") },
	} {
		req, body := signedRequest(t, benchCreds, func(r *http.Request) { r.URL.RawQuery = "a=1&b=2" })
		change(req)
		if _, err := verifier(benchCreds, benchTime).Verify(req, body); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What a canonicalizer remembers of one request never changes how it reads the next.
func TestClaimsAreReadAlike(t *testing.T) {
	t.Parallel()
	one, two := strings.Repeat("0a", 32), strings.Repeat("b1", 32)
	var values []string
	for _, signature := range []string{one, two, strings.ToUpper(one), one[:63], two + " ", "", one + one} {
		for _, form := range []string{
			"%s Access=AK, SignedHeaders=host;x-sdk-date, Signature=%s",
			"%s Access=AK, SignedHeaders=host, Signature=%s",
			"%s Access=AB,SignedHeaders=host,Signature=%s",
			"%s SignedHeaders=host, Signature=%[2]s, Access=Signature=%[2]s",
			"%s Signature=%s, Access=AK, SignedHeaders=host",
			"%s Access=AK, SignedHeaders=host, Signature=%[2]s, Signature=%[2]s",
			"%s Access=AK, SignedHeaders=host, Signature=" + one + ", Signature=%s",
		} {
			values = append(values, fmt.Sprintf(form, Algorithm, signature))
		}
	}
	for _, first := range values {
		for _, second := range values {
			var c canonicalizer
			_ = c.claim(first)
			err := c.claim(second)
			want, wantErr := parseAuthorization(second)
			if fmt.Sprint(err) != fmt.Sprint(wantErr) {
				t.Fatalf("after %q, %q is read with the error %v, want %v", first, second, err, wantErr)
			}
			if err != nil {
				continue
			}
			if c.claimed.accessKey != want.accessKey || c.claimed.signedHeaders != want.signedHeaders || c.claimedSignature != want.signature {
				t.Fatalf("after %q, %q is read as %v %x, want %v", first, second, *c.claimed, c.claimedSignature, want)
			}
		}
	}
}
