package api

import (
	"testing"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/service/asset"
)

// TestAssetCodes holds the error codes of assets to the contract's, which package asset must not import.
func TestAssetCodes(t *testing.T) {
	t.Parallel()
	for recorded, documented := range map[string]contract.Code{
		asset.CodeInternal:         contract.CodeInternal,
		asset.CodeNoSuchObject:     contract.CodeNoSuchObject,
		asset.CodeOBSPermission:    contract.CodeOBSPermission,
		asset.CodeOffline:          contract.CodeOffline,
		asset.CodeReviewFailed:     contract.CodeReviewFailed,
		asset.CodeSnapshotFailed:   contract.CodeSnapshotFailed,
		asset.CodeSourceUnreadable: contract.CodeSourceUnreadable,
		asset.CodeTranscodeFailed:  contract.CodeTranscodeFailed,
		asset.CodeWrongAddress:     contract.CodeWrongAddress,
		asset.CodeWrongType:        contract.CodeWrongType,
	} {
		if recorded != string(documented) {
			t.Errorf("assets fail with %s, the contract says %s", recorded, documented)
		}
	}
}
