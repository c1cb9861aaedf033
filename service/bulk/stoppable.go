package bulk

import (
	"context"
	"io"
)

// Stoppable is a reader whose reads end with ctx, also while the source has nothing to give: a pipe cannot be asked to
// stop waiting. The read that is on its way then ends by itself when the source moves or the process ends.
type Stoppable struct {
	ctx    context.Context
	source io.Reader
	buffer []byte
	unread []byte // of buffer
	err    error  // of the read that filled buffer
}

// NewStoppable returns a reader of source that is good until ctx ends, and then returns the error of ctx.
func NewStoppable(ctx context.Context, source io.Reader) *Stoppable {
	return &Stoppable{ctx: ctx, source: source, buffer: make([]byte, 64<<10)}
}

// Read reads what the source has.
func (s *Stoppable) Read(p []byte) (int, error) {
	if s.ctx.Err() != nil {
		return 0, s.ctx.Err()
	}
	if len(s.unread) == 0 && s.err == nil {
		if !s.fill() {
			return 0, s.ctx.Err()
		}
	}
	n := copy(p, s.unread)
	if s.unread = s.unread[n:]; len(s.unread) == 0 {
		return n, s.err
	}
	return n, nil
}

// fill reads into the buffer; false when ctx ended first. The buffer then belongs to the read that is left behind: since
// ctx has ended, nobody looks at it again.
func (s *Stoppable) fill() bool {
	type result struct {
		n   int
		err error
	}
	done := make(chan result, 1)
	go func() {
		n, err := s.source.Read(s.buffer)
		done <- result{n, err}
	}()
	select {
	case r := <-done:
		s.unread, s.err = s.buffer[:r.n], r.err
		return true
	case <-s.ctx.Done():
		return false
	}
}
