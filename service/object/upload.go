package object

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// uploadPart is how much of a stream is kept in memory, in bytes, so that a part can be sent again. With the protocol's
// 10,000 parts it makes the largest stream 160 GB.
const uploadPart = 16 << 20

// Upload writes body, whose size need not be known, up to its end as the object's bytes. It replaces nothing: where an
// object exists when all bytes have come, it fails with ErrExists; a store that does not know If-None-Match on writes is
// asked just before. An error of body is returned as it is. An empty contentType leaves the type to the store. It holds
// 16 MiB of memory. Besides Put's errors it fails with ErrTooLarge for more than 10,000 parts of that size.
func (s *S3) Upload(ctx context.Context, bucket, key, contentType string, body io.Reader) (_ Info, err error) {
	if err := checkNames(bucket, key); err != nil {
		return Info{}, err
	}
	defer func() {
		if errors.Is(err, ErrChanged) {
			err = fmt.Errorf("%w: %w", ErrExists, err)
		}
	}()
	part := make([]byte, uploadPart)
	n, err := fill(part, body)
	if errors.Is(err, io.EOF) {
		var info Info
		err = s.replacingNothing(ctx, bucket, key, func(ifNoneMatch *string) (err error) {
			info, err = s.put(ctx, bucket, key, contentType, bytes.NewReader(part[:n]), ifNoneMatch)
			return err
		})
		return info, err
	}
	if err != nil {
		return Info{}, err
	}
	opened, err := s.client.CreateMultipartUpload(ctx, &s3.CreateMultipartUploadInput{Bucket: &bucket, Key: &key, ContentType: optional(contentType)})
	if err != nil {
		return Info{}, explain(ctx, "begin", bucket, key, err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.abort(ctx, bucket, key, opened.UploadId))
		}
	}()
	var parts []types.CompletedPart
	size := int64(0)
	for n > 0 {
		if len(parts) == maxParts {
			return Info{}, fmt.Errorf("upload %s/%.200q: %w: it does not fit into %d parts", bucket, key, ErrTooLarge, maxParts)
		}
		number := aws.Int32(int32(len(parts)) + 1)
		sent, err := s.client.UploadPart(ctx, &s3.UploadPartInput{
			Bucket: &bucket, Key: &key, UploadId: opened.UploadId, PartNumber: number, Body: bytes.NewReader(part[:n]),
		})
		if err != nil {
			return Info{}, explain(ctx, "upload", bucket, key, err)
		}
		parts = append(parts, types.CompletedPart{PartNumber: number, ETag: sent.ETag})
		size += int64(n)
		if n, err = fill(part, body); err != nil && !errors.Is(err, io.EOF) {
			return Info{}, err
		}
	}
	if err = s.replacingNothing(ctx, bucket, key, func(ifNoneMatch *string) error {
		_, err := s.client.CompleteMultipartUpload(ctx, &s3.CompleteMultipartUploadInput{
			Bucket: &bucket, Key: &key, UploadId: opened.UploadId, IfNoneMatch: ifNoneMatch, MultipartUpload: &types.CompletedMultipartUpload{Parts: parts},
		}, s.patient)
		return explain(ctx, "complete", bucket, key, err)
	}); err != nil {
		return Info{}, err
	}
	info, err := s.Stat(ctx, bucket, key)
	if err != nil {
		return Info{}, fmt.Errorf("upload: %w", err)
	}
	if info.Size != size {
		return Info{}, fmt.Errorf("upload %s/%.200q: %w: the store holds %d of %d bytes", bucket, key, ErrUnavailable, info.Size, size)
	}
	return info, nil
}

// replacingNothing has write make an object on the condition that there is none. Where the store refuses the condition
// itself, it looks for an object and has write do without.
func (s *S3) replacingNothing(ctx context.Context, bucket, key string, write func(ifNoneMatch *string) error) error {
	err := write(aws.String("*"))
	if err == nil || !unknownCall(err) {
		return err
	}
	switch _, err := s.Stat(ctx, bucket, key); {
	case err == nil:
		return fmt.Errorf("upload %s/%.200q: %w", bucket, key, ErrExists)
	case !errors.Is(err, ErrNotFound):
		return fmt.Errorf("upload: %w", err)
	}
	return write(nil)
}

// fill reads until part is full or body ends, with io.EOF, or fails. io.ReadFull would take a body that was cut, and says
// io.ErrUnexpectedEOF itself, for one that ends.
func fill(part []byte, body io.Reader) (n int, err error) {
	for n < len(part) && err == nil {
		var more int
		more, err = body.Read(part[n:])
		n += more
	}
	return n, err
}

// abort removes the parts of an upload that failed, also when its context has ended.
func (s *S3) abort(ctx context.Context, bucket, key string, upload *string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupTimeout)
	defer cancel()
	_, err := s.client.AbortMultipartUpload(ctx, &s3.AbortMultipartUploadInput{Bucket: &bucket, Key: &key, UploadId: upload})
	if err = explain(ctx, "abort", bucket, key, err); errors.Is(err, errNoUpload) {
		return nil
	}
	return err
}
