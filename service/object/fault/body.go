package fault

import (
	"fmt"
	"io"

	"github.com/vod-reproduction/vod/service/object"
)

// Truncate lets n bytes of a body through and then fails as a broken connection does.
func Truncate(n int64) func(io.ReadCloser) io.ReadCloser {
	return func(from io.ReadCloser) io.ReadCloser { return &truncated{from, n} }
}

type truncated struct {
	io.ReadCloser
	left int64
}

// Read implements io.Reader.
func (t *truncated) Read(p []byte) (int, error) {
	if t.left == 0 {
		return 0, fmt.Errorf("read: %w: %w", object.ErrUnavailable, io.ErrUnexpectedEOF)
	}
	n, err := t.ReadCloser.Read(p[:min(int64(len(p)), t.left)])
	t.left -= int64(n)
	return n, err
}

// Flip inverts the byte at offset, counted from the start of the body, and says nothing.
func Flip(offset int64) func(io.ReadCloser) io.ReadCloser {
	return func(from io.ReadCloser) io.ReadCloser { return &flipped{from, offset} }
}

type flipped struct {
	io.ReadCloser
	ahead int64 // bytes before the one to invert; negative once it has passed
}

// Read implements io.Reader.
func (f *flipped) Read(p []byte) (int, error) {
	n, err := f.ReadCloser.Read(p)
	if f.ahead >= 0 && f.ahead < int64(n) {
		p[f.ahead] ^= 0xFF
	}
	f.ahead -= int64(n)
	return n, err
}
