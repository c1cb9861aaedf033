package contract_test

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"pgregory.net/rapid"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen"
)

type object = map[string]any

// dumpRequest draws a request as the values that encoding/json would decode: a valid one of some kind of dump, then up to
// three changes to any of its fields. About four in ten are valid.
func dumpRequest(t *rapid.T) object {
	request := rapid.SampledFrom(kinds).Draw(t, "kind")()
	for range rapid.SampledFrom([]int{0, 1, 1, 1, 2, 2, 3}).Draw(t, "changes") {
		change(t, request)
	}
	return request
}

// kinds make the valid requests that the others start from.
var kinds = []func() object{
	func() object { return plain("MP4") },
	func() object { return plain("MP3") },
	func() object {
		return with(plain("HLS"), object{"storage_mode": 1, "output_bucket": "b", "output_path": "dir", "input": input("dir/index.m3u8", "cn-north-4")})
	},
	func() object {
		return with(plain("MOV"), object{"storage_mode": 1, "output_bucket": "b", "output_path": ""})
	},
	func() object {
		return with(plain("TS"), object{"template_group_name": "g", "auto_encrypt": 1, "auto_preheat": 1})
	},
	func() object { return with(plain("MKV"), object{"thumbnail": object{"type": "time", "time": 12}}) },
	func() object {
		return with(plain("AVI"), object{"thumbnail": object{"type": "dots", "dots": []any{1, 2}}})
	},
	func() object {
		return with(plain("WebM"), object{"thumbnail": object{"type": "quantity", "quantity": 3, "quantity_time": 5}})
	},
	func() object {
		return with(plain("FLV"), object{"input": input("o", "ap-southeast-3"), "review": object{"politics": 0, "terrorism": 5, "porn": -1}})
	},
}

func plain(videoType string) object {
	return object{"video_type": videoType, "title": "t", "input": input("dir/film", "cn-north-4")}
}

func input(key, region string) object {
	return object{"bucket": "b", "location": region, "object": key}
}

func with(request, fields object) object {
	maps.Copy(request, fields)
	return request
}

// change sets, drops or adds one field, or replaces it by a value of any type.
func change(t *rapid.T, request object) {
	path := rapid.SampledFrom(paths).Draw(t, "field")
	parent, name := request, path
	if above, below, nested := strings.Cut(path, "."); nested {
		inner, ok := request[above].(object)
		if !ok {
			inner = object{}
			request[above] = inner
		}
		parent, name = inner, below
	}
	switch rapid.SampledFrom([]string{"set", "set", "set", "set", "set", "set", "drop", "drop", "any"}).Draw(t, "change") {
	case "set":
		parent[name] = fresh(rapid.SampledFrom(values[path]).Draw(t, "value"))
	case "drop":
		delete(parent, name)
	case "any":
		parent[name] = fresh(rapid.SampledFrom(anything).Draw(t, "value"))
	}
}

// fresh copies an object, which later changes would otherwise change for all draws.
func fresh(value any) any {
	if held, ok := value.(object); ok {
		return maps.Clone(held)
	}
	return value
}

var (
	flags  = []any{0, 1, 0, 1, 0, 1, 2, -1}
	scores = []any{0, 0, 0, -1, 1, 100, 101, -2}
	names  = []any{"n", "name", ""}
)

// values are those of each field, most of them valid, the rest at the edges.
var values = func() map[string][]any {
	all := maps.Clone(chosen)
	for path, p := range contract.Fields() {
		all[path] = append(edges(p), all[path]...)
	}
	return all
}()

