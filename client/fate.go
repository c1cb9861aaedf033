package client

import "github.com/vod-reproduction/vod/gen/companions"

// Fate is what a status means to whoever waits for the asset.
type Fate int

const (
	// Moving assets still change by themselves. So does one with a status that this version does not know.
	Moving Fate = iota
	// Ready assets are complete, published or not.
	Ready
	// Lost assets have failed, or are gone or going.
	Lost
)

// FateOf reads a status of asset/info.
func FateOf(status companions.AssetStatus) Fate {
	switch status {
	case companions.AssetStatusPublished, companions.AssetStatusCreated, companions.AssetStatusTranscodeSucceed,
		companions.AssetStatusOBSCreateSuccess:
		return Ready
	case companions.AssetStatusOBSCreateFailed, companions.AssetStatusTranscodeFailed, companions.AssetStatusServerError,
		companions.AssetStatusUploadFailed, companions.AssetStatusCancelled, companions.AssetStatusDeleted,
		companions.AssetStatusDeleting, companions.AssetStatusDeleteFailed, companions.AssetStatusNoAsset,
		companions.AssetStatusUncreated:
		return Lost
	}
	return Moving
}
