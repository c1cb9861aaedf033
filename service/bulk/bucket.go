package bulk

import (
	"context"
	"fmt"
	"iter"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/vod-reproduction/vod/gen"
	"github.com/vod-reproduction/vod/service/object"
)

// Bucket is the objects of a bucket whose keys start with Prefix. Keys that end in a slash stand for folders and are
// left out.
type Bucket struct {
	Store          Lister
	Bucket, Prefix string
	// Location is the bucket's region.
	Location string
	Filter   Filter
	// Defaults gives the members of the requests; it must not be nil.
	Defaults *Defaults
}

// Lister lists objects, as object.Store does.
type Lister interface {
	List(ctx context.Context, bucket, prefix string) iter.Seq2[object.Info, error]
}

// Filter chooses objects. Zero members let everything pass.
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

// Entries lists the bucket, page by page as it is asked.
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
	if !b.Filter.passes(info) {
		return Entry{Skip: SkipFiltered}
	}
	request := &gen.DumpRequest{Input: gen.FileAddr{Bucket: info.Bucket, Object: info.Key, Location: b.Location}}
	violations := b.Defaults.judge(request)
	switch {
	case request.VideoType == "":
		return Entry{Skip: SkipNotMedia}
	case len(b.Filter.Types) > 0 && !slices.Contains(b.Filter.Types, request.VideoType):
		return Entry{Skip: SkipFiltered}
	}
	return Entry{Request: request, Version: version(info), Size: info.Size, Violations: violations}
}

// version tells one state of an object from another. The ETag alone would do, but a store need not give it.
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
