package signer

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// serve starts a server that lets in what the verifier, or the token, lets in, and responds with the body it got.
func serve(t *testing.T, handle http.HandlerFunc) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(handle)
	t.Cleanup(server.Close)
	return server
}

func verified(t *testing.T, v *Verifier) *httptest.Server {
	t.Helper()
	return serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		if _, err := v.Verify(r, body); err != nil {
			http.Error(w, err.Error(), http.StatusUnauthorized)
			return
		}
		_, _ = w.Write(body)
	})
}

func send(t *testing.T, client *http.Client, req *http.Request) (status int, body string) {
	t.Helper()
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(data)
}

func newRequest(t *testing.T, method, url string, body io.Reader) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	return req
}

func TestTransportSigns(t *testing.T) {
	t.Parallel()
	now := benchTime
	v := verifier(benchCreds, time.Time{})
	v.Now = func() time.Time { return now }
	server := verified(t, v)
	client := &http.Client{Transport: &Transport{Auth: benchSigner(t), Now: func() time.Time { return now }}}
	hidden := struct{ io.Reader }{strings.NewReader(benchBody)} // neither a length nor GetBody
	for _, test := range []struct {
		method string
		body   io.Reader
		want   string
	}{
		{http.MethodGet, nil, ""},
		{http.MethodDelete, http.NoBody, ""},
		{http.MethodPost, strings.NewReader(benchBody), benchBody},
		{http.MethodPost, hidden, benchBody},
	} {
		req := newRequest(t, test.method, server.URL+"/v1.0/a%20b/x?b=%C3%A9+1&a", test.body)
		req.Header.Set("X-Project-Id", "p")
		before := req.Header.Clone()
		if status, body := send(t, client, req); status != http.StatusOK || body != test.want {
			t.Errorf("%s: %d %s", test.method, status, body)
		}
		if len(req.Header) != len(before) {
			t.Errorf("the caller's headers have changed: %v", req.Header)
		}
	}
	// The same request again much later, as a retry would send it.
	req := newRequest(t, http.MethodPost, server.URL, strings.NewReader(benchBody))
	for range 2 {
		if status, body := send(t, client, req); status != http.StatusOK {
			t.Errorf("%d %s", status, body)
		}
		now = now.Add(time.Hour)
		req.Body, _ = req.GetBody()
	}
}

// TestTransportSends lets the signature go onto the request itself, of a body that is known or has to be read.
func TestTransportSends(t *testing.T) {
	t.Parallel()
	server := verified(t, verifier(benchCreds, benchTime))
	transport := &Transport{Auth: benchSigner(t), Now: func() time.Time { return benchTime }}
	for name, body := range map[string][]byte{"known": []byte(benchBody), "to be read": nil} {
		req := newRequest(t, http.MethodPost, server.URL, strings.NewReader(benchBody))
		resp, err := transport.Send(req, body)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil || resp.StatusCode != http.StatusOK || string(got) != benchBody {
			t.Errorf("%s: %d %s, %v", name, resp.StatusCode, got, err)
		}
		if req.Header.Get("Authorization") == "" {
			t.Errorf("%s: the request has no signature", name)
		}
	}
	huge := make([]byte, MaxSignedBody+1)
	resp, err := transport.Send(newRequest(t, http.MethodPost, server.URL, bytes.NewReader(huge)), huge)
	if err == nil {
		_ = resp.Body.Close()
	}
	if !errors.Is(err, errBodyTooLarge) {
		t.Errorf("a body that is too large: %v", err)
	}
}

func TestTransportRefuses(t *testing.T) {
	t.Parallel()
	base := roundTripper(func(*http.Request) (*http.Response, error) {
		t.Error("the request was sent")
		return nil, errors.New("sent")
	})
	signing := func() *Transport { return &Transport{Base: base, Auth: benchSigner(t)} }
	endless := struct{ io.Reader }{endlessReader{}}
	tests := []struct {
		name      string
		transport *Transport
		body      io.Reader
		length    int64
		want      string
	}{
		{"no credentials", &Transport{Base: base}, nil, 0, "needs an Authenticator"},
		{"an empty token", &Transport{Base: base, Auth: StaticToken("")}, nil, 0, "empty"},
		{"another origin", &Transport{Base: base, Auth: benchSigner(t), Origin: "https://other"}, nil, 0, "another origin"},
		{"another scheme", &Transport{Base: base, Auth: benchSigner(t), Origin: "http://vod.example"}, nil, 0, "another origin"},
		{"a huge body", signing(), endless, 0, "12582912"},
		{"a huge announced body", signing(), endless, 1 << 40, "12582912"},
		{"a short body", signing(), strings.NewReader("abc"), 4, "ContentLength"},
		{"a broken body", signing(), brokenReader{}, 0, "broken"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			body := &closeCounter{Reader: test.body}
			req := newRequest(t, http.MethodPost, "https://vod.example/a", nil)
			if test.body != nil {
				req.Body = body
			}
			req.ContentLength = test.length
			_, err := test.transport.RoundTrip(req) //nolint:bodyclose // there is no response
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one about %q", err, test.want)
			}
			if test.body != nil && body.closed.Load() == 0 {
				t.Error("the body is not closed")
			}
		})
	}
}

