package embedded_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"

	"github.com/vod-reproduction/vod/service/object"
	"github.com/vod-reproduction/vod/service/object/objecttest"
)

// TestCopyObject copies with the options of S3, those that the file system's copy serves and those that the gateway does. The
// SDK holds what it reads against the checksum.
func TestCopyObject(t *testing.T) {
	dir := t.TempDir()
	server := start(t, dir)
	store := s3.New(s3.Options{
		BaseEndpoint: aws.String(server.Endpoint()), UsePathStyle: true, Region: "us-east-1",
		Credentials: credentials.NewStaticCredentialsProvider(accessKey, secretKey, ""),
	})
	bucket, content := "media", bytes.Repeat([]byte("0123456789abcdef"), 5<<16)
	if _, err := store.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &bucket}); err != nil {
		t.Fatal(err)
	}
	put := func(key string, content []byte, change func(*s3.PutObjectInput)) {
		t.Helper()
		in := &s3.PutObjectInput{
			Bucket: &bucket, Key: &key, Body: bytes.NewReader(content), ContentType: aws.String("video/mp4"),
			ChecksumAlgorithm: types.ChecksumAlgorithmCrc64nvme, CacheControl: aws.String("no-store"), Metadata: map[string]string{"shot": "1"},
		}
		change(in)
		if _, err := store.PutObject(t.Context(), in); err != nil {
			t.Fatal(err)
		}
	}
	put("film.mp4", content, func(*s3.PutObjectInput) {})
	put("empty.mp4", nil, func(*s3.PutObjectInput) {})
	put("tagged.mp4", content, func(in *s3.PutObjectInput) { in.Tagging = aws.String("year=2026") })
	put("summed.mp4", content, func(in *s3.PutObjectInput) { in.ChecksumAlgorithm = types.ChecksumAlgorithmSha256 })
	if err := os.WriteFile(filepath.Join(dir, "objects", bucket, "dropped.mp4"), content, 0o600); err != nil {
		t.Fatal(err)
	}
	film, err := store.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: &bucket, Key: aws.String("film.mp4")})
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		source string
		change func(*s3.CopyObjectInput)
		want   string // type, Cache-Control, metadata, tags, algorithm of the checksum; or the error's code
	}{
		"plain":           {"film.mp4", nil, "video/mp4 no-store 1 0 CRC64NVME"},
		"over another":    {"film.mp4", func(in *s3.CopyObjectInput) { in.Key = aws.String("there.mp4") }, "video/mp4 no-store 1 0 CRC64NVME"},
		"in a new folder": {"film.mp4", func(in *s3.CopyObjectInput) { in.Key = aws.String("a/b/c.mp4") }, "video/mp4 no-store 1 0 CRC64NVME"},
		"empty":           {"empty.mp4", nil, "video/mp4 no-store 1 0 CRC64NVME"},
		"put by hand":     {"dropped.mp4", nil, "text/plain; charset=utf-8   0 CRC64NVME"},
		"another type": {"film.mp4", func(in *s3.CopyObjectInput) {
			in.MetadataDirective, in.ContentType = types.MetadataDirectiveReplace, aws.String("video/x")
		}, "video/x   0 CRC64NVME"},
		"if it is that": {"film.mp4", func(in *s3.CopyObjectInput) { in.CopySourceIfMatch = film.ETag }, "video/mp4 no-store 1 0 CRC64NVME"},
		"if it is not":  {"film.mp4", func(in *s3.CopyObjectInput) { in.CopySourceIfMatch = aws.String(`"other"`) }, "PreconditionFailed"},
		"with tags":     {"tagged.mp4", nil, "video/mp4 no-store 1 1 CRC64NVME"},
		"new tags": {"film.mp4", func(in *s3.CopyObjectInput) {
			in.TaggingDirective, in.Tagging = types.TaggingDirectiveReplace, aws.String("a=1&b=2")
		}, "video/mp4 no-store 1 2 CRC64NVME"},
		"another checksum": {"film.mp4", func(in *s3.CopyObjectInput) { in.ChecksumAlgorithm = types.ChecksumAlgorithmSha256 }, "video/mp4 no-store 1 0 SHA256"},
		"its own checksum": {"summed.mp4", nil, "video/mp4 no-store 1 0 SHA256"},
		"onto itself":      {"film.mp4", func(in *s3.CopyObjectInput) { in.Key = aws.String("film.mp4") }, "InvalidRequest"},
		"of nothing":       {"nothing.mp4", nil, "NoSuchKey"},
		"of no bucket":     {"../other/film.mp4", nil, "NoSuchKey"},
	} {
		put("there.mp4", []byte("before"), func(*s3.PutObjectInput) {})
		in := &s3.CopyObjectInput{Bucket: &bucket, Key: aws.String("copy.mp4"), CopySource: aws.String(bucket + "/" + test.source)}
		if test.change != nil {
			test.change(in)
		}
		copied, err := store.CopyObject(t.Context(), in)
		if err != nil {
			var refused smithy.APIError
			if !errors.As(err, &refused) || refused.ErrorCode() != test.want {
				t.Errorf("%s: %v, want %s", name, err, test.want)
			}
			continue
		}
		got, err := store.GetObject(t.Context(), &s3.GetObjectInput{Bucket: &bucket, Key: in.Key, ChecksumMode: types.ChecksumModeEnabled})
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(got.Body)
		want := content
		if test.source == "empty.mp4" {
			want = nil
		}
		if err = errors.Join(err, got.Body.Close()); err != nil || !bytes.Equal(body, want) {
			t.Errorf("%s: %d bytes, %v", name, len(body), err)
		}
		algorithm := "CRC64NVME"
		if got.ChecksumSHA256 != nil {
			algorithm = "SHA256"
		}
		found := strings.Join([]string{
			aws.ToString(got.ContentType), aws.ToString(got.CacheControl), got.Metadata["shot"],
			strconv.Itoa(int(aws.ToInt32(got.TagCount))), algorithm,
		}, " ")
		if found != test.want || aws.ToString(got.ETag) != aws.ToString(copied.CopyObjectResult.ETag) {
			t.Errorf("%s: %s, ETag %s and %s; want %s", name, found, *got.ETag, *copied.CopyObjectResult.ETag, test.want)
		}
	}
}

