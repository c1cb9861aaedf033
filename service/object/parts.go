package object

import (
	"cmp"
	"context"
	"crypto/md5" //nolint:gosec // the protocol's ETag of parts, not a defense
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"golang.org/x/sync/errgroup"
)

// partsAtOnce bounds the parts of one copy that are under way.
const partsAtOnce = 4

// inParts copies the source part by part, going on where resume left off if it can.
func (c *copying) inParts(ctx context.Context, resume Cursor) error {
	cursor, etags, err := c.upload(ctx, resume)
	if err != nil {
		return err
	}
	group, parts := errgroup.WithContext(ctx)
	group.SetLimit(partsAtOnce)
	for i := range etags {
		if etags[i] != "" {
			continue // made by an earlier call
		}
		group.Go(func() (err error) {
			etags[i], err = c.part(parts, cursor, i)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return forgotten(err)
	}
	if err := c.complete(ctx, cursor, etags); err != nil {
		return err
	}
	// The request that opened the upload may have been repeated because its first response was lost. Delete removes
	// what cannot be removed now.
	_ = c.s3.abortUploads(ctx, c.dstBucket, c.dstKey)
	return nil
}

// upload returns the upload to write to, and the ETag of each of its parts, empty for those that are still to be made.
func (c *copying) upload(ctx context.Context, resume Cursor) (Cursor, []string, error) {
	if c.continues(resume) {
		etags, err := c.made(ctx, resume)
		if !errors.Is(err, errNoUpload) {
			return resume, etags, err
		}
	}
	cursor := Cursor{
		Bucket: c.dstBucket, Key: c.dstKey, PartSize: c.s3.partSizeFor(c.src.Size),
		SourceBucket: c.src.Bucket, SourceKey: c.src.Key,
		SourceETag: c.src.ETag, SourceSize: c.src.Size, SourceModTime: c.src.ModTime,
	}
	if cursor.PartSize > MaxSingle {
		return Cursor{}, nil, fmt.Errorf("%w: %d bytes do not fit into %d parts", ErrTooLarge, c.src.Size, maxParts)
	}
	// Whatever is left of an upload to this key can no longer be resumed.
	if err := c.s3.abortUploads(ctx, c.dstBucket, c.dstKey); err != nil {
		return Cursor{}, nil, err
	}
	got, err := c.s3.client.CreateMultipartUpload(ctx, &s3.CreateMultipartUploadInput{
		Bucket: &c.dstBucket, Key: &c.dstKey, ContentType: optional(c.src.ContentType),
	})
	if err != nil {
		return Cursor{}, nil, explain(ctx, "begin", c.dstBucket, c.dstKey, err)
	}
	if cursor.UploadID = aws.ToString(got.UploadId); cursor.UploadID == "" {
		return Cursor{}, nil, fmt.Errorf("begin: %w: the response names no upload", ErrUnavailable)
	}
	if err := c.save(ctx, cursor); err != nil {
		return Cursor{}, nil, fmt.Errorf("save the place to resume at: %w", err)
	}
	return cursor, make([]string, cursor.parts()), nil
}

// continues reports whether resume belongs to this very copy, of this version of the source.
func (c *copying) continues(resume Cursor) bool {
	return resume.UploadID != "" && resume.Bucket == c.dstBucket && resume.Key == c.dstKey &&
		resume.SourceBucket == c.src.Bucket && resume.SourceKey == c.src.Key &&
		resume.SourceETag == c.src.ETag && resume.SourceSize == c.src.Size &&
		resume.SourceModTime.Equal(c.src.ModTime) &&
		resume.PartSize >= minPartSize && resume.parts() <= maxParts
}

// partSizeFor grows the configured size, in whole MiB, until the parts are few enough.
func (s *S3) partSizeFor(size int64) int64 {
	const mib = 1 << 20
	least := (size + maxParts - 1) / maxParts
	return max(s.partSize, (least+mib-1)/mib*mib)
}

func (c Cursor) parts() int64 { return (c.SourceSize + c.PartSize - 1) / c.PartSize }

// bounds are the first byte of part i, counted from 0, and its length.
func (c Cursor) bounds(i int) (first, length int64) {
	first = int64(i) * c.PartSize
	return first, min(c.PartSize, c.SourceSize-first)
}

// made asks the store for the parts of an upload. A part of the wrong size is made again.
func (c *copying) made(ctx context.Context, cursor Cursor) ([]string, error) {
	etags := make([]string, cursor.parts())
	pages := s3.NewListPartsPaginator(c.s3.client, &s3.ListPartsInput{
		Bucket: &c.dstBucket, Key: &c.dstKey, UploadId: &cursor.UploadID,
	})
	for pages.HasMorePages() {
		got, err := pages.NextPage(ctx)
		if err != nil {
			return nil, explain(ctx, "list parts", c.dstBucket, c.dstKey, err)
		}
		for _, p := range got.Parts {
			i := int(aws.ToInt32(p.PartNumber)) - 1
			if i < 0 || i >= len(etags) {
				continue
			}
			if _, length := cursor.bounds(i); aws.ToInt64(p.Size) == length {
				etags[i] = unquote(p.ETag)
			}
		}
	}
	return etags, nil
}

func (c *copying) part(ctx context.Context, cursor Cursor, i int) (string, error) {
	first, length := cursor.bounds(i)
	got, err := c.s3.client.UploadPartCopy(ctx, &s3.UploadPartCopyInput{
		Bucket: &c.dstBucket, Key: &c.dstKey, UploadId: &cursor.UploadID,
		PartNumber:        aws.Int32(int32(i) + 1),
		CopySource:        aws.String(copySource(c.src)),
		CopySourceRange:   aws.String(fmt.Sprintf("bytes=%d-%d", first, first+length-1)),
		CopySourceIfMatch: quoted(c.src.ETag),
	}, c.s3.patient)
	if err != nil {
		return "", fmt.Errorf("part %d: %w", i+1, explain(ctx, "copy from", c.src.Bucket, c.src.Key, err))
	}
	if got.CopyPartResult == nil || unquote(got.CopyPartResult.ETag) == "" {
		return "", fmt.Errorf("part %d: %w: the response has no ETag", i+1, ErrUnavailable)
	}
	return unquote(got.CopyPartResult.ETag), nil
}

func (c *copying) complete(ctx context.Context, cursor Cursor, etags []string) error {
	parts := make([]types.CompletedPart, len(etags))
	for i, etag := range etags {
		parts[i] = types.CompletedPart{PartNumber: aws.Int32(int32(i) + 1), ETag: quoted(etag)}
	}
	got, err := c.s3.client.CompleteMultipartUpload(ctx, &s3.CompleteMultipartUploadInput{
		Bucket: &c.dstBucket, Key: &c.dstKey, UploadId: &cursor.UploadID,
		MultipartUpload: &types.CompletedMultipartUpload{Parts: parts},
	}, c.s3.patient)
	if err != nil {
		err = explain(ctx, "complete", c.dstBucket, c.dstKey, err)
		if errors.Is(err, errNoUpload) && c.completed(ctx, etags) {
			return nil
		}
		return forgotten(err)
	}
	if unquote(got.ETag) == "" {
		return fmt.Errorf("complete: %w: the response has no ETag", ErrUnavailable)
	}
	return nil
}

// completed recognizes the object that these parts make, for the case that completing them succeeded, its response was
// lost, and the repetition found no upload any more.
func (c *copying) completed(ctx context.Context, etags []string) bool {
	sum := md5.New() //nolint:gosec // see the import
	for _, etag := range etags {
		raw, err := hex.DecodeString(etag)
		if err != nil {
			return false // encrypted objects have other ETags
		}
		sum.Write(raw)
	}
	there, err := c.s3.Stat(ctx, c.dstBucket, c.dstKey)
	return err == nil && there.ETag == hex.EncodeToString(sum.Sum(nil))+"-"+strconv.Itoa(len(etags))
}

// forgotten makes the loss of the upload in mid copy an error that repeating cures.
func forgotten(err error) error {
	if errors.Is(err, errNoUpload) {
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return err
}

// abortUploads removes every unfinished upload to exactly this key. A store that does not let its caller list uploads cannot
// be aborted, and that is no error.
func (s *S3) abortUploads(ctx context.Context, bucket, key string) error {
	pages := s3.NewListMultipartUploadsPaginator(s.client, &s3.ListMultipartUploadsInput{
		Bucket: &bucket, Prefix: &key, EncodingType: types.EncodingTypeUrl,
	})
	for pages.HasMorePages() {
		got, err := pages.NextPage(ctx)
		if err != nil {
			if unknownCall(err) || errors.Is(meaning(err), ErrDenied) {
				return nil
			}
			return explain(ctx, "list uploads", bucket, key, err)
		}
		for _, u := range got.Uploads {
			there, err := decodeKey(u.Key, got.EncodingType)
			if err != nil {
				continue // not a key that was sent by this package
			}
			switch cmp.Compare(there, key) {
			case 0:
				_, err = s.client.AbortMultipartUpload(ctx, &s3.AbortMultipartUploadInput{
					Bucket: &bucket, Key: &key, UploadId: u.UploadId,
				})
				if err = explain(ctx, "abort", bucket, key, err); err != nil && !errors.Is(err, errNoUpload) {
					return err
				}
			case 1:
				return nil // uploads come in the order of their keys, and this key is the first of its prefix
			}
		}
	}
	return nil
}
