package bulk

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"

	"github.com/vod-reproduction/vod/gen"
	"github.com/vod-reproduction/vod/service/object"
)

// Bucket is the objects of a bucket whose keys start with Prefix. Keys that end in a slash stand for folders and are
// left out.
type Bucket struct {
	Store          Objects
	Bucket, Prefix string
	// Location is the bucket's region.
	Location string
	Filter   Filter
	// Defaults completes the requests; it must not be nil.
	Defaults *Defaults
}

// Objects lists and reads the objects of buckets, as object.Store does.
type Objects interface {
	List(ctx context.Context, bucket, prefix string) iter.Seq2[object.Info, error]
	Stat(ctx context.Context, bucket, key string) (object.Info, error)
	Open(ctx context.Context, bucket, key string, at object.Range, ifMatch string) (io.ReadCloser, object.Info, error)
}

// Entries lists the bucket, page by page as the entries are taken.
func (b *Bucket) Entries(ctx context.Context) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		for info, err := range b.Store.List(ctx, b.Bucket, b.Prefix) {
			if err != nil {
				yield(Entry{}, err)
				return
			}
			if strings.HasSuffix(info.Key, "/") {
				continue
			}
			if !yield(b.entry(info), nil) {
				return
			}
		}
	}
}

func (b *Bucket) entry(info object.Info) Entry {
	e := b.choose(info)
	if isPlaylist(info.Key) || info.Archived != "" && e.Skip == "" {
		e.look = func(ctx context.Context, e *Entry) (found, error) { return b.lookAt(ctx, info, e) }
	}
	return e
}

// choose makes the request for an object that is to be dumped.
func (b *Bucket) choose(info object.Info) Entry {
	request := &gen.DumpRequest{Input: gen.FileAddr{Bucket: info.Bucket, Object: info.Key, Location: b.Location}}
	if !b.Filter.passes(info) {
		return Entry{Request: request, Skip: SkipFiltered}
	}
	violations := b.Defaults.judge(request)
	switch {
	case request.VideoType == "":
		return Entry{Request: request, Skip: SkipNotMedia}
	case len(b.Filter.Types) > 0 && !slices.Contains(b.Filter.Types, request.VideoType):
		return Entry{Request: request, Skip: SkipFiltered}
	case info.Size == 0:
		return Entry{Request: request, Skip: SkipEmpty}
	}
	return Entry{Request: request, Version: version(info), Size: info.Size, Violations: violations}
}

// version distinguishes the states of an object, and ends with its size. The ETag alone would do, but a store need not
// have it.
func version(info object.Info) string {
	if info.ETag != "" {
		return fmt.Sprintf("%s %d", info.ETag, info.Size)
	}
	return fmt.Sprintf("%d %d", info.ModTime.Unix(), info.Size)
}

// Fingerprint is empty: only listing a bucket tells what is in it.
func (b *Bucket) Fingerprint(context.Context) (string, error) { return "", nil }

// Complete is false, so that starting again does not plan millions of items anew.
func (b *Bucket) Complete() bool { return false }

// address is that of an object of the bucket, as requests have it.
func (b *Bucket) address(key string) gen.FileAddr {
	return gen.FileAddr{Bucket: b.Bucket, Location: cmp.Or(b.Location, b.Defaults.request.Input.Location), Object: key}
}