func TestTransportKeepsToItsOrigin(t *testing.T) {
	t.Parallel()
	thief := serve(t, func(_ http.ResponseWriter, r *http.Request) { t.Errorf("the thief got %v", r.Header) })
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, thief.URL, http.StatusTemporaryRedirect)
	})
	for name, transport := range map[string]*Transport{
		"signature": {Auth: benchSigner(t)}, "token": {Auth: StaticToken("CANARY")},
		"named origin": {Auth: benchSigner(t), Origin: server.URL + "/"},
	} {
		client := &http.Client{Transport: transport}
		resp, err := client.Do(newRequest(t, http.MethodPost, server.URL, strings.NewReader("{}")))
		if err == nil {
			_ = resp.Body.Close()
		}
		if !errors.Is(err, ErrOtherOrigin) {
			t.Errorf("%s: %v, want ErrOtherOrigin", name, err)
		}
	}
}

// tokenList hands out the next token each time that one is refused.
type tokenList struct {
	tokens []string
	asked  []string
	err    error
}

func (l *tokenList) Token(_ context.Context, refused string) (string, error) {
	l.asked = append(l.asked, refused)
	if refused != "" {
		if l.err != nil {
			return "", l.err
		}
		l.tokens = l.tokens[1:]
	}
	return l.tokens[0], nil
}

func TestTransportRenewsTokenOnce(t *testing.T) {
	t.Parallel()
	var requests atomic.Int32
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		body, _ := io.ReadAll(r.Body)
		if r.Header.Get(headerAuthorization) != "" {
			t.Error("a token and a signature were sent")
		}
		if r.Header.Get("X-Auth-Token") != "good" {
			w.WriteHeader(http.StatusUnauthorized)
		}
		_, _ = w.Write(body)
	})
	tests := []struct {
		name     string
		tokens   TokenSource
		stream   bool
		status   int
		requests int32
		err      string
	}{
		{"good at once", &tokenList{tokens: []string{"good"}}, false, 200, 1, ""},
		{"good after renewal", &tokenList{tokens: []string{"old", "good"}}, false, 200, 2, ""},
		{"bad after renewal", &tokenList{tokens: []string{"old", "older", "good"}}, false, 401, 2, ""},
		{"a body that is gone", &tokenList{tokens: []string{"old", "good"}}, true, 401, 1, ""},
		{"not renewable", StaticToken("old"), false, 401, 1, ""},
		{"renewal fails", &tokenList{tokens: []string{"old"}, err: errors.New("IAM is away")}, false, 0, 1, "IAM is away"},
	}
	for _, test := range tests {
		requests.Store(0)
		var body io.Reader = strings.NewReader(benchBody)
		if test.stream {
			body = struct{ io.Reader }{body}
		}
		req := newRequest(t, http.MethodPost, server.URL, body)
		req.Header.Set(headerAuthorization, "left over")
		resp, err := (&Transport{Auth: TokenAuth{test.tokens}}).RoundTrip(req)
		switch {
		case test.err != "":
			if err == nil || !strings.Contains(err.Error(), test.err) {
				t.Errorf("%s: error %v", test.name, err)
			}
		case err != nil:
			t.Errorf("%s: %v", test.name, err)
		default:
			got, _ := io.ReadAll(resp.Body)
			if resp.StatusCode != test.status || string(got) != benchBody {
				t.Errorf("%s: %d %s", test.name, resp.StatusCode, got)
			}
		}
		if err == nil {
			_ = resp.Body.Close()
		}
		if n := requests.Load(); n != test.requests {
			t.Errorf("%s: %d requests, want %d", test.name, n, test.requests)
		}
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

type endlessReader struct{}

func (endlessReader) Read(p []byte) (int, error) { return len(p), nil }

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, errors.New("broken") }

type closeCounter struct {
	io.Reader
	closed atomic.Int32
}

func (c *closeCounter) Close() error {
	c.closed.Add(1)
	return nil
}

// kms is a Renewer that signs the body, as one with its keys elsewhere would.
type kms struct{ key string }

func (k *kms) Authenticate(r *http.Request, now time.Time) error {
	s, err := New(Credentials{AccessKey: k.key, SecretKey: "secret"})
	if err != nil {
		return err
	}
	return s.Authenticate(r, now)
}

func (k *kms) Renew(r *http.Request, now time.Time) (bool, error) {
	k.key = "NEW"
	r.Header.Del("Authorization")
	return true, k.Authenticate(r, now)
}

// A Renewer may read the body, and the request is sent with all of it.
func TestRenewerReadsTheBody(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.Contains(r.Header.Get("Authorization"), "NEW") {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		_, _ = io.Copy(w, r.Body)
	}))
	defer server.Close()
	client := &http.Client{Transport: &Transport{Auth: &kms{key: "OLD"}}}
	resp, err := client.Do(newRequest(t, http.MethodPost, server.URL, strings.NewReader("the whole body")))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if got, err := io.ReadAll(resp.Body); err != nil || string(got) != "the whole body" {
		t.Errorf("the server got %q, %v", got, err)
	}
}

func TestTokenAuthWithoutSource(t *testing.T) {
	t.Parallel()
	if err := (TokenAuth{}).Authenticate(newRequest(t, http.MethodGet, "http://127.0.0.1", nil), time.Now()); err == nil {
		t.Error("a TokenAuth without a source authenticates")
	}
}
