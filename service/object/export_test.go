package object

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// CopyOnce is the store's own copy, believed as it comes.
func (s *S3) CopyOnce(ctx context.Context, src Info, bucket, key string) error {
	from := copySource(src)
	_, err := s.client.CopyObject(ctx, &s3.CopyObjectInput{Bucket: &bucket, Key: &key, CopySource: &from}, s.patient)
	return err
}
