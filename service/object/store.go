// Package object reads and writes media in an S3-compatible store: the cloud's OBS, any other S3 server, or the
// embedded one of package embedded. There is one API for all of them and one implementation of it, [S3].
package object

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"time"
)

// What an operation of a [Store] fails with. Test with errors.Is: the returned error names the operation, the bucket
// and the key, and also wraps the cause. A cancelled or expired context is returned as the context's own error.
var (
	// ErrName says that a bucket or key cannot be used: by the rules of [CheckBucket] and [CheckKey], in which case
	// nothing was sent, or in this store, for instance because it keeps objects as files.
	ErrName = errors.New("invalid name")
	// ErrNotFound says that the bucket exists (or that the store would not tell) and the key does not.
	ErrNotFound = errors.New("no such object")
	// ErrNoBucket says that the bucket does not exist at this endpoint; it may exist in another region.
	ErrNoBucket = errors.New("no such bucket")
	// ErrDenied says that the store knows the caller and refuses, or refuses the credentials themselves.
	ErrDenied = errors.New("access denied")
	// ErrChanged says that the object is no longer the one that the caller named by ETag, size or time.
	ErrChanged = errors.New("object has changed")
	// ErrExists says that there is an object already where one was to be written that replaces none.
	ErrExists = errors.New("object exists")
	// ErrArchived says that the object is in cold storage and must be restored by its owner before it can be read.
	ErrArchived = errors.New("object is archived")
	// ErrRange says that the range starts at or behind the object's end.
	ErrRange = errors.New("range is outside the object")
	// ErrTooLarge says that the object is larger than the store can write in the way that was asked for.
	ErrTooLarge = errors.New("object is too large")
	// ErrUnavailable says that the store failed, throttled or could not be reached, after the client's own retries.
	// It is the only error that waiting alone may cure.
	ErrUnavailable = errors.New("store is unavailable")
	// ErrCredentials is the ErrUnavailable of a store that does not accept the client's own credentials.
	ErrCredentials = fmt.Errorf("%w: it refuses the credentials", ErrUnavailable)
	// ErrNoStore is the ErrUnavailable of an endpoint where another server than an object store responds.
	ErrNoStore = fmt.Errorf("%w: the server at the endpoint is no object store", ErrUnavailable)
)

// Store is a set of buckets. Its methods may be called concurrently; each obeys its context. Buckets and keys are
// checked with [CheckBucket] and [CheckKey] before anything is sent.
//
// Every method may have taken effect although it returned an error, because the response may have been lost; each is
// therefore safe to repeat.
type Store interface {
	// Stat describes an object. It fails with ErrNotFound, ErrNoBucket or ErrDenied.
	Stat(ctx context.Context, bucket, key string) (Info, error)

	// Open reads the bytes of an object that at selects; the zero Range reads all of them. A non-empty ifMatch is the
	// ETag that the object must still have, else ErrChanged. The Info describes the whole object, so Size is the
	// object's and not the range's; a caller without an ETag compares Size and ModTime instead.
	//
	// Reading ends with io.EOF only after exactly the selected bytes. A connection that breaks or stalls earlier
	// returns an error that wraps ErrUnavailable. The caller closes the body. Besides Stat's errors Open fails with
	// ErrArchived and ErrRange.
	Open(ctx context.Context, bucket, key string, at Range, ifMatch string) (io.ReadCloser, Info, error)

	// Put writes all of body, from its start, as the object's bytes, and replaces what was there at once or not at
	// all. An empty contentType leaves the type to the store. More than [MaxSingle] bytes give ErrTooLarge.
	Put(ctx context.Context, bucket, key, contentType string, body io.ReadSeeker) (Info, error)

	// Copy copies the object that src describes inside the store, without passing its bytes through this process, and
	// returns the copy as the store describes it afterwards. Nothing appears at the destination before it is
	// complete. At most one Copy may write to a destination at a time.
	//
	// src names a bucket and key, and Size; it is checked against the store before and after the copy, and ErrChanged
	// is returned when size, a non-empty ETag, or a non-zero ModTime (in whole seconds) differ. A non-empty
	// src.ContentType becomes the copy's, else the copy keeps the source's.
	//
	// A large object is copied in parts. As soon as such a copy has been opened, and before its first part, save is
	// called with the Cursor that continues it; Copy stops when save fails. Given as resume in a later call, the
	// Cursor skips the parts that are already there; a Cursor of another copy or of an upload that the store has
	// forgotten starts again, and the zero Cursor always does. A failure that repeating cannot cure removes the
	// upload and its parts; after any other they wait to be resumed, or for Delete.
	//
	// Copy does not compare bytes: same size and an unchanged source is what it vouches for.
	Copy(ctx context.Context, src Info, dstBucket, dstKey string, resume Cursor,
		save func(context.Context, Cursor) error) (Info, error)

	// SameSum reports whether the store has a checksum over all bytes of both objects, in the versions that a and b describe,
	// and they are equal. False says nothing, since many stores and objects have none.
	SameSum(ctx context.Context, a, b Info) bool

	// List yields the objects whose keys start with prefix, in the byte order of their keys where the store keeps to
	// the protocol. ContentType is not known from a listing and stays empty. Pages are fetched as they are consumed.
	// An error is yielded once, with the zero Info, and ends the sequence.
	List(ctx context.Context, bucket, prefix string) iter.Seq2[Info, error]

	// Delete removes the object and the parts of every unfinished copy to exactly this key. An object that is not
	// there is no error.
	Delete(ctx context.Context, bucket, key string) error

	// CreateBucket makes a bucket. One that the caller owns already is no error.
	CreateBucket(ctx context.Context, bucket string) error
}

// MaxSingle is the largest object, in bytes, that one request can write or copy: 5 GiB in S3 and in OBS alike.
const MaxSingle int64 = 5 << 30

// Info describes an object.
type Info struct {
	Bucket, Key string
	Size        int64 // bytes
	// ETag names the version of the bytes, without the quotes of the header. It is empty for a file that was put into
	// an embedded bucket's folder by hand, so it must never be the only identity of an object.
	ETag        string
	ContentType string
	ModTime     time.Time // the store's clock; the protocol keeps whole seconds
	// Archived is the storage class, as the store names it, of an object that must be restored before it can be read; it
	// is empty for every other object. A listing may still have it for one that has been restored: Stat knows.
	Archived string
}

// Range selects bytes of an object. The zero Range selects all of them.
type Range struct {
	Offset int64 // first byte, from 0
	Length int64 // number of bytes, cut at the object's end; 0 means up to the end
}

// Cursor is the place at which a copy in parts can be taken up again, by another process too: it is kept as JSON.
// The zero Cursor means that there is nothing to resume.
type Cursor struct {
	Bucket        string    `json:"bucket,omitempty"` // the destination
	Key           string    `json:"key,omitempty"`
	UploadID      string    `json:"upload_id,omitempty"`
	PartSize      int64     `json:"part_size,omitempty"` // bytes; the last part may be shorter
	SourceBucket  string    `json:"source_bucket,omitempty"`
	SourceKey     string    `json:"source_key,omitempty"`
	SourceETag    string    `json:"source_etag,omitempty"`
	SourceSize    int64     `json:"source_size,omitempty"`
	SourceModTime time.Time `json:"source_mod_time,omitzero"`
}
