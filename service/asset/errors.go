package asset

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

var (
	// ErrNotFound means that the project has no such asset.
	ErrNotFound = errors.New("no such asset")
	// ErrNotUploading means that an asset is not waiting for its file (any more).
	ErrNotUploading = errors.New("the asset is not waiting for an upload")
	// ErrStale means that the attempt may not write any more: a later one has
	// begun, or the asset has ended. The caller stops its work.
	ErrStale = errors.New("attempt is stale")
	// ErrNewer means that a newer version of the service accepted the asset, and planned what this one does not know.
	ErrNewer = errors.New("the asset was accepted by a newer version of the service")
	// ErrAwaitsReview means that all is done but the review: the next attempt is Reviewing.
	ErrAwaitsReview = errors.New("the asset awaits its review")
	// ErrNeedsWork means that a Reviewing attempt found more to do: the next attempt is not.
	ErrNeedsWork = errors.New("the asset needs more than its review")
	// ErrIdempotencyMismatch means that the key was used with another body before.
	ErrIdempotencyMismatch = errors.New("the idempotency key was used for a different request")
	// ErrOutcomeUnknown means that what was asked of the database may have been done or not: the response to its commit was lost.
	ErrOutcomeUnknown = errors.New("the outcome is not known")
	// ErrNotReady means that an asset which is not created cannot be published or unpublished.
	ErrNotReady = errors.New("the asset is not created yet, or its creation failed")
	// ErrBlocked means that review forbids the asset to be published.
	ErrBlocked = errors.New("review forbids publishing")
	// ErrNoCategory means that the project has no such category.
	ErrNoCategory = errors.New("no such category")
	// ErrCategoryExists means that the parent has a category of this name.
	ErrCategoryExists = errors.New("a category of this name exists under the same parent")
	// ErrCategoryLevel means that the parent is on the lowest level.
	ErrCategoryLevel = fmt.Errorf("categories have at most %d levels", MaxCategoryLevel)
	// ErrCategoryName means that the name is empty, too long or not UTF-8.
	ErrCategoryName = fmt.Errorf("a category name has 1 to %d bytes of UTF-8", MaxCategoryName)
	// ErrBucketInUse means that a bucket is the output bucket of assets.
	ErrBucketInUse = errors.New("the bucket is the output bucket of assets")
)

// BucketError means that the service may not use a bucket of the project.
type BucketError struct {
	Bucket string
	Output bool // it was to take the results; else it is the one of the source
}

// Error names the bucket.
func (e *BucketError) Error() string { return fmt.Sprintf("bucket %q is not authorized", e.Bucket) }

// PermanentError is an error that trying again cannot mend. Make one with Permanent.
type PermanentError struct {
	Code   string // the cloud's error code, such as "VOD.10003"
	Reason string // plain words for the owner of the asset
	Err    error  // the cause, for the log; may be nil
}

// Permanent wraps err so that the asset fails at once with code and reason,
// which are shown to its owner; err only goes to the log.
func Permanent(code, reason string, err error) error {
	return &PermanentError{Code: code, Reason: reason, Err: err}
}

// Error returns the code, the reason and the cause, those that there are.
func (e *PermanentError) Error() string {
	parts := make([]string, 0, 3)
	for _, part := range []string{e.Code, e.Reason} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	if e.Err != nil {
		parts = append(parts, e.Err.Error())
	}
	return strings.Join(parts, ": ")
}

// Unwrap returns the cause.
func (e *PermanentError) Unwrap() error { return e.Err }

// TemporaryError is an error that trying again may mend, with words for the
// owner of the asset. Make one with Temporary.
type TemporaryError PermanentError

// Temporary wraps err with the code and reason that the asset shows while it
// waits for the next attempt, and ends with when no attempt is left. An error
// that is neither Temporary nor Permanent is shown as an internal one, its
// text going to the log only.
func Temporary(code, reason string, err error) error {
	return &TemporaryError{Code: code, Reason: reason, Err: err}
}

// Error returns the code, the reason and the cause.
func (e *TemporaryError) Error() string { return (*PermanentError)(e).Error() }

// Unwrap returns the cause.
func (e *TemporaryError) Unwrap() error { return e.Err }

// DeferredError is an error of something outside that may take long to mend.
// Make one with Deferred or Unavailable.
type DeferredError struct {
	PermanentError
	After time.Duration // pause before the next try; 0 leaves it to the queue, whose pauses grow
	On    Dependency    // what the work waits for; may be empty
	Room  int64         // in bytes, what it needs of OnDisk; 0 where that is not known
}

// Dependency is something outside of an asset that the work on it needs.
type Dependency string

// What work may wait for.
const (
	OnStore    Dependency = "object store"
	OnDisk     Dependency = "disk" // room on it, and files
	OnDatabase Dependency = "database"
	OnCache    Dependency = "CDN cache"
	OnReviewer Dependency = "reviewer"
)

// Unavailable wraps err as Deferred does, for a dependency that does not work:
// there is another try when it does, at the latest after a pause that grows from
// one try to the next.
func Unavailable(on Dependency, code, reason string, err error) error {
	return &DeferredError{PermanentError: PermanentError{Code: code, Reason: reason, Err: err}, On: on}
}

// Deferred wraps err as Temporary does. The try counts for nothing: there is
// another one after the pause, for as long as the work may be deferred.
func Deferred(code, reason string, after time.Duration, err error) error {
	return &DeferredError{PermanentError: PermanentError{Code: code, Reason: reason, Err: err}, After: after}
}
