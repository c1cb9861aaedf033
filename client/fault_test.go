package client_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vod-reproduction/vod/client"
)

// deed is what a faulty server does with a request that it has read in full. The connection is closed after it, unless
// it says keep.
type deed func(conn *net.TCPConn, released <-chan struct{}) (keep bool)

func write(raw string) deed {
	return func(conn *net.TCPConn, _ <-chan struct{}) bool {
		_, _ = io.WriteString(conn, raw)
		return false
	}
}

func keeping(d deed) deed {
	return func(conn *net.TCPConn, released <-chan struct{}) bool {
		d(conn, released)
		return true
	}
}

func closing(*net.TCPConn, <-chan struct{}) bool { return false }

func reset(conn *net.TCPConn, _ <-chan struct{}) bool {
	_ = conn.SetLinger(0)
	return false
}

func silence(_ *net.TCPConn, released <-chan struct{}) bool {
	<-released
	return false
}

func then(deeds ...deed) deed {
	return func(conn *net.TCPConn, released <-chan struct{}) (keep bool) {
		for _, d := range deeds {
			keep = d(conn, released)
		}
		return keep
	}
}

// faulty serves requests at the level of TCP, request n by deed n, and notes the method of each that it has read whole.
type faulty struct {
	listener net.Listener
	released chan struct{}
	mu       sync.Mutex
	deeds    []deed
	methods  []string
	wg       sync.WaitGroup
}

func misbehave(t *testing.T, deeds ...deed) *faulty {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f := &faulty{listener: listener, released: make(chan struct{}), deeds: deeds}
	f.wg.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			f.wg.Go(func() { f.serve(conn.(*net.TCPConn)) })
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		close(f.released)
		f.wg.Wait()
	})
	return f
}

func (f *faulty) serve(conn *net.TCPConn) {
	defer conn.Close()
	go func() { <-f.released; _ = conn.Close() }()
	reader := bufio.NewReader(conn)
	for {
		request, err := http.ReadRequest(reader)
		if err != nil {
			return
		}
		if _, err := io.Copy(io.Discard, request.Body); err != nil {
			return
		}
		f.mu.Lock()
		n := len(f.methods)
		f.methods = append(f.methods, request.Method)
		f.mu.Unlock()
		if n >= len(f.deeds) {
			return
		}
		if !f.deeds[n](conn, f.released) {
			return
		}
	}
}

func (f *faulty) url() string { return "http://" + f.listener.Addr().String() }

func (f *faulty) seen() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string(nil), f.methods...)
}

const head200 = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 47\r\n\r\n"

const whole = head200 + `{"asset_id":"f488337c31c8e4622f1590735b134c65"}`

// refusedProbe answers the question for Idempotency-Key with no.
var refusedProbe = write("HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

// TestDumpFaults cuts the line at every place. The request has always arrived, so it must arrive once only.
func TestDumpFaults(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		deed    deed
		kind    string
		sent    client.Sent
		status  int
		timeout time.Duration
	}{
		{"reset before any response", reset, "ambiguous transport", client.SentYes, 0, time.Minute},
		{"closed before any response", closing, "ambiguous transport", client.SentYes, 0, time.Minute},
		{"reset in the middle of the header", then(write("HTTP/1.1 200 OK\r\nContent-"), reset), "ambiguous transport", client.SentYes, 0, time.Minute},
		{"reset in the middle of the body", then(write(head200+`{"asset`), reset), "ambiguous transport", client.SentYes, 0, time.Minute},
		{"closed in the middle of the body", then(write(head200+`{"asset`), closing), "ambiguous transport", client.SentYes, 0, time.Minute},
		{"502, closed in the middle of the body", then(write("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 500\r\n\r\n<html>"), closing), "ambiguous api", 0, 502, time.Minute},
		{"403, closed in the middle of the body", then(write("HTTP/1.1 403 Forbidden\r\nContent-Length: 500\r\nX-Request-Id: r\r\n\r\n{\"error_"), closing), "api", 0, 403, time.Minute},
		{"not HTTP at all", then(write("SSH-2.0-OpenSSH_9.2\r\n"), closing), "ambiguous transport", client.SentYes, 0, time.Minute},
		{"a header without end", then(write("HTTP/1.1 200 OK\r\nX: "+strings.Repeat("y", 1<<20)), closing), "ambiguous transport", client.SentYes, 0, time.Minute},
		{"no response in time", silence, "ambiguous transport", client.SentYes, 0, 50 * time.Millisecond},
		{"header at once, body never", then(write(head200), silence), "ambiguous transport", client.SentYes, 0, 50 * time.Millisecond},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := misbehave(t, test.deed, refusedProbe)
			_, err := connect(t, server.url(), newClock(), func(c *client.Config) { c.Timeout = test.timeout }).Dump(t.Context(), example())
			if got := kindOf(err); got != test.kind {
				t.Fatalf("Dump failed as %q, want %q: %v", got, test.kind, err)
			}
			if status, _ := statusOf(err); status != test.status {
				t.Errorf("status %d, want %d", status, test.status)
			}
			var transport *client.TransportError
			if errors.As(err, &transport) && transport.Sent != test.sent {
				t.Errorf("sent %v, want %v", transport.Sent, test.sent)
			}
			var ambiguous *client.AmbiguousError
			if errors.As(err, &ambiguous) && (ambiguous.IdempotencyKey == "" || ambiguous.Attempts != 1 || ambiguous.KeyHonored) {
				t.Errorf("ambiguous as %+v", ambiguous)
			}
			posts := 0
			for _, method := range server.seen() {
				if method == http.MethodPost {
					posts++
				}
			}
			if posts != 1 {
				t.Errorf("the server saw %v, want one POST", server.seen())
			}
		})
	}
}

