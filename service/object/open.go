package object

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// Open implements Store.
func (s *S3) Open(ctx context.Context, bucket, key string, at Range, ifMatch string) (io.ReadCloser, Info, error) {
	if err := checkNames(bucket, key); err != nil {
		return nil, Info{}, err
	}
	if at.Offset < 0 || at.Length < 0 || at.Length > math.MaxInt64-at.Offset {
		return nil, Info{}, fmt.Errorf("open %s/%.200q: %w: offset %d, length %d",
			bucket, key, ErrRange, at.Offset, at.Length)
	}
	reading, cancel := context.WithCancel(ctx)
	got, err := s.client.GetObject(reading, &s3.GetObjectInput{
		Bucket: &bucket, Key: &key, Range: at.header(), IfMatch: quoted(ifMatch),
	})
	if err != nil {
		cancel()
		return nil, Info{}, explain(ctx, "open", bucket, key, err)
	}
	size, length, err := extent(got, at)
	if err != nil {
		cancel()
		_ = got.Body.Close()
		return nil, Info{}, fmt.Errorf("open %s/%.200q: %w: %w", bucket, key, ErrUnavailable, err)
	}
	info := Info{
		Bucket: bucket, Key: key,
		Size:        size,
		ETag:        unquote(got.ETag),
		ContentType: aws.ToString(got.ContentType),
		ModTime:     aws.ToTime(got.LastModified),
	}
	watch := time.AfterFunc(s.stall, cancel)
	watch.Stop()
	return &body{
		ctx: ctx, info: info, from: got.Body, left: length, stall: s.stall, watch: watch, cancel: cancel,
	}, info, nil
}

// header is nil for the whole object, so that an empty object can be opened: no range fits into it.
func (r Range) header() *string {
	switch {
	case r == Range{}:
		return nil
	case r.Length == 0:
		return aws.String(fmt.Sprintf("bytes=%d-", r.Offset))
	}
	return aws.String(fmt.Sprintf("bytes=%d-%d", r.Offset, r.Offset+r.Length-1))
}

// extent returns the object's size and the number of bytes that the response carries, and refuses a response that does
// not carry the range that was asked for: a server may ignore it and send everything.
func extent(got *s3.GetObjectOutput, at Range) (size, length int64, err error) {
	if got.ContentLength == nil {
		return 0, 0, errors.New("the response does not say how long it is")
	}
	length = *got.ContentLength
	if at == (Range{}) {
		return length, length, nil
	}
	var first, last int64
	if _, err := fmt.Sscanf(aws.ToString(got.ContentRange), "bytes %d-%d/%d", &first, &last, &size); err != nil {
		return 0, 0, fmt.Errorf("the response's range %q cannot be read", aws.ToString(got.ContentRange))
	}
	want := size - at.Offset
	if at.Length > 0 {
		want = min(want, at.Length)
	}
	if first != at.Offset || last-first+1 != want || length != want {
		return 0, 0, fmt.Errorf("the response carries %q, not the range that was asked for", *got.ContentRange)
	}
	return size, length, nil
}

// body reads exactly left bytes, and gives up on a connection that delivers nothing for the time stall.
type body struct {
	ctx    context.Context // of Open: distinguishes the caller's cancellation from a stall
	info   Info
	from   io.ReadCloser
	left   int64
	stall  time.Duration
	watch  *time.Timer // runs only while Read waits, so a slow reader is no stall
	cancel context.CancelFunc
}

// Read implements io.Reader.
func (b *body) Read(p []byte) (int, error) {
	if b.left == 0 {
		return 0, io.EOF
	}
	// What has arrived already could still be read; the caller has said that it is not wanted.
	if err := b.ctx.Err(); err != nil {
		return 0, err
	}
	if int64(len(p)) > b.left {
		p = p[:b.left]
	}
	b.watch.Reset(b.stall)
	n, err := b.from.Read(p)
	b.watch.Stop()
	b.left -= int64(n)
	switch {
	case b.left == 0, err == nil:
		return n, nil
	case err == io.EOF:
		err = io.ErrUnexpectedEOF
	}
	if b.ctx.Err() != nil {
		return n, b.ctx.Err()
	}
	return n, fmt.Errorf("read %s/%.200q with %d bytes to go: %w: %w", b.info.Bucket, b.info.Key, b.left, ErrUnavailable, err)
}

// Close implements io.Closer.
func (b *body) Close() error {
	b.watch.Stop()
	b.cancel()
	return b.from.Close()
}
