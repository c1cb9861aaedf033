package object

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// cleanupTimeout bounds the removal of orphaned objects, which goes on when the caller's context has ended.
const cleanupTimeout = 30 * time.Second

// Copy implements Store. A copy that the store reports as done is believed only when it came with an ETag, when the
// destination has the source's size, and when the source is still what it was: stores respond with 200 to failed copies,
// and not all of them obey a condition on the source of a part.
func (s *S3) Copy(ctx context.Context, src Info, dstBucket, dstKey string, resume Cursor,
	save func(context.Context, Cursor) error) (Info, error) {
	if err := checkNames(src.Bucket, src.Key); err != nil {
		return Info{}, fmt.Errorf("copy from: %w", err)
	}
	if err := checkNames(dstBucket, dstKey); err != nil {
		return Info{}, fmt.Errorf("copy to: %w", err)
	}
	if src.Bucket == dstBucket && src.Key == dstKey {
		return Info{}, fmt.Errorf("copy %s/%.200q: %w: the destination is the source", dstBucket, dstKey, ErrName)
	}
	c := &copying{s3: s, dstBucket: dstBucket, dstKey: dstKey, save: save}
	done, err := c.run(ctx, src, resume)
	if err == nil {
		return done, nil
	}
	if c.wrong || !repeatable(ctx, err) {
		if left := c.discard(ctx); left != nil {
			err = fmt.Errorf("%w (what it left behind could not be removed: %w)", err, left)
		}
	}
	return Info{}, fmt.Errorf("copy to %s/%.200q: %w", dstBucket, dstKey, err)
}

// repeatable reports whether the same call may succeed later, so that the parts made so far are worth keeping.
func repeatable(ctx context.Context, err error) bool {
	return ctx.Err() != nil || errors.Is(err, ErrUnavailable)
}

// copying is one call of Copy.
type copying struct {
	s3                *S3
	src               Info // as the store described it at the start
	retype            bool // the destination's type differs from the source's
	dstBucket, dstKey string
	save              func(context.Context, Cursor) error
	wrong             bool // the destination holds bytes that are not the source's
}

func (c *copying) run(ctx context.Context, src Info, resume Cursor) (Info, error) {
	found, err := c.s3.Stat(ctx, src.Bucket, src.Key)
	if err != nil {
		return Info{}, err
	}
	if err := unchanged(src, found); err != nil {
		return Info{}, err
	}
	c.src = found
	if src.ContentType != "" && src.ContentType != found.ContentType {
		c.src.ContentType, c.retype = src.ContentType, true
	}

	if found.Size <= c.s3.copyThreshold {
		err = c.whole(ctx)
	} else {
		err = c.inParts(ctx, resume)
	}
	if err != nil {
		return Info{}, err
	}

	// ErrNotFound means here that the source went away in mid copy, which is a change like any other.
	found, err = c.s3.Stat(ctx, src.Bucket, src.Key)
	if errors.Is(err, ErrNotFound) {
		err = fmt.Errorf("%w: %w", ErrChanged, err)
	}
	if err == nil {
		err = unchanged(c.src, found)
	}
	if err != nil {
		c.wrong = errors.Is(err, ErrChanged)
		return Info{}, err
	}
	copied, err := c.s3.Stat(ctx, c.dstBucket, c.dstKey)
	if err != nil {
		return Info{}, err
	}
	if copied.Size != c.src.Size {
		c.wrong = true
		return Info{}, fmt.Errorf("%w: the store says it is done and holds %d of %d bytes",
			ErrUnavailable, copied.Size, c.src.Size)
	}
	return copied, nil
}

// unchanged returns ErrChanged unless found can be the version that want describes.
func unchanged(want, found Info) error {
	var what string
	switch {
	case want.Size != found.Size:
		what = fmt.Sprintf("it had %d bytes and has %d", want.Size, found.Size)
	case want.ETag != "" && want.ETag != found.ETag:
		what = fmt.Sprintf("its ETag was %q and is %q", want.ETag, found.ETag)
	case !want.ModTime.IsZero() && want.ModTime.Unix() != found.ModTime.Unix():
		what = fmt.Sprintf("it was written at %s and again at %s",
			want.ModTime.UTC().Format(time.RFC3339), found.ModTime.UTC().Format(time.RFC3339))
	default:
		return nil
	}
	return fmt.Errorf("source %s/%.200q: %w: %s", want.Bucket, want.Key, ErrChanged, what)
}

// whole copies with one request.
func (c *copying) whole(ctx context.Context) error {
	in := &s3.CopyObjectInput{
		Bucket: &c.dstBucket, Key: &c.dstKey,
		CopySource:        aws.String(copySource(c.src)),
		CopySourceIfMatch: quoted(c.src.ETag),
	}
	if c.retype {
		in.MetadataDirective = types.MetadataDirectiveReplace
		in.ContentType = &c.src.ContentType
	}
	got, err := c.s3.client.CopyObject(ctx, in, c.s3.patient)
	if err != nil {
		return explain(ctx, "copy from", c.src.Bucket, c.src.Key, err)
	}
	if got.CopyObjectResult == nil || unquote(got.CopyObjectResult.ETag) == "" {
		return fmt.Errorf("copy from %s/%.200q: %w: the response has no ETag", c.src.Bucket, c.src.Key, ErrUnavailable)
	}
	return nil
}

// discard removes what a failed copy must not leave behind: its parts, and a destination that is not the source.
func (c *copying) discard(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupTimeout)
	defer cancel()
	if c.wrong {
		return c.s3.Delete(ctx, c.dstBucket, c.dstKey)
	}
	err := c.s3.abortUploads(ctx, c.dstBucket, c.dstKey)
	if errors.Is(err, ErrNoBucket) {
		return nil
	}
	return err
}

// copySource is the value of the header that names the source. It is percent-encoded as a whole, since "?" would
// begin a version and "+" may be read as a space.
func copySource(src Info) string {
	const hex = "0123456789ABCDEF"
	name := src.Bucket + "/" + src.Key
	out := make([]byte, 0, len(name)+16)
	for _, b := range []byte(name) {
		switch {
		case 'a' <= b && b <= 'z', 'A' <= b && b <= 'Z', '0' <= b && b <= '9',
			b == '-', b == '_', b == '.', b == '~', b == '/':
			out = append(out, b)
		default:
			out = append(out, '%', hex[b>>4], hex[b&15])
		}
	}
	return string(out)
}
