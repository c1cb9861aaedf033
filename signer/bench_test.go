package signer

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/vod-reproduction/vod/internal/sidebyside"
)

const benchBody = `{"input":{"bucket":"bucket","location":"cn-north-4","object":"path"},"title":"title",` +
	`"description":"des","category_id":-1,"tags":"test","video_type":"MP4","auto_publish":1,"template_group_name":"tempName"}` + "\n"

var (
	benchTime  = time.Date(2026, 1, 16, 8, 0, 0, 0, time.UTC)
	benchCreds = Credentials{AccessKey: "AKEXAMPLE0000000001", SecretKey: "SKexample0000000000000000000000000000001"}
)

func benchRequest(t testing.TB) *http.Request {
	req, err := http.NewRequest(http.MethodPost,
		"https://vod.cn-north-4.myhuaweicloud.com/v1.0/0f5e1b6a2c3d4e5f8091a2b3c4d5e6f7/asset/reproduction",
		strings.NewReader(benchBody))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Project-Id", "0f5e1b6a2c3d4e5f8091a2b3c4d5e6f7")
	return req
}

func benchSigner(t testing.TB) *Signer {
	s, err := New(benchCreds)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// signCore is the algorithm without the gathering of headers: hash the body, canonicalize, sign, write Authorization.
func signCore(t testing.TB) (core func(), canonicalLength int) {
	s, req, body, date := benchSigner(t), benchRequest(t), []byte(benchBody), benchTime.Format(DateLayout)
	var c canonicalizer
	if _, err := s.authorize(&c, req, body, date); err != nil {
		t.Fatal(err)
	}
	return func() {
		c.hashPayload(body)
		if err := c.request(req.Method, req.URL); err != nil {
			t.Fatal(err)
		}
		s.writeAuthorization(&c, date)
	}, len(c.text)
}

// Not parallel: AllocsPerRun counts the allocations of the whole program.
func TestSignCoreDoesNotAllocate(t *testing.T) {
	core, _ := signCore(t)
	if n := testing.AllocsPerRun(1000, core); n != 0 {
		t.Errorf("core: %v allocations, want 0", n)
	}
	s, req, body, date := benchSigner(t), benchRequest(t), []byte(benchBody), benchTime.Format(DateLayout)
	req.URL.RawQuery = "b=2&a=%C3%A9+1&a=0"
	var c canonicalizer
	n := testing.AllocsPerRun(1000, func() {
		c.reset()
		if _, err := s.authorize(&c, req, body, date); err != nil {
			t.Fatal(err)
		}
	})
	if n != 0 {
		t.Errorf("from a request: %v allocations, want 0", n)
	}
}

// hashing is the floor of both: the hashes that a signature of this request consists of, and nothing else.
func hashing(t testing.TB) func() {
	_, length := signCore(t)
	body, canonical, message := []byte(benchBody), make([]byte, length), make([]byte, 97)
	mac := hmac.New(sha256.New, []byte(benchCreds.SecretKey))
	out := make([]byte, 0, sha256.Size)
	return func() {
		sha256.Sum256(body)
		sha256.Sum256(canonical)
		mac.Reset()
		_, _ = mac.Write(message)
		out = mac.Sum(out[:0])
	}
}

func signHTTP(t testing.TB) func() {
	s, req, body := benchSigner(t), benchRequest(t), []byte(benchBody)
	return func() {
		if err := s.Sign(req, body, benchTime); err != nil {
			t.Fatal(err)
		}
	}
}

func verifyHTTP(t testing.TB) func() {
	req, body, v := benchRequest(t), []byte(benchBody), verifier(benchCreds, benchTime)
	if err := Sign(req, body, benchCreds, benchTime); err != nil {
		t.Fatal(err)
	}
	req.Host = req.URL.Host
	return func() {
		if _, err := v.Verify(req, body); err != nil {
			t.Fatal(err)
		}
	}
}

func BenchmarkHash(b *testing.B)     { run(b, hashing(b)) }
func BenchmarkSignHTTP(b *testing.B) { run(b, signHTTP(b)) }
func BenchmarkVerify(b *testing.B)   { run(b, verifyHTTP(b)) }
func BenchmarkSignCore(b *testing.B) {
	core, _ := signCore(b)
	run(b, core)
}

func run(b *testing.B, once func()) {
	b.ReportAllocs()
	for b.Loop() {
		once()
	}
}

func BenchmarkBesideHashing(b *testing.B) {
	floor := sidebyside.Each(hashing(b))
	core, _ := signCore(b)
	for _, c := range []struct {
		name string
		once func()
	}{
		{"sign, from canonical parts", core},
		{"sign, from an *http.Request", signHTTP(b)},
		{"verify", verifyHTTP(b)},
	} {
		b.Run(c.name, func(b *testing.B) { sidebyside.Compare(b, sidebyside.Each(c.once), floor) })
	}
}

// Not parallel: AllocsPerRun counts the allocations of the whole program.
func TestAllocations(t *testing.T) {
	var c canonicalizer
	s, req, body := benchSigner(t), benchRequest(t), []byte(benchBody)
	n := testing.AllocsPerRun(1000, func() {
		c.reset()
		if err := s.sign(&c, req, body, benchTime); err != nil {
			t.Fatal(err)
		}
	})
	if n > 2 {
		t.Errorf("sign: %v allocations, want the two that the headers consist of", n)
	}

	v := &Verifier{
		Lookup: func(_ context.Context, accessKey string) (Credentials, error) {
			return Credentials{AccessKey: accessKey, SecretKey: accessKey}, nil
		},
		Now: func() time.Time { return benchTime },
	}
	var requests []*http.Request
	var keys []string
	for i := range maxKept {
		req, key := benchRequest(t), fmt.Sprint("AK", i)
		req.Header["X-More"] = make([]string, i%3)
		req.Host = req.URL.Host
		if err := Sign(req, body, Credentials{AccessKey: key, SecretKey: key}, benchTime); err != nil {
			t.Fatal(err)
		}
		requests, keys = append(requests, req), append(keys, key)
	}
	n = testing.AllocsPerRun(1000, func() {
		for i, req := range requests {
			c.reset()
			if who, err := v.verify(&c, req, body); err != nil || who.AccessKey != keys[i] {
				t.Fatalf("%s is %v, %v", keys[i], who, err)
			}
		}
	})
	if n != 0 {
		t.Errorf("verify %d clients in turns: %v allocations, want 0", len(requests), n)
	}
}
