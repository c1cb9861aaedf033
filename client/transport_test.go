package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"strings"
	"testing"
	"time"

	"github.com/vod-reproduction/vod/client"
	"github.com/vod-reproduction/vod/signer"
)

// roundTrip is a transport of a test's own making.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

type reader func([]byte) (int, error)

func (f reader) Read(b []byte) (int, error) { return f(b) }

// TestContextWithCause stops a call the way signal.NotifyContext does: by a cause that is not context.Canceled.
func TestContextWithCause(t *testing.T) {
	t.Parallel()
	interrupt := errors.New("interrupt signal received")
	for name, transport := range map[string]func(stop func()) roundTrip{
		"before the response": func(stop func()) roundTrip {
			return func(*http.Request) (*http.Response, error) { stop(); return nil, interrupt }
		},
		"within the response": func(stop func()) roundTrip {
			return func(*http.Request) (*http.Response, error) {
				body := reader(func([]byte) (int, error) { stop(); return 0, interrupt })
				return &http.Response{StatusCode: 200, Body: io.NopCloser(body)}, nil
			}
		},
	} {
		ctx, stop := context.WithCancelCause(t.Context())
		clock := newClock()
		c := connect(t, "http://127.0.0.1:1", clock, func(c *client.Config) {
			c.Transport = transport(func() { stop(interrupt) })
		})
		_, err := c.Asset(ctx, assetID)
		if !errors.Is(err, context.Canceled) || !errors.Is(err, interrupt) || client.Retryable(err) {
			t.Errorf("%s: %v, retryable %t", name, err, client.Retryable(err))
		}
		if len(clock.slept()) != 0 {
			t.Errorf("%s: went on for %v", name, clock.slept())
		}
	}
}

// TestContentLength has responses of other lengths than they declare.
func TestContentLength(t *testing.T) {
	t.Parallel()
	const body = `{"asset_id":"f488337c31c8e4622f1590735b134c65"}`
	for name, test := range map[string]struct {
		length int64
		want   string // "" for an accepted response
	}{
		"exact": {int64(len(body)), ""}, "unknown": {-1, ""}, "shorter": {int64(len(body)) + 1, "unexpected EOF"},
		"longer": {int64(len(body)) - 2, "longer than its Content-Length"},
	} {
		c := connect(t, "http://127.0.0.1:1", newClock(), func(c *client.Config) {
			c.Retry.MaxAttempts = 1
			c.Transport = roundTrip(func(*http.Request) (*http.Response, error) {
				return &http.Response{
					StatusCode: 200, Header: http.Header{"Content-Type": {"application/json"}}, ContentLength: test.length,
					Body: io.NopCloser(strings.NewReader(body)),
				}, nil
			})
		})
		_, err := c.Dump(t.Context(), example())
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
	}
}

// TestSent pins what counts as not sent: only a transport that says so, and had no connection when it failed.
func TestSent(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	tests := []struct {
		name   string
		events func(*httptrace.ClientTrace)
		sent   client.Sent
	}{
		{"a transport without a trace", func(*httptrace.ClientTrace) {}, client.SentMaybe},
		{"no connection", func(c *httptrace.ClientTrace) { c.GetConn("h") }, client.SentNo},
		{"a connection", func(c *httptrace.ClientTrace) { c.GetConn("h"); c.GotConn(httptrace.GotConnInfo{}) }, client.SentMaybe},
		{"half written", func(c *httptrace.ClientTrace) {
			c.GetConn("h")
			c.GotConn(httptrace.GotConnInfo{})
			c.WroteRequest(httptrace.WroteRequestInfo{Err: broken})
		}, client.SentMaybe},
		{"written", func(c *httptrace.ClientTrace) {
			c.GetConn("h")
			c.GotConn(httptrace.GotConnInfo{})
			c.WroteRequest(httptrace.WroteRequestInfo{})
		}, client.SentYes},
		{"a transport that tries again by itself", func(c *httptrace.ClientTrace) {
			c.GetConn("h")
			c.GotConn(httptrace.GotConnInfo{})
			c.GetConn("h")
		}, client.SentMaybe},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dumps := 0
			c := connect(t, "http://127.0.0.1:1", newClock(), func(c *client.Config) {
				c.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
					if r.Method == http.MethodPost {
						dumps++
					}
					test.events(httptrace.ContextClientTrace(r.Context()))
					return nil, broken
				})
			})
			_, err := c.Dump(t.Context(), example())
			var transport *client.TransportError
			if !errors.As(err, &transport) || transport.Sent != test.sent || !errors.Is(err, broken) {
				t.Fatalf("Dump gave %v", err)
			}
			if name := []string{"no", "maybe", "yes"}[transport.Sent]; transport.Sent.String() != name {
				t.Errorf("Sent is called %q, want %q", transport.Sent, name)
			}
			if open := strings.HasPrefix(kindOf(err), "ambiguous"); open != (test.sent != client.SentNo) || open && dumps != 1 {
				t.Errorf("%d dumps sent, then %v", dumps, err)
			}
		})
	}
}

