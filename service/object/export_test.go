package object

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// PresignGet returns the signed address of an object: it shows where requests go without a network.
func (s *S3) PresignGet(ctx context.Context, bucket, key string, ttl time.Duration) (string, error) {
	req, err := s3.NewPresignClient(s.client).PresignGetObject(ctx, &s3.GetObjectInput{Bucket: &bucket, Key: &key}, s3.WithPresignExpires(ttl))
	if err != nil {
		return "", err
	}
	return req.URL, nil
}

// CopyOnce is the store's own copy, believed as it comes.
func (s *S3) CopyOnce(ctx context.Context, src Info, bucket, key string) error {
	from := copySource(src)
	_, err := s.client.CopyObject(ctx, &s3.CopyObjectInput{Bucket: &bucket, Key: &key, CopySource: &from}, s.patient)
	return err
}
