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
	// Complete tells whether the source names everything that is to be dumped: pending items that are no longer in it
	// are then dropped.
	Complete() bool
}

// Entry is one object of a source, or what stands in its place.
type Entry struct {
	// Line is the line of the manifest, counted from 1; 0 for an object of a bucket.
	Line int64
	// Request is what to send. It is set unless Skip is.
	Request *gen.DumpRequest
	// Version tells whether the object is still the same; it is empty for a manifest, where the request tells.
	Version string
	// Size is the object's size in bytes, 0 where the source does not know it.
	Size int64
	// Raw is the entry as it was read, when it could not be understood.
	Raw []byte
	// Violations lists what is wrong with the request.
	Violations contract.Violations
	// Skip says why an object is left out: one of the Skip constants.
	Skip string
}

// Why an object of a bucket is left out.
const (
	SkipFiltered = "filtered" // by the filters of the command
	SkipNotMedia = "no media" // its extension is none of the page's formats
)

// identity names what must not be dumped twice: the object.
func identity(address gen.FileAddr) []byte {
	return digest("object", address.Location, address.Bucket, address.Object)
}

// digest is a name of 16 bytes for a list of texts.
func digest(parts ...string) []byte {
	h := sha256.New()
	for _, part := range parts {
		h.Write([]byte(part))
		h.Write([]byte{0}) // no object key holds it
	}
	return h.Sum(nil)[:16]
}
