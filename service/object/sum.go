package object

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// SameSum implements Store.
func (s *S3) SameSum(ctx context.Context, a, b Info) bool {
	first := s.sums(ctx, a)
	if len(first) == 0 {
		return false
	}
	same := false
	for algorithm, sum := range s.sums(ctx, b) {
		if other, ok := first[algorithm]; ok {
			if other != sum {
				return false
			}
			same = true
		}
	}
	return same
}

// sums returns the checksums over all bytes that the store has of an object, by their algorithms; none of another version of it.
func (s *S3) sums(ctx context.Context, info Info) map[types.ChecksumAlgorithm]string {
	head, err := s.client.HeadObject(ctx, &s3.HeadObjectInput{
		Bucket: &info.Bucket, Key: &info.Key, ChecksumMode: types.ChecksumModeEnabled,
	})
	if err != nil || head.ChecksumType == types.ChecksumTypeComposite || unquote(head.ETag) != info.ETag ||
		head.ContentLength == nil || *head.ContentLength != info.Size {
		return nil
	}
	sums := map[types.ChecksumAlgorithm]string{}
	for algorithm, sum := range map[types.ChecksumAlgorithm]*string{
		types.ChecksumAlgorithmCrc32: head.ChecksumCRC32, types.ChecksumAlgorithmCrc32c: head.ChecksumCRC32C,
		types.ChecksumAlgorithmCrc64nvme: head.ChecksumCRC64NVME,
		types.ChecksumAlgorithmSha1:      head.ChecksumSHA1, types.ChecksumAlgorithmSha256: head.ChecksumSHA256,
	} {
		if sum != nil && *sum != "" {
			sums[algorithm] = *sum
		}
	}
	return sums
}
