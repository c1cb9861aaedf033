package endpoint_test

import (
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vod-reproduction/vod/service/endpoint"
)

// TestResponses separates the responses that are worth another try from those that are not. None of them repeats what the
// endpoint said.
func TestResponses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status     int
		retryAfter string
		body       string
		temporary  bool
		wait       time.Duration
		says       string
	}{
		"too large":           {200, "", "canary canary", false, 0, "larger than 10 bytes"},
		"redirect":            {302, "", "", false, 0, "set the URL to its target"},
		"redirect of a POST":  {307, "", "", false, 0, "set the URL to its target"},
		"not modified":        {304, "", "", false, 0, "responded with 304"},
		"refused":             {400, "5", "canary", false, 0, "responded with 400"},
		"not allowed":         {401, "", "canary", false, 0, "check the secret"},
		"forbidden":           {403, "", "", false, 0, "check the secret"},
		"unknown path":        {404, "", "Cannot POST /canary", false, 0, "check the path"},
		"slow reading":        {408, "", "", true, 0, "responded with 408"},
		"too much":            {413, "", "", false, 0, "responded with 413"},
		"too many":            {429, "7", "canary", true, 7 * time.Second, "responded with 429"},
		"too many, at once":   {429, "0", "", true, 0, "responded with 429"},
		"too many, no number": {429, "canary", "", true, 0, "responded with 429"},
		"negative pause":      {429, "-7", "", true, 0, "responded with 429"},
		"pause of an eon":     {503, "99999999999999999999", "", true, 0, "responded with 503"},
		"pause of a month":    {503, "2592000", "", true, 24 * time.Hour, "responded with 503"},
		"until a date":        {503, "Fri, 16 Jan 2026 08:01:00 GMT", "", true, time.Minute, "responded with 503"},
		"until a past date":   {503, "Fri, 16 Jan 2026 07:00:00 GMT", "", true, 0, "responded with 503"},
		"broken":              {500, "", "<html>canary\x00\x1b[31m\xff", true, 0, "responded with 500"},
		"unknown status":      {999, "", "", true, 0, "responded with 999"},
		"much text":           {502, "", strings.Repeat("x", 1<<20), true, 0, "responded with 502"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			calls := 0
			server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				calls++
				w.Header().Set("Location", "/canary")
				w.Header().Set("Retry-After", c.retryAfter)
				w.WriteHeader(c.status)
				_, _ = io.WriteString(w, c.body)
			})
			response, err := connect(t, server.URL, nil).Post(t.Context(), http.Header{}, nil, limit)
			if calls != 1 || response != nil {
				t.Errorf("%d calls, response %q", calls, response)
			}
			fault, ok := errors.AsType[*endpoint.Error](err)
			if !ok || fault.Status != c.status || fault.Temporary != c.temporary || fault.RetryAfter != c.wait || !strings.Contains(fault.Reason, c.says) {
				t.Errorf("%#v, want %q", fault, c.says)
			}
			if strings.Contains(err.Error(), "canary") {
				t.Errorf("repeated: %v", err)
			}
		})
	}
}

// TestIgnored takes any status 2xx, whatever the body is, where the status alone counts.
func TestIgnored(t *testing.T) {
	t.Parallel()
	for name, handler := range map[string]http.HandlerFunc{
		"nothing":  func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) },
		"accepted": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusAccepted) },
		"cut": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "9")
			_, _ = io.WriteString(w, "1234")
		},
		"endless": func(w http.ResponseWriter, _ *http.Request) {
			for {
				if _, err := io.WriteString(w, strings.Repeat("x", 64<<10)); err != nil {
					return
				}
			}
		},
	} {
		if _, err := connect(t, serve(t, handler).URL, nil).Post(t.Context(), http.Header{}, nil, 0); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestSilence waits no longer than the timeout for a response.
func TestSilence(t *testing.T) {
	t.Parallel()
	server := serve(t, func(_ http.ResponseWriter, r *http.Request) { hang(r) })
	e := connect(t, server.URL, func(c *endpoint.Config) { c.Timeout = time.Millisecond })
	_, err := e.Post(t.Context(), http.Header{}, nil, limit)
	if fault, ok := errors.AsType[*endpoint.Error](err); !ok || !fault.Temporary || fault.Status != 0 || !strings.Contains(fault.Reason, "did not respond") {
		t.Errorf("%v", err)
	}
}

// stuck is a body that delivers four bytes, and then nothing until its request ends.
type stuck struct {
	request *http.Request
	begun   bool
}

func (s *stuck) Read(b []byte) (int, error) {
	if !s.begun {
		s.begun = true
		return copy(b, "1234"), nil
	}
	<-s.request.Context().Done()
	return 0, s.request.Context().Err()
}

func (s *stuck) Close() error { return nil }

// TestStuck waits no longer than the timeout for the rest of a response, by a clock that does not make the test wait.
func TestStuck(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		e := connect(t, "http://endpoint.example", func(c *endpoint.Config) {
			c.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
				return &http.Response{StatusCode: http.StatusOK, Body: &stuck{request: r}, Request: r}, nil
			})
		})
		begin := time.Now()
		_, err := e.Post(t.Context(), http.Header{}, nil, limit)
		if fault, ok := errors.AsType[*endpoint.Error](err); !ok || !fault.Temporary || fault.Status != 0 || !strings.Contains(fault.Reason, "was truncated after 4 bytes") {
			t.Errorf("%v", err)
		}
		if _, err := e.Post(t.Context(), http.Header{}, nil, 0); err != nil {
			t.Errorf("ignored response: %v", err)
		}
		if waited := time.Since(begin); waited != 2*time.Minute {
			t.Errorf("waited %v for two responses", waited)
		}
	})
}