// TestSentAfterRenewal has the transport go on reporting of a request that was refused for its token, while the next one is
// under way: that one was not sent.
func TestSentAfterRenewal(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	requests, next, reported := 0, make(chan struct{}), make(chan struct{})
	c := connect(t, "http://127.0.0.1:1", newClock(), func(c *client.Config) {
		c.Auth = signer.TokenAuth{Source: &rotating{[]string{"old", "new"}}}
		c.Retry.MaxAttempts = 1
		c.Transport = roundTrip(func(r *http.Request) (*http.Response, error) {
			trace := httptrace.ContextClientTrace(r.Context())
			trace.GetConn("h")
			if requests++; requests == 1 {
				trace.GotConn(httptrace.GotConnInfo{})
				go func() {
					defer close(reported)
					wrote := trace.WroteRequest
					<-next
					wrote(httptrace.WroteRequestInfo{})
				}()
				w := httptest.NewRecorder()
				respond(w, refusal(post, http.StatusUnauthorized, "APIGW.0301", "token expires"))
				return w.Result(), nil
			}
			close(next)
			<-reported
			return nil, broken
		})
	})
	_, err := c.Dump(t.Context(), example())
	var transport *client.TransportError
	if !errors.As(err, &transport) || transport.Sent != client.SentNo || requests != 2 {
		t.Errorf("Dump gave %v after %d requests", err, requests)
	}
}

// TestTLS covers the two ways to point a client at the wrong kind of server, and HTTP/2 where it is offered.
func TestTLS(t *testing.T) {
	t.Parallel()
	var protocol string
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		protocol = r.Proto
		respond(w, accepted())
	})
	secure := httptest.NewUnstartedServer(handler)
	secure.EnableHTTP2 = true
	secure.Config.ErrorLog = log.New(io.Discard, "", 0) // handshakes that fail here fail on purpose
	secure.StartTLS()
	defer secure.Close()
	t.Run("HTTP/2", func(t *testing.T) {
		trusting := client.NewTransport()
		trusting.TLSClientConfig = secure.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
		c := connect(t, secure.URL, newClock(), func(c *client.Config) { c.Transport = trusting })
		if id, err := c.Dump(t.Context(), example()); err != nil || id != assetID || protocol != "HTTP/2.0" {
			t.Errorf("Dump gave %q, %v over %s", id, err, protocol)
		}
	})
	t.Run("unknown certificate", func(t *testing.T) {
		clock := newClock()
		_, err := connect(t, secure.URL, clock).Dump(t.Context(), example())
		var transport *client.TransportError
		if !errors.As(err, &transport) || transport.Sent != client.SentNo || client.Retryable(err) || len(clock.slept()) != 0 {
			t.Errorf("Dump gave %v after %v", err, clock.slept())
		}
		if !strings.Contains(client.Hint(err), "certificate") {
			t.Errorf("hint %q", client.Hint(err))
		}
	})
	t.Run("scheme forgotten", func(t *testing.T) {
		plain := httptest.NewServer(handler)
		defer plain.Close()
		_, err := connect(t, plain.Listener.Addr().String(), newClock()).Dump(t.Context(), example())
		if kindOf(err) != "transport" || client.Retryable(err) {
			t.Errorf("Dump gave %v", err)
		}
		if !strings.Contains(client.Hint(err), "http://") {
			t.Errorf("hint %q for %v", client.Hint(err), err)
		}
	})
}

// secretClients returns a client per kind of credentials, all talking to handler.
func secretClients(t *testing.T, handler http.Handler) map[string]*client.Client {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	pen, err := signer.New(signer.Credentials{AccessKey: "AK", SecretKey: "SECRET-KEY", SecurityToken: "TEMPORARY-TOKEN"})
	if err != nil {
		t.Fatal(err)
	}
	return map[string]*client.Client{
		"temporary key": connect(t, server.URL, newClock(), func(c *client.Config) { c.Auth = pen }),
		"token": connect(t, server.URL, newClock(), func(c *client.Config) {
			c.Auth = signer.StaticToken("USER-TOKEN")
		}),
	}
}

// sealer is an Authenticator of a caller's own.
type sealer struct{ secret string }

func (s sealer) Authenticate(r *http.Request, _ time.Time) error {
	r.Header.Set("X-Api-Key", s.secret)
	r.Header.Set("X-Api-Version", "1")
	return nil
}

// What a caller's own Authenticator sends is as secret as what the signer sends.
func TestForeignCredentialsStaySecret(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = fmt.Fprintf(w, `{"error_code":"APIGW.0301","error_msg":"key %s of version %s is unknown"}`, r.Header.Get("X-Api-Key"), r.Header.Get("X-Api-Version"))
	}))
	defer server.Close()
	c := connect(t, server.URL, newClock(), func(c *client.Config) { c.Auth = sealer{"TOPSECRET"} })
	_, err := c.Dump(t.Context(), example())
	if err == nil || strings.Contains(err.Error(), "TOPSECRET") || !strings.Contains(err.Error(), "of version 1 is unknown") {
		t.Errorf("the error is %v", err)
	}
}

// A service of one's own has a certificate that nobody else signed: the hint says how to trust it.
func TestHintOfOwnCertificate(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // of the handshake that fails
	server.StartTLS()
	defer server.Close()
	c := connect(t, server.URL, newClock())
	_, err := c.Asset(t.Context(), "a")
	if hint := client.Hint(err); kindOf(err) != "transport" || !strings.Contains(hint, "SSL_CERT_FILE") {
		t.Errorf("%v: hint %q", err, hint)
	}
}
