// Package bulk dumps many objects, each at most once, over any number of starts.
//
// A run has two steps. The plan reads a [Source], checks every request against the contract and writes the items into
// a [Journal]. The run then sends what is pending, at a bounded rate: an item is Sent on the disk before its call goes
// out, so that a crash leaves no doubt about which calls may have been taken. Memory does not grow with the number of
// items.
package bulk

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"iter"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen"
)

// Source is where the objects of a run come from.
type Source interface {
	// Entries yields what there is to dump, in an order of its own. An error ends it; a bad entry is no error.
	Entries(ctx context.Context) iter.Seq2[Entry, error]
	// Fingerprint changes whenever Entries would yield something else. It is empty where only reading can tell.
	Fingerprint(ctx context.Context) (string, error)
	// Complete reports whether the source names everything that is to be dumped: pending items that are no longer in it
	// are then dropped.
	Complete() bool
}

// Entry is one object of a source, or what stands in its place.
type Entry struct {
	// Line is the line of the manifest, counted from 1; 0 for an object of a bucket.
	Line int64
	// Request is what to send. Where Skip is set, only its input counts.
	Request *gen.DumpRequest
	// Version changes with the object; it is empty for a manifest, whose requests stand for themselves.
	Version string
	// Size is the object's size in bytes, 0 where the source does not know it.
	Size int64
	// Raw is the entry as it was read, when it could not be understood.
	Raw []byte
	// Violations lists what is wrong with the request.
	Violations contract.Violations
	// Skip says why an object is left out: one of the Skip constants.
	Skip string
	// look settles what the source does not say of the entry; nil when it says everything.
	look func(context.Context, *Entry) (found, error)
}

// Why an object is left out.
const (
	SkipFiltered  = "filtered"  // by the filters of the command
	SkipNotMedia  = "no media"  // its extension is none of the documented formats
	SkipEmpty     = "empty"     // it holds nothing
	SkipPart      = "part"      // of an HLS stream
	SkipDuplicate = "duplicate" // of an earlier line, word for word
)

// identity names what must not be dumped twice: the object.
func identity(address gen.FileAddr) []byte {
	return digest("object", address.Location, address.Bucket, address.Object)
}

// digest is a name of 16 bytes for a list of texts.
func digest(parts ...string) []byte {
	list := make([]byte, 0, 512) // enough for most requests
	for _, part := range parts {
		list = append(append(list, part...), 0) // no object key holds it
	}
	sum := sha256.Sum256(list)
	return sum[:16]
}

// Sources are read one after the other. Objects that several of them name are dumped once.
type Sources []Source

// Entries yields the entries of every source.
func (s Sources) Entries(ctx context.Context) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		for _, source := range s {
			for entry, err := range source.Entries(ctx) {
				if !yield(entry, err) || err != nil {
					return
				}
			}
		}
	}
}

// Fingerprint joins those of the sources; it is empty when one of them has none.
func (s Sources) Fingerprint(ctx context.Context) (string, error) {
	var all []string
	for _, source := range s {
		one, err := source.Fingerprint(ctx)
		if err != nil || one == "" {
			return "", err
		}
		all = append(all, one)
	}
	return hex.EncodeToString(digest(all...)), nil
}

// Complete reports whether every source is.
func (s Sources) Complete() bool {
	for _, source := range s {
		if !source.Complete() {
			return false
		}
	}
	return true
}