// TestNoHTTP calls a broken connection, a foreign protocol and a closed port temporary, and repeats nothing of them.
func TestNoHTTP(t *testing.T) {
	t.Parallel()
	for name, raw := range map[string]string{
		"closed": "", "cut": "HTTP/1.1 200 OK\r\nContent-Le", "foreign": "SSH-2.0-canary\r\n",
		"status": "HTTP/1.1 canary\r\n\r\n", "header": "HTTP/1.1 200 OK\r\ncanary\r\n\r\n",
		"huge header": "HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 128<<10) + "\r\n\r\n",
		"length":      "HTTP/1.1 200 OK\r\nContent-Length: canary\r\n\r\n",
		"chunks":      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\ncanary\r\n",
		"short":       "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n1234",
		"gzip":        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 6\r\n\r\ncanary",
	} {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		done := make(chan struct{})
		go func() {
			defer close(done)
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			defer func() { _ = conn.Close() }()
			_, _ = conn.Read(make([]byte, 64<<10))
			_, _ = io.WriteString(conn, raw)
		}()
		_, err = connect(t, "http://"+listener.Addr().String(), nil).Post(t.Context(), http.Header{}, nil, limit)
		_ = listener.Close()
		<-done
		if fault, ok := errors.AsType[*endpoint.Error](err); !ok || !fault.Temporary || fault.Status != 0 || strings.Contains(err.Error(), "canary") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestScheme says what is wrong with the URL.
func TestScheme(t *testing.T) {
	t.Parallel()
	server := serve(t, func(http.ResponseWriter, *http.Request) {})
	_, err := connect(t, strings.Replace(server.URL, "http", "https", 1), nil).Post(t.Context(), http.Header{}, nil, 0)
	if !errors.Is(err, http.ErrSchemeMismatch) {
		t.Errorf("%v", err)
	}
}

// FuzzRefusal reads whatever an endpoint may send.
func FuzzRefusal(f *testing.F) {
	f.Add(200, "", []byte("ok"))
	f.Add(503, "Fri, 16 Jan 2026 08:01:00 GMT", []byte("\x00\xff"))
	f.Add(429, "7", []byte{})
	f.Fuzz(func(t *testing.T, status int, retryAfter string, body []byte) {
		e := connect(t, "http://endpoint.example", func(c *endpoint.Config) {
			c.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
				return &http.Response{StatusCode: status, Header: http.Header{"Retry-After": {retryAfter}},
					Body: io.NopCloser(strings.NewReader(string(body))), Request: r}, nil
			})
		})
		response, err := e.Post(t.Context(), http.Header{}, nil, limit)
		if taken := status >= 200 && status < 300 && len(body) <= limit; (err == nil) != taken || (taken && string(response) != string(body)) {
			t.Fatalf("%d: %q, %v", status, response, err)
		}
		if err == nil {
			return
		}
		fault, ok := errors.AsType[*endpoint.Error](err)
		if !ok || fault.RetryAfter < 0 || fault.RetryAfter > 24*time.Hour || (fault.RetryAfter > 0 && !fault.Temporary) || len(err.Error()) > 200 {
			t.Errorf("%d, %q, %q: %#v", status, retryAfter, body, err)
		}
	})
}
