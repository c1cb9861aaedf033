package client

import (
	"context"
	"errors"
	"fmt"
	"net"
	"syscall"
	"testing"
	"time"
)

func TestCost(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		err  error
		want int
	}{
		{&APIError{Status: 429}, 5},
		{&TransportError{Err: syscall.ECONNREFUSED}, 5},
		{&TransportError{Err: fmt.Errorf("attempt: %w", context.DeadlineExceeded)}, 10},
		{&TransportError{Err: &net.DNSError{IsTimeout: true}}, 10},
	} {
		if got := cost(test.err); got != test.want {
			t.Errorf("%v costs %d, want %d", test.err, got, test.want)
		}
	}
}

// TestTransportErrors sorts failures without a network by what a person or a program can do about them.
func TestTransportErrors(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name      string
		err       *TransportError
		temporary bool
		hint      bool
	}{
		{"connection refused", &TransportError{Err: syscall.ECONNREFUSED}, true, true},
		{"timeout", &TransportError{Err: context.DeadlineExceeded}, true, true},
		{"no such host", &TransportError{Err: &net.DNSError{IsNotFound: true}}, false, true},
		{"name server out of order", &TransportError{Err: &net.DNSError{IsTemporary: true}}, true, true},
		{"no credentials", &TransportError{Err: errors.New("none"), Unauthenticated: true}, false, true},
		{"token service not reached", &TransportError{Err: &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}, Unauthenticated: true}, true, true},
		{"stopped", &TransportError{Err: context.Canceled}, false, false},
	} {
		if got := Retryable(test.err); got != test.temporary {
			t.Errorf("%s: temporary %t", test.name, got)
		}
		if got := Hint(test.err); (got != "") != test.hint {
			t.Errorf("%s: hint %q", test.name, got)
		}
	}
	if other := errors.New("other"); Code(other) != "" || Hint(other) != "" || Retryable(other) {
		t.Error("an error of another package is judged")
	}
}

// TestDefaults pins the policy that nobody chose, and that jitter spreads from nothing to the bound.
func TestDefaults(t *testing.T) {
	t.Parallel()
	p, err := RetryPolicy{}.withDefaults()
	if err != nil || p != (RetryPolicy{MaxAttempts: 5, BaseDelay: 500 * time.Millisecond, MaxDelay: time.Minute}) {
		t.Fatalf("defaults %+v, %v", p, err)
	}
	for _, test := range []struct {
		attempt int
		asked   time.Duration
		random  float64
		want    time.Duration
	}{
		{1, 0, 0, 0},
		{1, 0, 0.5, 250 * time.Millisecond},
		{2, 0, 0.5, 500 * time.Millisecond},
		{8, 0, 0.5, 30 * time.Second},
		{4000, 0, 0.5, 30 * time.Second},
		{1, time.Minute, 0.9, time.Minute},
	} {
		if got, ok := p.delay(test.attempt, test.asked, test.random); !ok || got != test.want {
			t.Errorf("delay(%d, %v, %v) = %v, %t; want %v", test.attempt, test.asked, test.random, got, ok, test.want)
		}
	}
	if _, ok := p.delay(1, time.Minute+1, 0); ok {
		t.Error("a longer pause than the policy allows was granted")
	}
}

// TestSystemClock shows that the real clock sleeps until its time or its context is over.
func TestSystemClock(t *testing.T) {
	t.Parallel()
	if err := (systemClock{}).Sleep(t.Context(), time.Nanosecond); err != nil {
		t.Error(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := (systemClock{}).Sleep(ctx, time.Hour); !errors.Is(err, context.Canceled) {
		t.Errorf("Sleep gave %v", err)
	}
	if (systemClock{}).Now().IsZero() {
		t.Error("Now gave the zero time")
	}
}
