//go:build unix

package e2e_test

import (
	"context"
	"io"
	"net"
	"sync"
	"testing"
)

// line passes connections on to an address, or drops them while it is cut.
type line struct {
	address string
	to      string

	mu     sync.Mutex
	broken bool
	open   map[net.Conn]struct{}
	lives  int // connections of a former one lead nowhere
}

func newLine(t *testing.T, to string) *line {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &line{address: listener.Addr().String(), to: to, open: map[net.Conn]struct{}{}}
	t.Cleanup(func() {
		_ = listener.Close()
		l.cut(true)
	})
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go l.pass(context.WithoutCancel(t.Context()), conn)
		}
	}()
	return l
}

// cut drops every connection, and refuses new ones, until it is called with false.
func (l *line) cut(broken bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.broken = broken
	for conn := range l.open {
		_ = conn.Close()
	}
}

// add keeps a connection to be cut; false when the line is cut already.
func (l *line) add(conn net.Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.broken {
		l.open[conn] = struct{}{}
	}
	return !l.broken
}

// abandon keeps all connections open, and what is sent on them to itself; new ones are passed on.
func (l *line) abandon() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lives++
}

// life is the number of abandonments so far.
func (l *line) life() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lives
}

// end is one end of a connection of some life.
type end struct {
	net.Conn
	line *line
	life int
}

// Write implements io.Writer.
func (e end) Write(p []byte) (int, error) {
	if e.line.life() != e.life {
		return len(p), nil
	}
	return e.Conn.Write(p)
}

func (l *line) remove(conn net.Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.open, conn)
	_ = conn.Close()
}

func (l *line) pass(ctx context.Context, client net.Conn) {
	defer l.remove(client)
	server, err := new(net.Dialer).DialContext(ctx, "tcp", l.to)
	if err != nil || !l.add(client) || !l.add(server) {
		if err == nil {
			_ = server.Close()
		}
		return
	}
	defer l.remove(server)
	life := l.life()
	done := make(chan struct{}, 2)
	for _, way := range [][2]net.Conn{{client, server}, {server, client}} {
		go func() {
			defer func() { done <- struct{}{} }()
			_, _ = io.Copy(end{way[1], l, life}, way[0]) // until either is closed
		}()
	}
	<-done
}
