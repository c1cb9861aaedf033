package callback_test

import (
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/vod-reproduction/vod/service/callback"
)

// TestAnswers tells the answers that are worth another try from those that are not.
func TestAnswers(t *testing.T) {
	t.Parallel()
	type answer struct {
		status     int
		retryAfter string
		body       string
	}
	for name, c := range map[string]struct {
		answer    answer
		delivered bool
		temporary bool
		wait      time.Duration
		says      string
	}{
		"taken":                {answer{200, "", "ok"}, true, false, 0, ""},
		"taken without a body": {answer{204, "", ""}, true, false, 0, ""},
		"taken, to be done":    {answer{202, "5", ""}, true, false, 0, ""},
		"redirect":             {answer{302, "", ""}, false, false, 0, "set the URL to its target"},
		"redirect of a POST":   {answer{307, "", ""}, false, false, 0, "set the URL to its target"},
		"not modified":         {answer{304, "", ""}, false, false, 0, "answered 304"},
		"refused":              {answer{400, "5", `{"no":"such event"}`}, false, false, 0, `said "{\"no\":\"such event\"}"`},
		"not allowed":          {answer{401, "", ""}, false, false, 0, "answered 401"},
		"gone":                 {answer{404, "", ""}, false, false, 0, "answered 404"},
		"slow reading":         {answer{408, "", ""}, false, true, 0, "answered 408"},
		"too many":             {answer{429, "7", ""}, false, true, 7 * time.Second, "answered 429"},
		"too many, no number":  {answer{429, "soon", ""}, false, true, 0, "answered 429"},
		"negative pause":       {answer{429, "-7", ""}, false, true, 0, "answered 429"},
		"pause of a century":   {answer{503, "99999999999999999999", ""}, false, true, 0, "answered 503"},
		"pause of a month":     {answer{503, "2592000", ""}, false, true, 24 * time.Hour, "answered 503"},
		"until a date":         {answer{503, "Fri, 16 Jan 2026 08:01:00 GMT", ""}, false, true, time.Minute, "answered 503"},
		"until a past date":    {answer{503, "Fri, 16 Jan 2026 07:00:00 GMT", ""}, false, true, 0, "answered 503"},
		"broken":               {answer{500, "", "<html>\x00\x1b[31m\xff"}, false, true, 0, `\x00\x1b[31m`},
		"unknown status":       {answer{999, "", ""}, false, true, 0, "answered 999"},
		"much text":            {answer{500, "", strings.Repeat("x", 1<<20)}, false, true, 0, strings.Repeat("x", 200) + `"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			calls := 0
			server := serve(t, func(w http.ResponseWriter, r *http.Request) {
				calls++
				w.Header().Set("Location", "/elsewhere")
				w.Header().Set("Retry-After", c.answer.retryAfter)
				w.WriteHeader(c.answer.status)
				_, _ = io.WriteString(w, c.answer.body)
			})
			err := sender(t, server.URL, nil).Send(t.Context(), event())
			if calls != 1 {
				t.Errorf("%d calls", calls)
			}
			if c.delivered {
				if err != nil {
					t.Error(err)
				}
				return
			}
			fault, ok := errors.AsType[*callback.Error](err)
			if !ok || fault.Status != c.answer.status || fault.Temporary != c.temporary || fault.RetryAfter != c.wait || !strings.Contains(fault.Reason, c.says) {
				t.Errorf("%#v, want %q", fault, c.says)
			}
		})
	}
}

// TestSlowAnswers waits no longer than the timeout for an answer, and for the body of one that took the event no longer
// either.
func TestSlowAnswers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		handler   http.HandlerFunc
		delivered bool
	}{
		"silent": {func(_ http.ResponseWriter, r *http.Request) { hang(r) }, false},
		"body never ends": {func(w http.ResponseWriter, _ *http.Request) {
			for {
				if _, err := io.WriteString(w, strings.Repeat("x", 64<<10)); err != nil {
					return
				}
			}
		}, true},
		"body never comes": {func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusOK)
			_ = http.NewResponseController(w).Flush()
			hang(r)
		}, true},
	} {
		server := serve(t, c.handler)
		err := sender(t, server.URL, func(c *callback.Config) { c.Timeout = 200 * time.Millisecond }).Send(t.Context(), event())
		fault, ok := errors.AsType[*callback.Error](err)
		if (err == nil) != c.delivered || (err != nil && (!ok || !fault.Temporary || fault.Status != 0)) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestNoAnswer calls a broken connection, a foreign protocol and a closed port temporary.
func TestNoAnswer(t *testing.T) {
	t.Parallel()
	for name, raw := range map[string]string{
		"closed": "", "cut": "HTTP/1.1 200 OK\r\nContent-Le", "foreign": "SSH-2.0-OpenSSH_9.9\r\n",
		"huge header": "HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 128<<10) + "\r\n\r\n",
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
		err = sender(t, "http://"+listener.Addr().String(), nil).Send(t.Context(), event())
		_ = listener.Close()
		<-done
		if fault, ok := errors.AsType[*callback.Error](err); !ok || !fault.Temporary || fault.Status != 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// roundTrip is a transport of a test's own making.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// FuzzAnswer reads whatever a receiver may answer.
func FuzzAnswer(f *testing.F) {
	f.Add(200, "", []byte("ok"))
	f.Add(503, "Fri, 16 Jan 2026 08:01:00 GMT", []byte("\x00\xff"))
	f.Add(429, "7", []byte{})
	f.Fuzz(func(t *testing.T, status int, retryAfter string, body []byte) {
		s := sender(t, "http://receiver.example", func(c *callback.Config) {
			c.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
				return &http.Response{StatusCode: status, Header: http.Header{"Retry-After": {retryAfter}},
					Body: io.NopCloser(strings.NewReader(string(body))), Request: r}, nil
			})
		})
		err := s.Send(t.Context(), event())
		if (err == nil) != (status >= 200 && status < 300) {
			t.Fatalf("%d: %v", status, err)
		}
		if err == nil {
			return
		}
		fault, ok := errors.AsType[*callback.Error](err)
		if !ok || fault.RetryAfter < 0 || fault.RetryAfter > 24*time.Hour || (fault.RetryAfter > 0 && !fault.Temporary) ||
			strings.ContainsFunc(err.Error(), unicode.IsControl) || !utf8.ValidString(err.Error()) || len(err.Error()) > 3000 {
			t.Errorf("%d, %q, %q: %#v", status, retryAfter, body, err)
		}
	})
}
