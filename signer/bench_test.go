package signer

import (
	"crypto/hmac"
	"crypto/sha256"
	"hash"
	"net/http"
	"strings"
	"testing"
	"time"
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
	mac := s.macs.Get().(hash.Hash)
	if _, err := s.authorize(&c, mac, req, body, date); err != nil {
		t.Fatal(err)
	}
	return func() {
		c.hashPayload(body)
		if err := c.request(req.Method, req.URL); err != nil {
			t.Fatal(err)
		}
		s.writeAuthorization(&c, mac, date)
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
	mac := s.macs.Get().(hash.Hash)
	n := testing.AllocsPerRun(1000, func() {
		c.reset()
		if _, err := s.authorize(&c, mac, req, body, date); err != nil {
			t.Fatal(err)
		}
	})
	if n != 0 {
		t.Errorf("from a request: %v allocations, want 0", n)
	}
}

// BenchmarkHash is the floor: the hashes that a signature of this request consists of, and nothing else.
func BenchmarkHash(b *testing.B) {
	_, length := signCore(b)
	body, canonical, message := []byte(benchBody), make([]byte, length), make([]byte, 97)
	mac := hmac.New(sha256.New, []byte(benchCreds.SecretKey))
	out := make([]byte, 0, sha256.Size)
	b.ReportAllocs()
	for b.Loop() {
		sha256.Sum256(body)
		sha256.Sum256(canonical)
		mac.Reset()
		_, _ = mac.Write(message)
		out = mac.Sum(out[:0])
	}
}

func BenchmarkSignCore(b *testing.B) {
	core, _ := signCore(b)
	b.ReportAllocs()
	for b.Loop() {
		core()
	}
}

func BenchmarkSignHTTP(b *testing.B) {
	s, req, body := benchSigner(b), benchRequest(b), []byte(benchBody)
	b.ReportAllocs()
	for b.Loop() {
		if err := s.Sign(req, body, benchTime); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSignOnce(b *testing.B) {
	req, body := benchRequest(b), []byte(benchBody)
	b.ReportAllocs()
	for b.Loop() {
		if err := Sign(req, body, benchCreds, benchTime); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkVerify(b *testing.B) {
	req, body, v := benchRequest(b), []byte(benchBody), verifier(benchCreds, benchTime)
	if err := Sign(req, body, benchCreds, benchTime); err != nil {
		b.Fatal(err)
	}
	req.Host = req.URL.Host
	b.ReportAllocs()
	for b.Loop() {
		if _, err := v.Verify(req, body); err != nil {
			b.Fatal(err)
		}
	}
}