// TestNothingListens shows that a dump that was not sent is tried again, and is no ambiguous one in the end.
func TestNothingListens(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := "http://" + listener.Addr().String()
	_ = listener.Close()
	clock := newClock()
	_, err = connect(t, address, clock).Dump(t.Context(), example())
	var transport *client.TransportError
	if kindOf(err) != "transport" || !errors.As(err, &transport) || transport.Sent != client.SentNo || !client.Retryable(err) {
		t.Fatalf("Dump gave %v", err)
	}
	if transport.Unauthenticated || client.Hint(err) == "" {
		t.Errorf("unauthenticated %t, hint %q", transport.Unauthenticated, client.Hint(err))
	}
	if got := len(clock.slept()); got != 2 {
		t.Errorf("%d pauses, want 2 between 3 attempts", got)
	}
}

// TestKeptConnectionBreaks has the server take a second dump over a kept connection and hang up. net/http on its own
// would send it again, because of the Idempotency-Key that the server may well ignore.
func TestKeptConnectionBreaks(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]deed{"closed": closing, "reset": reset} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := misbehave(t, keeping(write(whole)), end, refusedProbe)
			c := connect(t, server.url(), newClock())
			if id, err := c.Dump(t.Context(), example()); err != nil || id != assetID {
				t.Fatalf("the first dump gave %q, %v", id, err)
			}
			_, err := c.Dump(t.Context(), example())
			if kindOf(err) != "ambiguous transport" {
				t.Errorf("the second dump gave %v, want an ambiguous outcome", err)
			}
			if got := strings.Join(server.seen(), " "); got != "POST POST OPTIONS" {
				t.Errorf("the server saw %s, want two dumps and one question", got)
			}
		})
	}
}

// TestContextEnds shows what a caller learns who gives up: nothing sent, or an open outcome.
func TestContextEnds(t *testing.T) {
	t.Parallel()
	t.Run("before sending", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := connect(t, script(t, newClock()).URL, newClock()).Dump(ctx, example())
		var transport *client.TransportError
		if !errors.As(err, &transport) || transport.Sent != client.SentNo || !errors.Is(err, context.Canceled) {
			t.Errorf("Dump gave %v", err)
		}
		if client.Retryable(err) {
			t.Error("a canceled dump is called retryable")
		}
	})
	t.Run("while the server works", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		server := misbehave(t, func(conn *net.TCPConn, released <-chan struct{}) bool { cancel(); return silence(conn, released) })
		_, err := connect(t, server.url(), newClock()).Dump(ctx, example())
		if kindOf(err) != "ambiguous transport" || !errors.Is(err, context.Canceled) {
			t.Errorf("Dump gave %v", err)
		}
		if got := len(server.seen()); got != 1 {
			t.Errorf("the server saw %d requests, want 1", got)
		}
	})
	t.Run("during a pause", func(t *testing.T) {
		t.Parallel()
		ctx, stop := context.WithCancelCause(t.Context())
		clock := newClock()
		clock.onSleep = func(int) { stop(errors.New("interrupt signal received")) }
		server := script(t, clock, refusal(post, 429, "APIGW.0308", "slow"))
		_, err := connect(t, server.URL, clock).Dump(ctx, example())
		var api *client.APIError
		if !errors.As(err, &api) || !errors.Is(err, context.Canceled) {
			t.Errorf("Dump gave %v, want both the refusal and the cancellation", err)
		}
	})
	t.Run("too soon for the next attempt", func(t *testing.T) {
		t.Parallel()
		clock := newClock()
		clock.now = time.Now()
		ctx, cancel := context.WithDeadline(t.Context(), clock.now.Add(5*time.Second))
		defer cancel()
		server := script(t, clock, refusal(post, 429, "APIGW.0308", "slow", "Retry-After", "9"))
		_, err := connect(t, server.URL, clock).Dump(ctx, example())
		if kindOf(err) != "api" || len(clock.slept()) != 0 {
			t.Errorf("Dump gave %v after %v, want the refusal at once", err, clock.slept())
		}
	})
}
