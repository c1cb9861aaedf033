package server

import (
	"net"
	"sync"
)

// limited is a listener that accepts a connection only while fewer than its limit are open, so that strangers leave
// descriptors to the work. Others wait in the system's queue.
type limited struct {
	net.Listener
	open   chan struct{}
	closed chan struct{}
	once   sync.Once
}

// defaultConnections is far more than one process serves.
const defaultConnections = 10_000

// sendBuffer bounds what the system holds of a response, in bytes. It would take megabytes for each reader who is idle, and
// close connections at random where many of them use up its memory.
const sendBuffer = 256 << 10

// limitConnections bounds the open connections of a listener.
func limitConnections(l net.Listener, most int) net.Listener {
	return &limited{Listener: l, open: make(chan struct{}, most), closed: make(chan struct{})}
}

// Accept waits for a connection, and until there may be another one.
func (l *limited) Accept() (net.Conn, error) {
	select {
	case l.open <- struct{}{}:
	case <-l.closed:
		return nil, net.ErrClosed
	}
	conn, err := l.Listener.Accept()
	if err != nil {
		<-l.open
		return nil, err
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetWriteBuffer(sendBuffer) // what cannot be bounded works as well until many are idle
	}
	return &limitedConn{Conn: conn, leave: sync.OnceFunc(func() { <-l.open })}, nil
}

// Close ends Accept, also while it waits.
func (l *limited) Close() error {
	l.once.Do(func() { close(l.closed) })
	return l.Listener.Close()
}

// limitedConn is one of the open connections.
type limitedConn struct {
	net.Conn
	leave func()
}

// Close closes the connection and makes room for another one.
func (c *limitedConn) Close() error {
	defer c.leave()
	return c.Conn.Close()
}
