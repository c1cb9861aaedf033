package object

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// page is one response of either version of the listing call.
type page struct {
	objects   []types.Object
	encoding  types.EncodingType
	truncated bool
	token     *string // of version 2
	marker    string  // of version 1
}

// List implements Store. It asks with version 2 of the call and goes on with version 1 where the server knows only
// that: OBS's parallel file systems do.
func (s *S3) List(ctx context.Context, bucket, prefix string) iter.Seq2[Info, error] {
	return func(yield func(Info, error) bool) {
		if err := checkPrefix(bucket, prefix); err != nil {
			yield(Info{}, err)
			return
		}
		var next page
		old := false
		for {
			var err error
			before := next
			if !old {
				next, err = s.page2(ctx, bucket, prefix, next.token)
				// After the first page the call is known, and its token is what is refused.
				if old = err != nil && before.token == nil && unknownCall(err); old {
					next, err = s.page1(ctx, bucket, prefix, "")
				}
			} else {
				next, err = s.page1(ctx, bucket, prefix, next.marker)
			}
			if err != nil {
				yield(Info{}, explain(ctx, "list", bucket, prefix, err))
				return
			}
			for _, o := range next.objects {
				info, err := listed(bucket, next.encoding, o)
				if !yield(info, err) || err != nil {
					return
				}
			}
			if !next.truncated {
				return
			}
			// A server that ignores the version number responds like version 1: truncated, and without a token.
			old = old || next.token == nil
			if old && next.marker == "" {
				yield(Info{}, fmt.Errorf("list %s: %w: a page is cut and does not say how to go on", bucket, ErrUnavailable))
				return
			}
			if next.leadsTo(before, old) {
				yield(Info{}, fmt.Errorf("list %s: %w: a page goes on where it began, so the listing would never end", bucket, ErrUnavailable))
				return
			}
		}
	}
}

// leadsTo reports whether a page goes on where the one before it did.
func (p *page) leadsTo(before page, old bool) bool {
	if old {
		return p.marker == before.marker
	}
	return before.token != nil && *p.token == *before.token
}

// checkPrefix allows what can begin a key, and the empty prefix.
func checkPrefix(bucket, prefix string) error {
	if prefix == "" {
		return CheckBucket(bucket)
	}
	return checkNames(bucket, prefix)
}

func (s *S3) page2(ctx context.Context, bucket, prefix string, token *string) (page, error) {
	got, err := s.client.ListObjectsV2(ctx, &s3.ListObjectsV2Input{
		Bucket: &bucket, Prefix: optional(prefix), ContinuationToken: token, EncodingType: types.EncodingTypeUrl,
	})
	if err != nil {
		return page{}, err
	}
	return page{
		objects: got.Contents, encoding: got.EncodingType, truncated: aws.ToBool(got.IsTruncated),
		token: optional(aws.ToString(got.NextContinuationToken)), marker: lastKey(got.Contents, got.EncodingType),
	}, nil
}

func (s *S3) page1(ctx context.Context, bucket, prefix, marker string) (page, error) {
	got, err := s.client.ListObjects(ctx, &s3.ListObjectsInput{
		Bucket: &bucket, Prefix: optional(prefix), Marker: optional(marker), EncodingType: types.EncodingTypeUrl,
	})
	if err != nil {
		return page{}, err
	}
	return page{
		objects: got.Contents, encoding: got.EncodingType, truncated: aws.ToBool(got.IsTruncated),
		marker: lastKey(got.Contents, got.EncodingType),
	}, nil
}

// lastKey is where version 1 goes on; its own marker is only sent along with a delimiter.
func lastKey(objects []types.Object, encoding types.EncodingType) string {
	if len(objects) == 0 {
		return ""
	}
	key, _ := decodeKey(objects[len(objects)-1].Key, encoding) // a bad key fails the page before this is used
	return key
}

func listed(bucket string, encoding types.EncodingType, o types.Object) (Info, error) {
	key, err := decodeKey(o.Key, encoding)
	if err != nil {
		return Info{}, fmt.Errorf("list %s: %w: key %q: %w", bucket, ErrUnavailable, aws.ToString(o.Key), err)
	}
	return Info{
		Bucket: bucket, Key: key,
		Size:     aws.ToInt64(o.Size),
		ETag:     unquote(o.ETag),
		ModTime:  aws.ToTime(o.LastModified).Truncate(time.Second),
		Archived: archived(string(o.StorageClass), o.RestoreStatus != nil && !aws.ToBool(o.RestoreStatus.IsRestoreInProgress)),
	}, nil
}

// decodeKey undoes the encoding that was asked for, if the server says that it used it. XML cannot carry every key
// without it.
func decodeKey(key *string, encoding types.EncodingType) (string, error) {
	if encoding != types.EncodingTypeUrl {
		return aws.ToString(key), nil
	}
	return url.QueryUnescape(aws.ToString(key))
}

// unknownCall reports whether the server refused the call itself rather than its bucket or its caller.
func unknownCall(err error) bool {
	var api smithy.APIError
	if errors.As(err, &api) {
		switch api.ErrorCode() {
		case "NotImplemented", "MethodNotAllowed", "InvalidArgument", "InvalidRequest":
			return true
		}
	}
	var response *smithyhttp.ResponseError
	return errors.As(err, &response) && (response.HTTPStatusCode() == http.StatusNotImplemented ||
		response.HTTPStatusCode() == http.StatusMethodNotAllowed)
}
