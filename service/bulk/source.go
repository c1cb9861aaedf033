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
	"fmt"
	"io"
	"iter"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen"
	"github.com/vod-reproduction/vod/service/object"
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
	h := sha256.New()
	for _, part := range parts {
		h.Write([]byte(part))
		h.Write([]byte{0}) // no object key holds it
	}
	return h.Sum(nil)[:16]
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

// Filter chooses objects. Zero fields let everything pass.
type Filter struct {
	// Include and Exclude are patterns of [CompileGlob]. One of Include must match, if there are any, and none of Exclude.
	Include, Exclude []*regexp.Regexp
	// MinSize and MaxSize bound the size in bytes, inclusively; 0 sets no bound.
	MinSize, MaxSize int64
	// Since and Before bound the time of the last change.
	Since, Before time.Time
	// Types lists the formats.
	Types []gen.VideoType
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

func (f *Filter) passes(info object.Info) bool {
	switch {
	case len(f.Include) > 0 && !matches(f.Include, info.Key), matches(f.Exclude, info.Key):
		return false
	case info.Size < f.MinSize, f.MaxSize > 0 && info.Size > f.MaxSize:
		return false
	case !f.Since.IsZero() && info.ModTime.Before(f.Since), !f.Before.IsZero() && !info.ModTime.Before(f.Before):
		return false
	}
	return true
}

func matches(patterns []*regexp.Regexp, key string) bool {
	return slices.ContainsFunc(patterns, func(p *regexp.Regexp) bool { return p.MatchString(key) })
}

// CompileGlob makes a pattern for keys: * stands for any characters but the slash, ** for any at all, ? for one
// character but the slash. A pattern without a slash is held against the last part of the key only.
func CompileGlob(glob string) (*regexp.Regexp, error) {
	var b strings.Builder
	b.WriteString(`(?s)^`)
	if !strings.Contains(glob, "/") {
		b.WriteString(`(?:.*/)?`)
	}
	for rest := glob; rest != ""; {
		switch {
		case strings.HasPrefix(rest, "**"):
			b.WriteString(`.*`)
			rest = rest[2:]
			continue
		case rest[0] == '*':
			b.WriteString(`[^/]*`)
		case rest[0] == '?':
			b.WriteString(`[^/]`)
		default:
			literal, _, _ := strings.Cut(strings.ReplaceAll(rest, "?", "*"), "*")
			b.WriteString(regexp.QuoteMeta(literal))
			rest = rest[len(literal):]
			continue
		}
		rest = rest[1:]
	}
	pattern, err := regexp.Compile(b.String() + `$`)
	if err != nil {
		return nil, fmt.Errorf("pattern %q: %w", glob, err)
	}
	return pattern, nil
}
