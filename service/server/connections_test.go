package server

import (
	"errors"
	"net"
	"testing"
)

// Half-open connections beyond the limit wait outside, and take the place of those that end.
func TestConnectionsAreLimited(t *testing.T) {
	t.Parallel()
	inner, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := limitConnections(inner, 2)
	accepted := make(chan net.Conn)
	ended := make(chan error, 1)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				ended <- err
				return
			}
			accepted <- conn
		}
	}()
	for range 5 {
		conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", inner.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
	}
	open := []net.Conn{<-accepted, <-accepted}
	for range 3 {
		if n := len(l.(*limited).open); n > 2 {
			t.Fatalf("%d connections are open", n)
		}
		select {
		case <-accepted:
			t.Fatal("a connection was accepted beyond the limit")
		default:
		}
		if err := errors.Join(open[0].Close()); err != nil {
			t.Fatal(err)
		}
		_ = open[0].Close() // again: it makes room once
		open = append(open[1:], <-accepted)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; !errors.Is(err, net.ErrClosed) {
		t.Errorf("Accept ended with %v", err)
	}
	for _, conn := range open {
		_ = conn.Close()
	}
}
