package client_test

import (
	"testing"

	"github.com/vod-reproduction/vod/client"
	"github.com/vod-reproduction/vod/gen/companions"
)

func TestFateOf(t *testing.T) {
	t.Parallel()
	for status, want := range map[companions.AssetStatus]client.Fate{
		companions.AssetStatusOBSCreating:     client.Moving,
		companions.AssetStatusTranscoding:     client.Moving,
		"SOMETHING_NEW":                       client.Moving,
		companions.AssetStatusCreated:         client.Ready,
		companions.AssetStatusPublished:       client.Ready,
		companions.AssetStatusOBSCreateFailed: client.Lost,
		companions.AssetStatusDeleting:        client.Lost,
		companions.AssetStatusNoAsset:         client.Lost,
	} {
		if got := client.FateOf(status); got != want {
			t.Errorf("%s: %d, want %d", status, got, want)
		}
	}
}
