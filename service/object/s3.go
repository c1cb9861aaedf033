package object

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
)

// S3 is the Store behind an S3 endpoint.
type S3 struct {
	client        *s3.Client
	patient       func(*s3.Options) // for requests that the store completes only after moving all the bytes
	idle          func()            // closes idle connections
	endpoint      endpoint
	copyThreshold int64
	partSize      int64
	stall         time.Duration // how long a body may deliver nothing
}

var _ Store = (*S3)(nil)

// Stat implements Store. The protocol's response to a HEAD has no body, so a missing bucket is distinguished from a missing key
// by a second request.
func (s *S3) Stat(ctx context.Context, bucket, key string) (Info, error) {
	if err := checkNames(bucket, key); err != nil {
		return Info{}, err
	}
	head, err := s.client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &bucket, Key: &key})
	if err != nil {
		err = explain(ctx, "stat", bucket, key, err)
		if errors.Is(err, ErrNotFound) {
			_, missing := s.client.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &bucket})
			if missing != nil && errors.Is(meaning(missing), ErrNotFound) {
				// Some stores respond with 404 to an unknown access key, which only a body distinguishes from a missing bucket.
				if _, why := s.client.GetBucketLocation(ctx, &s3.GetBucketLocationInput{Bucket: &bucket}); errors.Is(meaning(why), ErrCredentials) {
					return Info{}, explain(ctx, "stat", bucket, key, why)
				}
				return Info{}, fmt.Errorf("stat %s/%.200q: %w", bucket, key, ErrNoBucket)
			}
		}
		return Info{}, err
	}
	return Info{
		Bucket: bucket, Key: key,
		Size:        aws.ToInt64(head.ContentLength),
		ETag:        unquote(head.ETag),
		ContentType: aws.ToString(head.ContentType),
		ModTime:     aws.ToTime(head.LastModified),
		Archived:    archived(cmp.Or(string(head.ArchiveStatus), string(head.StorageClass)), strings.Contains(aws.ToString(head.Restore), `ongoing-request="false"`)),
	}, nil
}

// Put implements Store.
func (s *S3) Put(ctx context.Context, bucket, key, contentType string, body io.ReadSeeker) (Info, error) {
	return s.put(ctx, bucket, key, contentType, body, nil)
}

// put is Put on a condition, which is nil for none.
func (s *S3) put(ctx context.Context, bucket, key, contentType string, body io.ReadSeeker, ifNoneMatch *string) (Info, error) {
	if err := checkNames(bucket, key); err != nil {
		return Info{}, err
	}
	size, err := body.Seek(0, io.SeekEnd)
	if err == nil {
		_, err = body.Seek(0, io.SeekStart)
	}
	if err != nil {
		return Info{}, fmt.Errorf("put %s/%.200q: size of the body: %w", bucket, key, err)
	}
	if size > MaxSingle {
		return Info{}, fmt.Errorf("put %s/%.200q: %w: %d bytes in one request, at most %d are allowed",
			bucket, key, ErrTooLarge, size, MaxSingle)
	}
	_, err = s.client.PutObject(ctx, &s3.PutObjectInput{
		Bucket: &bucket, Key: &key, Body: body, ContentLength: &size, ContentType: optional(contentType), IfNoneMatch: ifNoneMatch,
	})
	if err != nil {
		return Info{}, explain(ctx, "put", bucket, key, err)
	}
	info, err := s.Stat(ctx, bucket, key)
	if err != nil {
		return Info{}, fmt.Errorf("put: %w", err)
	}
	if info.Size != size {
		return Info{}, fmt.Errorf("put %s/%.200q: %w: the store holds %d of %d bytes",
			bucket, key, ErrUnavailable, info.Size, size)
	}
	return info, nil
}

// Delete implements Store. Unfinished uploads are removed as far as the store lets its caller list them.
func (s *S3) Delete(ctx context.Context, bucket, key string) error {
	if err := checkNames(bucket, key); err != nil {
		return err
	}
	if _, err := s.client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &bucket, Key: &key}); err != nil {
		err = explain(ctx, "delete", bucket, key, err)
		if !errors.Is(err, ErrNotFound) {
			return err
		}
	}
	return s.abortUploads(ctx, bucket, key)
}

// CreateBucket implements Store. A name that somebody else owns is ErrDenied.
func (s *S3) CreateBucket(ctx context.Context, bucket string) error {
	if err := CheckBucket(bucket); err != nil {
		return err
	}
	in := &s3.CreateBucketInput{Bucket: &bucket}
	if s.endpoint.region != defaultRegion { // S3 refuses its default region as a constraint
		in.CreateBucketConfiguration = &types.CreateBucketConfiguration{
			LocationConstraint: types.BucketLocationConstraint(s.endpoint.region),
		}
	}
	_, err := s.client.CreateBucket(ctx, in)
	var api smithy.APIError
	if errors.As(err, &api) && api.ErrorCode() == "BucketAlreadyOwnedByYou" {
		return nil
	}
	return explain(ctx, "create bucket", bucket, "", err)
}

// Once returns an S3 that sends each request a single time. Its error says what is wrong with the store, where that of one
// that tries again may only say that there is no more time.
func (s *S3) Once() *S3 {
	once := *s
	once.client = s3.New(s.client.Options(), func(o *s3.Options) {
		o.Retryer = aws.NopRetryer{}
		o.ExpressCredentials = nil // New would write into what s uses
	})
	return &once
}

// CloseIdleConnections closes the connections that no request uses. A server that is stopped next does not wait for
// them. The S3 stays usable.
func (s *S3) CloseIdleConnections() { s.idle() }

// optional is nil for "", which the protocol has no use for.
func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

func unquote(etag *string) string {
	return strings.Trim(aws.ToString(etag), `"`)
}

// quoted is nil for an unknown ETag, so that no condition is sent.
func quoted(etag string) *string {
	if etag == "" {
		return nil
	}
	return aws.String(`"` + etag + `"`)
}
