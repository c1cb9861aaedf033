package api

import (
	"strings"
	"testing"

	"github.com/vod-reproduction/vod/service/asset"
)

// Who copies the bucket of the vendor's example is told that it cannot exist.
func TestImpossibleBucket(t *testing.T) {
	t.Parallel()
	for bucket, impossible := range map[string]bool{"bucket_name": true, "Media": true, "media": false, "media.2026-films": false} {
		said := strings.Contains(recordProblem(&asset.BucketError{Bucket: bucket}).Error(), "no bucket can have this name")
		if said != impossible {
			t.Errorf("bucket %q is said to be impossible: %v", bucket, said)
		}
	}
}
