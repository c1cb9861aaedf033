package contract_test

import (
	"slices"
	"testing"

	"github.com/vod-reproduction/vod/client"
	"github.com/vod-reproduction/vod/gen/companions"
	"github.com/vod-reproduction/vod/openapi"
	"github.com/vod-reproduction/vod/tools/oracle"
)

// client.Wait goes on for as long as an asset is in progress, so every status that is not has to be known as such.
func TestEveryStatusHasAPhase(t *testing.T) {
	moving := []companions.AssetStatus{
		companions.AssetStatusCreating, companions.AssetStatusOBSCreating,
		companions.AssetStatusWaitingTranscode, companions.AssetStatusTranscoding,
	}
	for _, value := range must(oracle.Load(openapi.Companions)).Components.Schemas["AssetStatus"].Value.Enum {
		status := companions.AssetStatus(value.(string))
		if inProgress := client.PhaseOf(status) == client.InProgress; inProgress != slices.Contains(moving, status) {
			t.Errorf("%s is in progress: %v; Wait would never return for one that has ended", status, inProgress)
		}
	}
}
