package api

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"path"
	"runtime/debug"
	"strings"
	"time"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/service/metrics"
)

type contextKey int

const (
	requestIDKey contextKey = iota
	callerKey
	bodyKey
)

func requestID(ctx context.Context) string {
	id, _ := ctx.Value(requestIDKey).(string)
	return id
}

// withRequestID sets an ID for every request, of our own making: one from outside could be made to collide.
func (s *Server) withRequestID(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var b [8]byte
		_, _ = rand.Read(b[:]) // never fails: it ends the program instead
		id := hex.EncodeToString(b[:])
		w.Header().Set("X-Request-Id", id)
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), requestIDKey, id)))
	})
}

// response remembers what was written, for the log and for rescued.
type response struct {
	http.ResponseWriter
	status int
	bytes  int64

	operation string        // the pattern that the request fits
	code      contract.Code // of a refusal
}

func (w *response) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *response) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	n, err := w.ResponseWriter.Write(b)
	w.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (w *response) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// responseOf returns what w wraps, or nil.
func responseOf(w http.ResponseWriter) *response {
	switch w := w.(type) {
	case *response:
		return w
	case interface{ Unwrap() http.ResponseWriter }:
		return responseOf(w.Unwrap())
	}
	return nil
}

// Responded reports whether a response has begun that passes through a handler of [Server.Wrap].
func Responded(w http.ResponseWriter) bool {
	a := responseOf(w)
	return a != nil && a.status != 0
}

// Wrap gives every request an ID, logs it when it has ended, and recovers from a panic of next. Handler does this itself.
func (s *Server) Wrap(next http.Handler) http.Handler {
	return s.withRequestID(s.logged(s.rescued(next)))
}

// logged logs one line a request; one that read something, and got it, only for those who look for faults. Queries and
// headers stay out of it: they may carry secrets, also where a client has escaped the question mark. Observed are the
// requests that known has named.
func (s *Server) logged(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		a := &response{ResponseWriter: w}
		defer func() { // also where a panic cuts the response short
			where, _, _ := strings.Cut(r.URL.Path, "?")
			level := slog.LevelInfo
			if (r.Method == http.MethodGet || r.Method == http.MethodHead) && a.status < http.StatusBadRequest {
				level = slog.LevelDebug // players and pages ask all the time
			}
			s.log.Log(r.Context(), level, "request", "request_id", requestID(r.Context()), "method", r.Method,
				"path", where, "status", a.status, "bytes", a.bytes, "took", time.Since(start))
			if s.observe != nil && a.operation != "" {
				s.observe(metrics.Request{Operation: a.operation, Status: cmp.Or(a.status, http.StatusOK),
					Code: string(a.code), Took: time.Since(start), Bytes: a.bytes,
					ID: requestID(r.Context()), Traceparent: r.Header.Get("Traceparent")})
			}
		}()
		next.ServeHTTP(a, r)
	})
}

// rescued turns a panic into an internal error, where nothing was written yet.
func (s *Server) rescued(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if err, ok := p.(error); ok && errors.Is(err, http.ErrAbortHandler) {
				panic(p)
			}
			s.log.ErrorContext(r.Context(), "panic", "request_id", requestID(r.Context()), "panic", fmt.Sprint(p),
				"stack", string(debug.Stack()))
			if a, ok := w.(*response); !ok || a.status != 0 {
				panic(http.ErrAbortHandler)
			}
			s.fail(w, r, refuse(contract.CodeInternal, ""))
		}()
		next.ServeHTTP(w, r)
	})
}

// known refuses paths and methods that the mux does not have, in the contract's error shape instead of the mux's
// plain text, and never with a redirect, which the mux offers for a path to be cleaned and for one that lacks the slash
// at its end: a signed request must not be sent on.
func (s *Server) known(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		handler, pattern := mux.Handler(r)
		clean := path.Clean(r.URL.Path)
		redirect := clean != r.URL.Path && clean+"/" != r.URL.Path || pattern == r.URL.Path+"/"
		if a, ok := w.(*response); ok {
			if pattern != "" && !redirect {
				a.operation = pattern
			} else {
				a.operation = cmp.Or(a.operation, "other")
			}
		}
		if pattern != "" && !redirect {
			mux.ServeHTTP(w, r)
			return
		}
		probe := &silent{header: http.Header{}}
		if pattern == "" {
			handler.ServeHTTP(probe, r)
		}
		if probe.status == http.StatusMethodNotAllowed {
			w.Header().Set("Allow", probe.header.Get("Allow"))
			s.fail(w, r, refuse(contract.CodeWrongMethod, "this path takes %s", probe.header.Get("Allow")).
				withStatus(http.StatusMethodNotAllowed))
			return
		}
		s.fail(w, r, refuse(contract.CodeNoSuchAPI, ""))
	})
}

// silent takes a response that nobody is to see.
type silent struct {
	header http.Header
	status int
}

func (s *silent) Header() http.Header         { return s.header }
func (s *silent) Write(b []byte) (int, error) { return len(b), nil }
func (s *silent) WriteHeader(status int)      { s.status = status }

// announce lets clients know that they may repeat a dump under its Idempotency-Key.
func (s *Server) announce(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set(contract.HeaderIdempotency, contract.IdempotencySupported)
		next.ServeHTTP(w, r)
	})
}

// options reports support for idempotency keys without credentials and without a request being sent.
func (s *Server) options(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set(contract.HeaderIdempotency, contract.IdempotencySupported)
	w.Header().Set("Allow", "OPTIONS, POST")
	w.WriteHeader(http.StatusNoContent)
}
