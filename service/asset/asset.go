// Package asset keeps the record of every media asset and of the job that
// makes it: accepting, the attempts and their fence, the states, publishing,
// categories and the buckets that a project opened to the service.
//
// All of it lives in one SQLite file together with River's job queue, so that
// accepting a request is a single transaction. What a job does with the media
// is not decided here: a [Runner] is given to [Store.Start].
package asset

import (
	"context"
	"path"
	"slices"
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

// Delivered reports whether the media itself is handed out, beside what was made
// of it: where the outputs are encrypted, it would make the key worthless.
func (a Asset) Delivered() bool { return a.Plan.Transcode == nil || !a.Plan.Transcode.Encrypt }

// Stage gives one stage of the timeline; ok is false when the asset has none of that name.
func (a Asset) Stage(name string) (st Stage, ok bool) {
	i := slices.IndexFunc(a.Stages, func(st Stage) bool { return st.Name == name })
	if i < 0 {
		return Stage{}, false
	}
	return a.Stages[i], true
}

// Terminal reports whether the job of an asset in this state is over.
// Only Publish and Unpublish still move a terminal asset.
func (s State) Terminal() bool { return s != Creating }

// Location names an object in a store. Region is empty when it does not matter.
type Location struct {
	Bucket, Key, Region string
}

// Asset is the record of one accepted request. It is a copy: changing it
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
	VideoType    string // one of the page's values, such as "MP4"
	Source       Location
	StorageMode  int    // 0 copied into the service's bucket, 1 left in the tenant's bucket
	OutputBucket string // storage mode 1 only
	OutputPath   string // storage mode 1 only
	AutoPublish  bool
	Plan         Plan
	Request      []byte // the accepted body, byte for byte
	RequestID    string // of the call that created the asset

	State State
	// ErrorCode and Reason say why the asset failed. While it is still being
	// created they tell why the latest attempt failed, and are empty before the
	// first failure.
	ErrorCode string
	Reason    string
	// Attempt is the number of times that work was started: the fence.
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

// StageState is where one stage of an asset stands.
type StageState string

// Before, during and after its work.
const (
	StageWaiting StageState = "waiting"
	StageRunning StageState = "running"
	StageDone    StageState = "done"
	StageFailed  StageState = "failed"
	// StageNotDone marks work that is left out on purpose; Stage.Error says why.
	StageNotDone StageState = "not_done"
)

// Stage is one line of an asset's timeline.
type Stage struct {
	Name      string
	State     StageState
	StartedAt time.Time
	EndedAt   time.Time
	Bytes     int64  // done so far
	Total     int64  // 0 when it does not count bytes
	Percent   int    // 0 to 100; follows from Bytes where there is a Total
	Error     string // plain words; empty unless State is StageFailed or StageNotDone
	Result    []byte // JSON of what a done stage gave, for the runner; see Asset.Results
}

// New is what Accept records. The caller has validated every field.
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

	// IdempotencyKey makes a repeated Accept give the first asset again. It is
	// unique within the project; empty means that every Accept makes a new asset.
	IdempotencyKey string
	// BodySHA256 tells a repetition from another request under the same key.
	BodySHA256 [32]byte
}

// Query selects assets of one project. A zero field does not filter.
type Query struct {
	ProjectID  string // mandatory
	IDs        []string
	States     []State
	Transcode  []StageState // of the stage; "" selects the assets that are not transcoded
	CategoryID int64        // OtherCategory selects the assets without a category
	Tags       []string     // all of them
	Text       string       // part of the title or of the description, ASCII letters in either case
	From, To   time.Time    // when the asset was accepted, both ends included
	Page       int          // from 0
	Size       int          // 1 to MaxPageSize; 0 is DefaultPageSize
}

// The page sizes and the cap of the total are those of the cloud's asset/info.
const (
	DefaultPageSize = 10
	MaxPageSize     = 100
	MaxTotal        = 20_000
)

// Attempt is one start of work on an asset. Number is its fence: once a later
// attempt began, or the asset ended, every write with this one is ErrStale.
type Attempt struct {
	Asset  Asset
	Number int64
	// Cursor is what SaveCursor stored last, in this or an earlier attempt; nil if nothing.
	Cursor []byte
}

// Runner does the work of one attempt.
//
// Run returns nil once it has called Store.Finish. Another error is retried
// with backoff, a limited number of times, unless it is wrapped by Permanent.
// When ctx is done the service is stopping: Run returns soon, and the asset is
// taken up again later without counting a failure. Run is called from several
// goroutines, never for one asset at the same time; a panic counts as a failure
// of its attempt only.
type Runner interface {
	Run(ctx context.Context, a Attempt) error
}
