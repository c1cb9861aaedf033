// Package asset is the model of a media asset: its states, the plan of its
// processing, the stages in their order, what each stage returns, and the
// errors that end or delay the work. It knows no database, queue or wire format.
package asset

import (
	"path"
	"time"
)

// State is where an asset stands, in the cloud's own names.
type State string

const (
	// Creating means that the dump was accepted and its job has not ended yet.
	Creating State = "OBS_CREATING"
	// CreateFailed is final: Asset.ErrorCode and Asset.Reason say why.
	CreateFailed State = "OBS_CREATE_FAILED"
	// Created means that the media is stored and verified, but not published.
	Created State = "CREATED"
	// Published means that the media can be fetched by its URL.
	Published State = "PUBLISHED"
)

// MediaName is the name under which the media is fetched: the last part of the source's key.
func (a Asset) MediaName() string { return path.Base(a.Source.Key) }

// ServesMedia reports whether the media itself is served, beside what was made
// of it: where the outputs are encrypted, it would make the key worthless.
func (a Asset) ServesMedia() bool { return a.Plan.Transcode == nil || !a.Plan.Transcode.Encrypt }

// ServesStage reports whether the files of a stage are served. What was recorded
// of the source is as clear as the media itself.
func (a Asset) ServesStage(stage string) bool { return a.ServesMedia() || stage != StageSegments }

// Terminal reports whether the job of an asset in this state is over.
// Only Publish and Unpublish still move a terminal asset.
func (s State) Terminal() bool { return s != Creating }

// Backlog is what a project has to wait for.
type Backlog struct {
	ProjectID string
	Assets    int           // that have not ended
	Age       time.Duration // of the oldest of them
}

// Location names an object in a store. Region is empty when it does not matter.
type Location struct {
	Bucket, Key, Region string
}

// Asset is what the database has of one accepted request. It is a copy: changing it
// changes nothing in the store. All times are UTC with millisecond precision;
// a zero time means "not yet".
type Asset struct {
	ID           string // 32 lower-case hex digits
	ProjectID    string
	Title        string
	Description  string
	CategoryID   int64  // OtherCategory when none was chosen
	CategoryName string // the category's name when the asset was read
	Tags         string // comma separated, as requested
	VideoType    string // one of the vendor's values, such as "MP4"
	Source       Location
	StorageMode  int    // 0 copied into the service's bucket, 1 left in the tenant's bucket
	OutputBucket string // storage mode 1 only
	OutputPath   string // storage mode 1 only
	AutoPublish  bool
	Plan         Plan
	Request      []byte // the accepted body without its padding; lists leave it out
	RequestID    string // of the call that created the asset

	State State
	// ErrorCode and Reason say why the asset failed. While it is still being
	// created they say why the latest attempt failed, and are empty before the
	// first failure.
	ErrorCode string
	Reason    string
	// Attempt is the number of times that work was started: the fencing token.
	Attempt int64
	// Stages is the timeline, in the order in which the stages run.
	Stages []Stage
	// Results is what the done stages gave.
	Results Results
	// Blocked reports that review forbids publishing.
	Blocked bool
	// Media is set exactly when State is Created or Published.
	Media *Media

	CreatedAt  time.Time
	UpdatedAt  time.Time
	FinishedAt time.Time // when State became terminal
}

// Media is the verified result of an asset.
type Media struct {
	Bucket, Key string
	Size        int64     // bytes
	SHA256      string    // lower-case hex of the whole object
	ETag        string    // may be empty
	ModTime     time.Time // when the store took it, to the millisecond
	ContentType string    // may be empty
}

// New is a request that is to be recorded. The caller has validated every field.
type New struct {
	ProjectID    string
	Title        string
	Description  string
	CategoryID   int64 // 0 is taken as OtherCategory
	Tags         string
	VideoType    string
	Source       Location
	StorageMode  int
	OutputBucket string
	OutputPath   string
	AutoPublish  bool
	Plan         Plan
	Request      []byte
	RequestID    string

	Idempotency Idempotency
}

// Idempotency makes a repeated request return the asset of the first one.
type Idempotency struct {
	Key string // unique within the project; empty means that every request makes a new asset
	// BodySHA256 distinguishes a repetition from another request under the same key.
	BodySHA256 [32]byte
}

// CheckBuckets holds the tenant's buckets that the request names against allowed,
// and returns a *BucketError for the first one that is not.
func (n New) CheckBuckets(allowed func(bucket string) (bool, error)) error {
	check := func(bucket string, output bool) error {
		ok, err := allowed(bucket)
		if err == nil && !ok {
			err = &BucketError{Bucket: bucket, Output: output}
		}
		return err
	}
	if err := check(n.Source.Bucket, false); err != nil || n.OutputBucket == "" || n.OutputBucket == n.Source.Bucket {
		return err
	}
	return check(n.OutputBucket, true)
}

// Query selects assets of one project. A zero field does not filter.
type Query struct {
	ProjectID  string // mandatory
	IDs        []string
	States     []State
	Transcode  []StageState // of the stage; "" selects the assets that are not transcoded
	AnyStatus  bool         // States or Transcode, instead of both
	CategoryID int64        // OtherCategory selects the assets without a category
	Tags       []string     // all of them
	Text       string       // part of the title or of the description, ASCII letters in either case
	Search     string       // part of the title, of the source's key or of the tags, letters in either case
	VideoTypes []string
	From, To   time.Time // when the asset was accepted, both ends included
	Order      Order
	CountTo    int // where counting stops; 0 is MaxTotal
	Counted    int // how many match, if that is known: a list need not count them then
	Page       int // from 0
	Size       int // 1 to MaxPageSize; 0 is DefaultPageSize
}

// Order is that of a list.
type Order int

// The orders of a list; assets that are equal in one come newest first.
const (
	OrderNewest Order = iota
	OrderOldest
	OrderTitle   // as the database sorts text
	OrderLargest // by the size of the media
)

// The page sizes and the cap of the total are those of the cloud's asset/info.
const (
	DefaultPageSize = 10
	MaxPageSize     = 100
	MaxTotal        = 20_000
)

// Changes are what the owner of an asset says of it from now on; nil leaves a field as it is.
type Changes struct {
	Title, Description, Tags *string
	CategoryID               *int64 // 0 is taken as OtherCategory
}
