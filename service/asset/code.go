package asset

// The error codes that an asset can fail with: those of the same names in the contract, which this package and the stages
// do not import. A test of service/api holds them to it.
const (
	CodeNoSuchObject     = "VOD.10003" // the specified key does not exist
	CodeInternal         = "VOD.10051" // internal system error
	CodeWrongType        = "VOD.10063" // the type of the media is not supported
	CodeTranscodeFailed  = "VOD.10073" // transcoding failed
	CodeWrongAddress     = "VOD.10075" // the OBS source or destination is incorrect
	CodeSourceUnreadable = "VOD.10076" // the OBS source file could not be read
	CodeSnapshotFailed   = "VOD.10104" // taking snapshots failed
	CodeReviewFailed     = "VOD.10105" // reviewing failed
	CodeOffline          = "VOD.10136" // the feature is offline
	CodeOBSPermission    = "VOD.10138" // the bucket's owner must give permission
)
