package embedded

import (
	"context"
	"errors"
	"hash"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/minio/crc64nvme"
	"github.com/versity/versitygw/backend"
	"github.com/versity/versitygw/backend/posix"
	"github.com/versity/versitygw/s3api/utils"
	"github.com/versity/versitygw/s3response"
)

// files is the gateway's backend with copies that the file system makes, which may share the blocks of a file instead of
// writing them. The copy is read for its checksum.
type files struct{ *posix.Posix }

// CopyObject leaves what is out of the ordinary to the gateway: versions, locks, tags, other checksums, and all that ends in
// an error.
func (b files) CopyObject(ctx context.Context, in s3response.CopyObjectInput) (out s3response.CopyObjectOutput, err error) {
	c := fileCopy{ctx: ctx, sum: crc64nvme.New()}
	if !c.open(b, in) {
		return b.Posix.CopyObject(ctx, in)
	}
	defer c.source.Close()
	c.into.Body = &c
	made, err := b.PutObject(ctx, c.into)
	if err != nil {
		return out, err
	}
	info, err := os.Stat(filepath.Join(*in.Bucket, *in.Key))
	if err != nil {
		return out, err
	}
	out.CopyObjectResult = &s3response.CopyObjectResult{
		ETag: &made.ETag, LastModified: backend.GetTimePtr(info.ModTime()),
		ChecksumCRC64NVME: made.ChecksumCRC64NVME, ChecksumType: made.ChecksumType,
	}
	return out, nil
}

// fileCopy is a copy of one file to another name. To the gateway it is the body of an upload, which writes itself.
type fileCopy struct {
	ctx    context.Context
	source *os.File
	into   s3response.PutObjectInput
	sum    hash.Hash64
}

// open opens the source, and reports whether the copy is an ordinary one.
func (c *fileCopy) open(b files, in s3response.CopyObjectInput) (ok bool) {
	bucket, key, version, err := backend.ParseCopySource(*in.CopySource)
	if err != nil || version != "" || !ordinary(in) {
		return false
	}
	name := filepath.Join(bucket, key)
	if strings.HasSuffix(key, "/") || strings.HasSuffix(*in.Key, "/") || name == filepath.Join(*in.Bucket, *in.Key) {
		return false
	}
	if c.source, err = os.Open(name); err != nil { //nolint:gosec // guardNames has judged the key
		return false
	}
	defer func() {
		if !ok {
			_ = c.source.Close()
		}
	}()
	head, err := b.HeadObject(c.ctx, &s3.HeadObjectInput{Bucket: &bucket, Key: &key, ChecksumMode: types.ChecksumModeEnabled})
	if err != nil || aws.ToInt32(head.TagCount) > 0 || aws.ToInt64(head.ContentLength) > maxCopy || otherSum(head) || !isFile(c.source, name) {
		return false
	}
	if backend.EvaluatePreconditions(aws.ToString(head.ETag), aws.ToTime(head.LastModified), backend.PreConditions{
		IfMatch: in.CopySourceIfMatch, IfNoneMatch: in.CopySourceIfNoneMatch,
		IfModSince: in.CopySourceIfModifiedSince, IfUnmodeSince: in.CopySourceIfUnmodifiedSince,
	}) != nil {
		return false
	}
	c.into = s3response.PutObjectInput{Bucket: in.Bucket, Key: in.Key, WebsiteRedirectLocation: in.WebsiteRedirectLocation}
	if in.MetadataDirective == types.MetadataDirectiveReplace {
		c.into.ContentType, c.into.ContentEncoding, c.into.ContentDisposition = in.ContentType, in.ContentEncoding, in.ContentDisposition
		c.into.ContentLanguage, c.into.CacheControl, c.into.Expires, c.into.Metadata = in.ContentLanguage, in.CacheControl, in.Expires, in.Metadata
	} else {
		c.into.ContentType, c.into.ContentEncoding, c.into.ContentDisposition = head.ContentType, head.ContentEncoding, head.ContentDisposition
		c.into.ContentLanguage, c.into.CacheControl, c.into.Expires, c.into.Metadata = head.ContentLanguage, head.CacheControl, head.ExpiresString, head.Metadata
	}
	return true
}

// ordinary reports whether a copy asks for nothing that only the gateway knows.
func ordinary(in s3response.CopyObjectInput) bool {
	return aws.ToString(in.ExpectedSourceBucketOwner) == "" &&
		in.TaggingDirective != types.TaggingDirectiveReplace &&
		in.ObjectLockMode == "" && in.ObjectLockLegalHoldStatus == "" &&
		(in.ChecksumAlgorithm == "" || in.ChecksumAlgorithm == types.ChecksumAlgorithmCrc64nvme)
}

// otherSum reports whether an object has another checksum than a CRC64NVME, which a copy would have to keep.
func otherSum(head *s3.HeadObjectOutput) bool {
	for _, sum := range []*string{
		head.ChecksumCRC32, head.ChecksumCRC32C, head.ChecksumSHA1, head.ChecksumSHA256, head.ChecksumSHA512, head.ChecksumMD5,
		head.ChecksumXXHASH64, head.ChecksumXXHASH3, head.ChecksumXXHASH128,
	} {
		if sum != nil {
			return true
		}
	}
	return false
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

// copyStep is how many bytes are copied before the copy looks whether it is still wanted.
const copyStep = 64 << 20

// WriteTo has the file system copy the source into the gateway's unfinished file, and reads the copy for its checksum.
func (c *fileCopy) WriteTo(w io.Writer) (n int64, err error) {
	unfinished, ok := w.(interface{ File() *os.File })
	if !ok {
		return 0, errors.New("the gateway does not write into a file")
	}
	target := unfinished.File()
	if n, err = c.steps(target, c.source); err != nil {
		return n, err
	}
	if info, err := c.source.Stat(); err != nil || info.Size() != n {
		return n, errors.Join(io.ErrUnexpectedEOF, err)
	}
	if _, err := target.Seek(0, io.SeekStart); err != nil {
		return n, err
	}
	if summed, err := c.steps(c.sum, target); err != nil || summed != n {
		return n, errors.Join(io.ErrUnexpectedEOF, err)
	}
	return n, nil
}

// steps copies to the end, unless the request ends before.
func (c *fileCopy) steps(to io.Writer, from io.Reader) (n int64, err error) {
	for c.ctx.Err() == nil {
		step, err := io.CopyN(to, from, copyStep)
		n += step
		if errors.Is(err, io.EOF) {
			return n, nil
		}
		if err != nil {
			return n, err
		}
	}
	return n, c.ctx.Err()
}

// Read is not used: the gateway prefers WriteTo.
func (c *fileCopy) Read([]byte) (int, error) { return 0, errors.ErrUnsupported }

// Algorithm returns that of the checksum, as the gateway names it.
func (c *fileCopy) Algorithm() string { return string(utils.HashTypeCRC64NVME) }

// Checksum returns the checksum, once WriteTo has returned.
func (c *fileCopy) Checksum() string { return utils.Base64SumString(c.sum.Sum(nil)) }
