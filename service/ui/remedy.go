package ui

import (
	"slices"

	"github.com/vod-reproduction/vod/service/asset"
)

// remedy is what a visitor can do about a failed asset.
type remedy struct {
	advice string
	// change reports that the file or the request is at fault: sent unchanged, the request fails again.
	change bool
}

// remedies are those for the codes that an asset can fail with, in the words of the pages.
var remedies = map[string]remedy{
	asset.CodeNoSuchObject:     {"Check the names of bucket and object: upper and lower case matter. Retry when the file is there.", false},
	asset.CodeInternal:         {"The file is not at fault. Retry later; when it fails again, give the operator the request id below.", false},
	asset.CodeWrongType:        {"Check that the file plays, and that its format is the one in the request. Dump it with the right type, or put a good file into the bucket.", true},
	asset.CodeTranscodeFailed:  {"Check that the file plays to its end. Dump it with another template group, or without one.", true},
	asset.CodeWrongAddress:     {"Check bucket and region: the bucket has to be in the region of the service.", true},
	asset.CodeSourceUnreadable: {"Check that the object is not archived and not being replaced, then retry.", false},
	asset.CodeSnapshotFailed:   {"Check that the file plays, and that the times of the snapshots lie within its length.", true},
	asset.CodeReviewFailed:     {"The review service gave no verdict. Retry later.", false},
	asset.CodeOffline:          {"The service lacks what the request asks for at present. Retry later, or ask the operator.", false},
	asset.CodeOBSPermission:    {"Let the service read the bucket: vod authorize BUCKET. Then retry.", false},
}

// remedyOf returns what can be done about a failed asset. Its own file goes with an upload, so that only another upload helps.
func remedyOf(a asset.Asset) remedy {
	switch {
	case !a.Uploaded():
		return remedies[a.ErrorCode]
	case slices.Contains([]string{asset.CodeInternal, asset.CodeReviewFailed, asset.CodeOffline}, a.ErrorCode):
		return remedy{advice: "The file is not at fault, but it is no longer stored. Upload it again later as a new asset.", change: true}
	default:
		return remedy{advice: "The uploaded file is no longer stored. Check that it plays and is of the right type, then upload it again as a new asset.", change: true}
	}
}
