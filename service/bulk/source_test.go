package bulk_test

import (
	"path/filepath"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/vod-reproduction/vod/gen"
	"github.com/vod-reproduction/vod/service/bulk"
	"github.com/vod-reproduction/vod/service/object"
)

var _ bulk.Objects = (object.Store)(nil)

func TestFilter(t *testing.T) {
	t.Parallel()
	day := func(n int) time.Time { return time.Date(2026, 1, n, 0, 0, 0, 0, time.UTC) }
	objects := listing{
		{Bucket: "media", Key: "a.mp4", Size: 100, ModTime: day(1)}, {Bucket: "media", Key: "x/b.mov", Size: 200, ModTime: day(2)},
		{Bucket: "media", Key: "x/c.mp4", Size: 300, ModTime: day(3)}, {Bucket: "media", Key: "d.txt", Size: 300, ModTime: day(3)},
		{Bucket: "media", Key: "empty.mp4", ModTime: day(2)},
	}
	glob := func(text string) []*regexp.Regexp {
		pattern, err := bulk.CompileGlob(text)
		if err != nil {
			t.Fatal(err)
		}
		return []*regexp.Regexp{pattern}
	}
	for name, c := range map[string]struct {
		filter bulk.Filter
		want   []string
	}{
		"none":    {bulk.Filter{}, []string{"a.mp4", "x/b.mov", "x/c.mp4"}},
		"include": {bulk.Filter{Include: glob("*.mp4")}, []string{"a.mp4", "x/c.mp4"}},
		"exclude": {bulk.Filter{Exclude: glob("x/*")}, []string{"a.mp4"}},
		"both":    {bulk.Filter{Include: glob("*.mp4"), Exclude: glob("x/**")}, []string{"a.mp4"}},
		"sizes":   {bulk.Filter{MinSize: 200, MaxSize: 200}, []string{"x/b.mov"}},
		"since":   {bulk.Filter{Since: day(2)}, []string{"x/b.mov", "x/c.mp4"}},
		"before":  {bulk.Filter{Before: day(2)}, []string{"a.mp4"}},
		"types":   {bulk.Filter{Types: []gen.VideoType{gen.VideoTypeMOV}}, []string{"x/b.mov"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			j := openJournal(t, filepath.Join(t.TempDir(), "run.db"))
			defer func() { _ = j.Close() }()
			b := &bulk.Bucket{Store: objects, Bucket: "media", Location: "cn-north-4", Filter: c.filter, Defaults: newDefaults(t, new(gen.DumpRequest))}
			plan, err := j.Plan(t.Context(), b, bulk.PlanOptions{})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, item := range items(t, j, bulk.Pending) {
				got = append(got, item.Request().Input.Object)
			}
			if !slices.Equal(got, c.want) || plan.Filtered+plan.NotMedia+plan.Empty+plan.Ready != int64(len(objects)) {
				t.Errorf("%q, want %q; plan %+v", got, c.want, plan)
			}
		})
	}
}

// TestChangedObject tells the states of an object apart by its ETag, or by size and time where there is none.
func TestChangedObject(t *testing.T) {
	t.Parallel()
	now := time.Unix(1e9, 0)
	for name, c := range map[string]struct {
		before, after object.Info
		changed       int64
	}{
		"same ETag, other time": {object.Info{ETag: "a", ModTime: now}, object.Info{ETag: "a", ModTime: now.Add(time.Hour)}, 0},
		"other ETag":            {object.Info{ETag: "a", ModTime: now}, object.Info{ETag: "b", ModTime: now}, 1},
		"no ETag, other time":   {object.Info{ModTime: now}, object.Info{ModTime: now.Add(time.Hour)}, 1},
		"no ETag, other size":   {object.Info{ModTime: now, Size: 1}, object.Info{ModTime: now, Size: 2}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			j := openJournal(t, filepath.Join(t.TempDir(), "run.db"))
			defer func() { _ = j.Close() }()
			for i, info := range []object.Info{c.before, c.after} {
				info.Bucket, info.Key, info.Size = "media", "a.mp4", info.Size+1
				b := &bulk.Bucket{Store: listing{info}, Bucket: "media", Location: "cn-north-4", Defaults: newDefaults(t, new(gen.DumpRequest))}
				plan, err := j.Plan(t.Context(), b, bulk.PlanOptions{})
				if err != nil {
					t.Fatal(err)
				}
				if i == 0 {
					accept(t, j, 1)
				} else if plan.Known != 1 || plan.Changed != c.changed {
					t.Errorf("plan %+v", plan)
				}
			}
		})
	}
}

func TestGlob(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		glob, key string
		want      bool
	}{
		{"*.mp4", "a.mp4", true}, {"*.mp4", "x/y/a.mp4", true}, {"*.mp4", "a.mp4/b", false}, {"a?.mp4", "x/ab.mp4", true},
		{"x/*.mp4", "x/a.mp4", true}, {"x/*.mp4", "x/y/a.mp4", false}, {"x/**.mp4", "x/y/a.mp4", true}, {"**/y/*", "x/y/a", true},
		{"a.mp4", "aXmp4", false}, {"(", "(", true}, {"[a]*", "[a]b", true}, {"é*", "x/éa", true}, {"*", "", true}, {"", "a", false},
	} {
		pattern, err := bulk.CompileGlob(c.glob)
		if err != nil {
			t.Fatal(err)
		}
		if got := pattern.MatchString(c.key); got != c.want {
			t.Errorf("%q matches %q: %t", c.glob, c.key, got)
		}
	}
	if _, err := bulk.CompileGlob("\xff"); err == nil {
		t.Error("a pattern that is no text is taken")
	}
}

func FuzzGlob(f *testing.F) {
	f.Add("a/**?*.mp4", "a/b/c.mp4")
	f.Fuzz(func(_ *testing.T, glob, key string) {
		if pattern, err := bulk.CompileGlob(glob); err == nil {
			pattern.MatchString(key)
		}
	})
}
