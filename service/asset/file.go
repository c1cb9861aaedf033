package asset

import "time"

// File is one file of an asset beside its media: a snapshot, an output, a
// segment. It can be fetched exactly while the asset is published.
type File struct {
	Name        string // path below the asset's media URL, unique in the asset
	Bucket, Key string
	Size        int64 // bytes
	ETag        string
	ModTime     time.Time
	ContentType string
}

// Address names a file of an asset; the media itself has the name [Asset.MediaName].
type Address struct {
	AssetID, Name string
}

// Delivery is a file that everyone may fetch.
type Delivery struct {
	Media
	ProjectID string
	// Since is when the asset got its files.
	Since time.Time
}

// PreheatState is how far the loading of one file into the CDN caches is, in the cloud's words.
type PreheatState string

// While it waits or runs, and its ends.
const (
	PreheatRunning PreheatState = "processing"
	PreheatDone    PreheatState = "succeed"
	PreheatFailed  PreheatState = "failed"
)

// Preheat is one file of a preheating task, which may name a file twice.
type Preheat struct {
	Ordinal int // its place in the task
	Address
	State PreheatState
	Error string // plain words: why it failed, or why it waits
}