// TestCopyCutShort has the file of a source be written to while it is copied, by hand: no folder is left that would be in the way
// of an object.
func TestCopyCutShort(t *testing.T) {
	dir := t.TempDir()
	store := client(t, configOf(start(t, dir)))
	if err := store.CreateBucket(t.Context(), "media"); err != nil {
		t.Fatal(err)
	}
	source, err := store.Put(t.Context(), "media", "film.mp4", "", bytes.NewReader(make([]byte, 128<<20)))
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.OpenFile(filepath.Join(dir, "objects/media/film.mp4"), os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	stop := make(chan struct{})
	var writing sync.WaitGroup
	writing.Go(func() {
		for size := int64(0); ; size = (size + 1) % 1000 {
			select {
			case <-stop:
				return
			default:
				if err := file.Truncate(128<<20 - size); err != nil {
					t.Error(err)
					return
				}
			}
		}
	})
	for range 3 {
		_, _ = store.Copy(t.Context(), source, "media", "a/b/copy.mp4", object.Cursor{}, func(context.Context, object.Cursor) error { return nil })
		if err := store.Delete(t.Context(), "media", "a/b/copy.mp4"); err != nil {
			t.Error(err)
		}
	}
	close(stop)
	writing.Wait()
	if _, err := store.Put(t.Context(), "media", "a", "", strings.NewReader("an object")); err != nil {
		t.Error(err)
	}
}

// TestSameSum compares a source with its copies, with another object, and in a version that is no more.
func TestSameSum(t *testing.T) {
	dir := t.TempDir()
	config := configOf(start(t, dir))
	store, parts := client(t, config), client(t, objecttest.PartsConfig(config))
	if err := store.CreateBucket(t.Context(), "media"); err != nil {
		t.Fatal(err)
	}
	content := bytes.Repeat([]byte("0123456789abcdef"), 400_000) // two parts
	put := func(key string, content []byte) object.Info {
		t.Helper()
		info, err := store.Put(t.Context(), "media", key, "video/mp4", bytes.NewReader(content))
		if err != nil {
			t.Fatal(err)
		}
		return info
	}
	source := put("film.mp4", content)
	for name, s := range map[string]object.Store{"one request": store, "parts": parts} {
		copied, err := s.Copy(t.Context(), source, "media", "copy.mp4", object.Cursor{}, func(context.Context, object.Cursor) error { return nil })
		if err != nil {
			t.Fatal(err)
		}
		if !store.SameSum(t.Context(), source, copied) {
			t.Errorf("a copy in %s has another sum", name)
		}
	}
	other := slices.Clone(content)
	other[len(other)/2]++
	if store.SameSum(t.Context(), source, put("other.mp4", other)) {
		t.Error("another object has the same sum")
	}
	if err := os.WriteFile(filepath.Join(dir, "objects/media/dropped.mp4"), content, 0o600); err != nil {
		t.Fatal(err)
	}
	dropped, err := store.Stat(t.Context(), "media", "dropped.mp4")
	if err != nil || store.SameSum(t.Context(), source, dropped) {
		t.Errorf("a file that was put there by hand has a sum, %v", err)
	}
	put("film.mp4", other)
	if copied, err := store.Stat(t.Context(), "media", "copy.mp4"); err != nil || store.SameSum(t.Context(), source, copied) {
		t.Errorf("a version that is no more has a sum, %v", err)
	}
}
