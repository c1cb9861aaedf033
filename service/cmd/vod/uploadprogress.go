package main

import (
	"io"
	"os"
	"sync/atomic"
	"time"

	"github.com/vod-reproduction/vod/gen/companions"
)

// meter counts what is read of a file since it was last rewound: a request is read once to be signed, and again to be sent.
type meter struct {
	file *os.File
	read atomic.Int64
}

func (m *meter) Read(p []byte) (int, error) {
	n, err := m.file.Read(p)
	m.read.Add(int64(n))
	return n, err //nolint:wrapcheck // an io.Reader returns io.EOF as it is
}

func (m *meter) Seek(offset int64, whence int) (int64, error) {
	position, err := m.file.Seek(offset, whence)
	if err == nil && whence != io.SeekEnd {
		m.read.Store(position)
	}
	return position, err //nolint:wrapcheck // the file's own error names it
}

// drawEvery is how often the progress of an upload is drawn.
const drawEvery = 250 * time.Millisecond

// showUpload draws on a terminal how far an upload is, until stop is called.
func (s *session) showUpload(body *meter, size int64, address string) (stop func()) {
	board := s.newMessageBoard()
	if board == nil {
		return func() {}
	}
	end, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(drawEvery)
		defer tick.Stop()
		for {
			select {
			case now := <-tick.C:
				read := body.read.Load()
				step := companions.ProcessingStep{Name: "upload", Bytes: &read, Total: &size}
				board.draw([]string{printable(board.rates.bar("", step, now) + "  " + address)})
			case <-end:
				board.clear()
				return
			}
		}
	}()
	return func() {
		close(end)
		<-ended
	}
}
