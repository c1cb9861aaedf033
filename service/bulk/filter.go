package bulk

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/vod-reproduction/vod/gen"
	"github.com/vod-reproduction/vod/service/object"
)

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
