package embedded

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"hash"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/minio/crc64nvme"
	"github.com/versity/versitygw/backend"
	"github.com/versity/versitygw/backend/meta"
	"github.com/versity/versitygw/backend/posix"
	"github.com/versity/versitygw/s3api/utils"
	"github.com/versity/versitygw/s3err"
	"github.com/versity/versitygw/s3response"
)

// files is the gateway's backend with copies that the file system makes, which may share the blocks of a file instead of
// writing them. The copy is read for its checksum.
type files struct {
	*posix.Posix
	attributes meta.MetadataStorer
}

// CopyObject leaves what is out of the ordinary to the gateway: versions, locks, tags, other checksums, and all that ends in
// an error.
func (b files) CopyObject(ctx context.Context, in s3response.CopyObjectInput) (s3response.CopyObjectOutput, error) {
	if c, ok := b.plainCopy(ctx, in); ok {
		defer c.source.Close()
		return c.run(ctx)
	}
	return b.Posix.CopyObject(ctx, in)
}

// plainCopy is a copy of one file to another name. To the gateway it is the body of an upload, empty but for its checksum.
type plainCopy struct {
	files
	source *os.File
	into   s3response.PutObjectInput
	sum    hash.Hash64
}

// plainCopy opens the source of a copy that is one.
func (b files) plainCopy(ctx context.Context, in s3response.CopyObjectInput) (c *plainCopy, ok bool) {
	bucket, key, version, err := backend.ParseCopySource(*in.CopySource)
	name := filepath.Join(bucket, key)
	if err != nil || version != "" || aws.ToString(in.ExpectedSourceBucketOwner) != "" || in.TaggingDirective == types.TaggingDirectiveReplace ||
		in.ObjectLockMode != "" || in.ObjectLockLegalHoldStatus != "" || strings.HasSuffix(key, "/") || strings.HasSuffix(*in.Key, "/") ||
		name == filepath.Join(*in.Bucket, *in.Key) {
		return nil, false
	}
	source, err := os.Open(name) //nolint:gosec // guardNames has judged the key
	if err != nil {
		return nil, false
	}
	defer func() {
		if !ok {
			_ = source.Close()
		}
	}()
	head, err := b.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &bucket, Key: &key})
	if err != nil || aws.ToInt32(head.TagCount) > 0 || aws.ToInt64(head.ContentLength) > maxCopy || !isFile(source, name) {
		return nil, false
	}
	if backend.EvaluatePreconditions(aws.ToString(head.ETag), aws.ToTime(head.LastModified), backend.PreConditions{
		IfMatch: in.CopySourceIfMatch, IfNoneMatch: in.CopySourceIfNoneMatch,
		IfModSince: in.CopySourceIfModifiedSince, IfUnmodeSince: in.CopySourceIfUnmodifiedSince,
	}) != nil {
		return nil, false
	}
	var kept s3response.Checksum // none for a file that was put there by hand
	if text, err := b.attributes.RetrieveAttribute(source, bucket, key, "checksums"); err == nil {
		_ = json.Unmarshal(text, &kept)
	}
	if cmp.Or(in.ChecksumAlgorithm, kept.Algorithm, types.ChecksumAlgorithmCrc64nvme) != types.ChecksumAlgorithmCrc64nvme {
		return nil, false
	}
	into := s3response.PutObjectInput{Bucket: in.Bucket, Key: in.Key, WebsiteRedirectLocation: in.WebsiteRedirectLocation}
	if in.MetadataDirective == types.MetadataDirectiveReplace {
		into.ContentType, into.ContentEncoding, into.ContentDisposition = in.ContentType, in.ContentEncoding, in.ContentDisposition
		into.ContentLanguage, into.CacheControl, into.Expires, into.Metadata = in.ContentLanguage, in.CacheControl, in.Expires, in.Metadata
	} else {
		into.ContentType, into.ContentEncoding, into.ContentDisposition = head.ContentType, head.ContentEncoding, head.ContentDisposition
		into.ContentLanguage, into.CacheControl, into.Expires, into.Metadata = head.ContentLanguage, head.CacheControl, head.ExpiresString, head.Metadata
	}
	return &plainCopy{files: b, source: source, into: into, sum: crc64nvme.New()}, true
}

// isFile reports whether name still is the open file, and no directory.
func isFile(open *os.File, name string) bool {
	opened, err := open.Stat()
	if err != nil {
		return false
	}
	named, err := os.Stat(name)
	return err == nil && named.Mode().IsRegular() && os.SameFile(opened, named)
}

func (c *plainCopy) run(ctx context.Context) (out s3response.CopyObjectOutput, err error) {
	c.into.Body = c
	made, err := c.PutObjectWithPostFunc(ctx, c.into, func(target *os.File) error { return c.fill(ctx, target) })
	switch {
	case errors.Is(err, syscall.ENOSPC):
		return out, s3err.GetAPIError(s3err.ErrNoSpaceLeftOnDevice)
	case errors.Is(err, syscall.EDQUOT):
		return out, s3err.GetAPIError(s3err.ErrQuotaExceeded)
	case err != nil:
		return out, err
	}
	info, err := os.Stat(filepath.Join(*c.into.Bucket, *c.into.Key))
	if err != nil {
		return out, err
	}
	out.CopyObjectResult = &s3response.CopyObjectResult{
		ETag: &made.ETag, LastModified: backend.GetTimePtr(info.ModTime()),
		ChecksumCRC64NVME: made.ChecksumCRC64NVME, ChecksumType: made.ChecksumType,
	}
	return out, nil
}

// copyStep is how many bytes are copied before the copy looks whether it is still wanted.
const copyStep = 64 << 20

// fill has the file system copy the source, and reads the copy for its checksum.
func (c *plainCopy) fill(ctx context.Context, target *os.File) error {
	if err := inSteps(ctx, func() (int64, error) { return io.CopyN(target, c.source, copyStep) }); err != nil {
		return err
	}
	if _, err := target.Seek(0, io.SeekStart); err != nil {
		return err
	}
	return inSteps(ctx, func() (int64, error) { return io.CopyN(c.sum, target, copyStep) })
}

// inSteps repeats step until it reaches the end, or ctx ends.
func inSteps(ctx context.Context, step func() (int64, error)) error {
	for ctx.Err() == nil {
		if _, err := step(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
	return ctx.Err()
}

// Read finds nothing: fill writes the content.
func (c *plainCopy) Read([]byte) (int, error) { return 0, io.EOF }

// Algorithm returns that of the checksum, as the gateway names it.
func (c *plainCopy) Algorithm() string { return string(utils.HashTypeCRC64NVME) }

// Checksum returns the checksum, once fill has returned.
func (c *plainCopy) Checksum() string { return utils.Base64SumString(c.sum.Sum(nil)) }
