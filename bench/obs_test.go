package bench_test

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"testing"

	"github.com/huaweicloud/huaweicloud-sdk-go-obs/obs"

	"github.com/vod-reproduction/vod/internal/servicetest"
)

// obsKeys are such that clients encode them differently.
var obsKeys = []string{"clip.mp4", "dir/two words.mp4", "dir/ü+x&y=z(1)~*!'.mp4", "a:b,c.mp4"}

// TestOfficialOBSSDK checks that the vendor's client of the object storage, unchanged, works with the embedded store in
// each way in which it signs for an address of that form, and that a wrong key does not.
func TestOfficialOBSSDK(t *testing.T) {
	s := servicetest.Start(t, servicetest.NewDir(t))
	client := func(t *testing.T, secret string, signature obs.SignatureType) *obs.ObsClient {
		t.Helper()
		c, err := obs.New(s.Vars["VOD_S3_ACCESS_KEY"], secret, s.Vars["VOD_S3_ENDPOINT"],
			obs.WithPathStyle(true), obs.WithSignature(signature), obs.WithRegion(servicetest.Region), obs.WithMaxRetryCount(0))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(c.Close)
		return c
	}
	for name, signature := range map[string]obs.SignatureType{
		"default": obs.DEFAULT_SIGNATURE, "V2": obs.SignatureV2, "V4": obs.SignatureV4,
	} {
		t.Run(name, func(t *testing.T) {
			c := client(t, s.Vars["VOD_S3_SECRET_KEY"], signature)
			for _, key := range obsKeys {
				want := []byte("the bytes of " + key)
				if _, err := c.PutObject(&obs.PutObjectInput{PutObjectBasicInput: obs.PutObjectBasicInput{
					ObjectOperationInput: obs.ObjectOperationInput{Bucket: servicetest.Bucket, Key: key, Metadata: map[string]string{"who": "me"}},
				}, Body: bytes.NewReader(want)}); err != nil {
					t.Errorf("put %q: %v", key, err)
				}
				expectObject(t, c, key, want)
			}
			listed, err := c.ListObjects(&obs.ListObjectsInput{Bucket: servicetest.Bucket,
				ListObjsInput: obs.ListObjsInput{Prefix: "dir/", Delimiter: "/", MaxKeys: 1}})
			if err != nil || len(listed.Contents) != 1 || !listed.IsTruncated {
				t.Errorf("list: %v, %v", listed, err)
			}
			uploadInParts(t, c)
			if _, err := c.CopyObject(&obs.CopyObjectInput{CopySourceBucket: servicetest.Bucket, CopySourceKey: obsKeys[1],
				ObjectOperationInput: obs.ObjectOperationInput{Bucket: servicetest.Bucket, Key: "copy.mp4"}}); err != nil {
				t.Errorf("copy: %v", err)
			}
			if _, err := c.DeleteObject(&obs.DeleteObjectInput{Bucket: servicetest.Bucket, Key: "copy.mp4"}); err != nil {
				t.Errorf("delete: %v", err)
			}
			if _, err := c.DeleteObjects(&obs.DeleteObjectsInput{Bucket: servicetest.Bucket,
				Objects: []obs.ObjectToDelete{{Key: obsKeys[0]}, {Key: obsKeys[1]}}}); err != nil {
				t.Errorf("delete several: %v", err)
			}
			signed, err := c.CreateSignedUrl(&obs.CreateSignedUrlInput{Method: obs.HttpMethodGet, Bucket: servicetest.Bucket, Key: obsKeys[3], Expires: 60})
			if err != nil {
				t.Fatal(err)
			}
			res, err := http.Get(signed.SignedUrl)
			if err != nil || res.StatusCode != http.StatusOK {
				t.Errorf("signed URL: %v, %v", res, err)
			}
			if err == nil {
				_ = res.Body.Close()
			}

			_, err = client(t, "wrong", signature).ListObjects(&obs.ListObjectsInput{Bucket: servicetest.Bucket})
			if refused, ok := errors.AsType[obs.ObsError](err); !ok || refused.Code != "SignatureDoesNotMatch" {
				t.Errorf("a wrong key: %v", err)
			}
		})
	}
	t.Run("dump", func(t *testing.T) {
		client := officialClient(t, s.URL)
		await(t, client, dumped(t, client, obsKeys[2]))
	})
}

// uploadInParts uploads an object in two parts.
func uploadInParts(t *testing.T, c *obs.ObsClient) {
	t.Helper()
	content := make([]byte, 6<<20)
	for i := range content {
		content[i] = byte(rand.N(256)) //nolint:gosec // any bytes
	}
	const key = "dir/in parts.bin"
	upload, err := c.InitiateMultipartUpload(&obs.InitiateMultipartUploadInput{
		ObjectOperationInput: obs.ObjectOperationInput{Bucket: servicetest.Bucket, Key: key}})
	if err != nil {
		t.Errorf("begin an upload in parts: %v", err)
		return
	}
	var parts []obs.Part
	for part := range slices.Chunk(content, 5<<20) {
		number := len(parts) + 1
		sent, err := c.UploadPart(&obs.UploadPartInput{Bucket: servicetest.Bucket, Key: key, PartNumber: number, UploadId: upload.UploadId,
			Body: bytes.NewReader(part), PartSize: int64(len(part))})
		if err != nil {
			t.Errorf("part %d: %v", number, err)
			return
		}
		parts = append(parts, obs.Part{PartNumber: number, ETag: sent.ETag})
	}
	if _, err := c.CompleteMultipartUpload(&obs.CompleteMultipartUploadInput{Bucket: servicetest.Bucket, Key: key, UploadId: upload.UploadId,
		Parts: parts}); err != nil {
		t.Errorf("complete an upload in parts: %v", err)
		return
	}
	expectObject(t, c, key, content)
}

func expectObject(t *testing.T, c *obs.ObsClient, key string, want []byte) {
	t.Helper()
	got, err := c.GetObject(&obs.GetObjectInput{GetObjectMetadataInput: obs.GetObjectMetadataInput{Bucket: servicetest.Bucket, Key: key}})
	if err != nil {
		t.Errorf("get %q: %v", key, err)
		return
	}
	body, err := io.ReadAll(got.Body)
	if err := errors.Join(err, got.Body.Close()); err != nil || !bytes.Equal(body, want) {
		t.Errorf("get %q: %d bytes, %v; want %d", key, len(body), err, len(want))
	}
}