// edges are values inside and outside of what the document says of a property.
func edges(p gen.Property) (all []any) {
	if p.Type == "array" {
		element := p
		element.Type = p.Items
		all = append(all, []any{})
		for _, value := range edges(element) {
			all = append(all, []any{value})
		}
		return all
	}
	for _, value := range p.Enum {
		if n, err := strconv.ParseInt(value, 10, 64); err == nil && p.Type == "integer" {
			all = append(all, n)
			continue
		}
		all = append(all, value)
	}
	if limit := int(p.MaxLength); p.Type == "string" && limit > 0 {
		all = append(all, strings.Repeat("🎬", limit), strings.Repeat("x", limit+1))
	}
	switch {
	case len(p.Enum) > 0:
	case p.Type == "integer":
		all = append(all, p.Minimum, p.Maximum, p.Minimum-1, p.Maximum+1)
	case p.Type == "boolean":
		all = append(all, true, false)
	case p.Type == "string":
		all = append(all, "x", "")
	case p.Type == "object":
		all = append(all, object{})
	}
	return all
}

// chosen are the values that say more than the edges do.
var chosen = map[string][]any{
	"video_type":  {"MP4", "MOV", "HLS", "HLS", "MP3", "mp4", "", "EXE"},
	"title":       {"x", "标题", "", "a\x00\u2028"},
	"description": {"", "x"},
	"category_id": {-1, 0, 7, 2147483647, 2147483648, -2},
	"tags": {
		"", "a", "a,b", strings.Repeat("标", 24), strings.Repeat("🎬", 25), strings.Repeat("a,", 15) + "a", strings.Repeat("a,", 16) + "a", ",",
		"a,,b", "a\nb",
	},
	"auto_publish":             flags,
	"template_group_name":      names,
	"auto_encrypt":             flags,
	"auto_preheat":             flags,
	"workflow_name":            names,
	"storage_mode":             flags,
	"output_bucket":            {"b", "b", "b", "other", "", strings.Repeat("x", 63), strings.Repeat("x", 64)},
	"output_path":              {"dir", "dir/", "/dir", "", "/", "dir/sub", strings.Repeat("🎬", 1023), strings.Repeat("x", 1024)},
	"input.bucket":             {"b", "b", "other", "", strings.Repeat("x", 64)},
	"input.location":           {"cn-north-4", "ap-southeast-3", "ap-southeast-3", "x", "", strings.Repeat("x", 65)},
	"input.object":             {"dir/film", "film", "dir/sub/film", "/film", strings.Repeat("🎬", 1024), "", strings.Repeat("x", 1025)},
	"thumbnail.type":           {"time", "dots", "quantity", "time", "dots", "quantity", "Time", ""},
	"thumbnail.quantity":       {1, 2, 10, 0, 11},
	"thumbnail.quantity_time":  {0, 5, 2147483647, -1, 2147483648},
	"thumbnail.time":           {0, 12, 100, -1, 101},
	"thumbnail.dots":           {[]any{0}, []any{3, 2, 1}, []any{}, []any{-1}, []any{1, 2147483648}, []any{1, "2", nil}},
	"thumbnail.cover_position": {1, 5, 0, -1, 2147483647},
	"thumbnail.format":         {1, 1, 0, 2},
	"thumbnail.aspect_ratio":   flags,
	"thumbnail.max_length":     {1, 480, 0, -1, 2147483648},
	"review.template_id":       names,
	"review.interval":          {1, 50, 100, 0, -1, 101},
	"review.politics":          scores,
	"review.terrorism":         scores,
	"review.porn":              scores,
	"thumbnail":                {object{"type": "time"}, object{}, object{"type": "dots", "time": 3}, object{"type": "quantity", "quantity": 2, "time": 12, "dots": []any{}}},
	"review":                   {object{}, object{"politics": 0, "terrorism": 0, "porn": 0}},
	"input":                    {object{"bucket": "b", "location": "ap-southeast-3", "object": "dir/x"}, object{}},
	"color":                    {1},
	"Title":                    {"x"},
	"input.key":                {"x"},
	"thumbnail.width":          {1},
	"review.score":             {1},
}

var paths = slices.Sorted(maps.Keys(values))

var anything = []any{nil, true, "", "x", 0, 1, -1, 1.5, 1e300, 9007199254740993, []any{}, []any{nil}, object{}, object{"x": 1}}
