package bulk_test

import (
	"path"
	"strings"
	"testing"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen"
	"github.com/vod-reproduction/vod/service/bulk"
)

func newDefaults(t *testing.T, request *gen.DumpRequest) *bulk.Defaults {
	t.Helper()
	d, err := bulk.NewDefaults(request, guessType, path.Base)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func guessType(key string) gen.VideoType {
	if strings.HasPrefix(strings.ToLower(path.Ext(key)), ".m3u") {
		return gen.VideoTypeHLS
	}
	if guess := gen.VideoType(strings.ToUpper(strings.TrimPrefix(path.Ext(key), "."))); guess.Valid() {
		return guess
	}
	return ""
}

// one returns the request that a bucket with one object comes to.
func one(t *testing.T, defaults *gen.DumpRequest, key string) bulk.Entry {
	t.Helper()
	b := &bulk.Bucket{
		Store: listing{{Bucket: "media", Key: key, Size: 1}}, Bucket: "media", Location: "cn-north-4", Defaults: newDefaults(t, defaults),
	}
	for entry := range b.Entries(t.Context()) {
		return entry
	}
	t.Fatal("no entry")
	return bulk.Entry{}
}

func TestTemplates(t *testing.T) {
	t.Parallel()
	const key = "trips/day 1/Beach.v2.MP4"
	for template, want := range map[string]string{
		"plain": "plain", "{{.Bucket}}": "media", "{{.Key}}": key, "{{.Dir}}": "trips/day 1", "{{.Base}}": "Beach.v2.MP4",
		"{{.Name}}": "Beach.v2", "{{.Ext}}": "MP4", "{{lower .Name}}": "beach.v2", "{{upper .Ext}} {{.Name}}": "MP4 Beach.v2",
		`{{replace "/" "," .Dir}}`: "trips,day 1",
	} {
		entry := one(t, &gen.DumpRequest{Title: template, Tags: &template}, key)
		if entry.Request.Title != want || entry.Request.Tags == nil || *entry.Request.Tags != want {
			t.Errorf("%s gives title %q", template, entry.Request.Title)
		}
	}
	for _, template := range []string{"{{.Nothing}}", "{{", "{{.Name | nothing}}"} {
		if _, err := bulk.NewDefaults(&gen.DumpRequest{Title: template}, guessType, path.Base); err == nil {
			t.Errorf("template %s is taken", template)
		}
	}
}

// TestLinesGoFirst lets a line of a manifest keep what it says, templates included: those are the command's alone.
// Titles made from keys are cut between characters where that is asked for, and objects refused where it is not. A title
// that a person wrote is never cut.
func TestShortenTitles(t *testing.T) {
	t.Parallel()
	title, _ := contract.Field("title")
	most := int(title.MaxLength)
	full := strings.Repeat("\u7247", most-2)
	long := full + "abcd.mp4"
	for name, c := range map[string]struct {
		defaults gen.DumpRequest
		shorten  bool
		want     string // "" is refused
	}{
		"asked for":          {gen.DumpRequest{}, true, full + "ab"},
		"by a template":      {gen.DumpRequest{Title: "{{.Name}}"}, true, full + "ab"},
		"a space at the end": {gen.DumpRequest{Title: "{{replace \"ab\" \"a \" .Name}}"}, true, full + "a"},
		"not asked for":      {gen.DumpRequest{}, false, ""},
		"written by hand":    {gen.DumpRequest{Title: strings.Repeat("x", most+1)}, true, ""},
	} {
		d := newDefaults(t, &c.defaults)
		d.ShortenTitles = c.shorten
		b := &bulk.Bucket{Store: listing{{Bucket: "media", Key: "in/" + long, Size: 1}}, Bucket: "media", Location: "cn-north-4", Defaults: d}
		for entry := range b.Entries(t.Context()) {
			if refused := len(entry.Violations) > 0; refused != (c.want == "") || !refused && entry.Request.Title != c.want {
				t.Errorf("%s: title %q, %v", name, entry.Request.Title, entry.Violations)
			}
		}
	}
}

func TestLinesGoFirst(t *testing.T) {
	t.Parallel()
	title, tags, category := "{{.Name}}", "a,b", int32(7)
	m := &bulk.Manifest{
		Reader: strings.NewReader(`{"title":"{{.Key}}","input":{"bucket":"media","object":"x/a.mp4"},"category_id":8}` + "\n" +
			`{"input":{"bucket":"media","object":"x/b.webm"}}` + "\n" + `{"input":{"bucket":"media"},"titel":"x"}`),
		Defaults: newDefaults(t, &gen.DumpRequest{
			Title: title, Tags: &tags, CategoryID: &category, Input: gen.FileAddr{Location: "cn-north-4"},
		}),
	}
	var got []bulk.Entry
	for entry, err := range m.Entries(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, entry)
	}
	if len(got) != 3 {
		t.Fatalf("%d entries", len(got))
	}
	if r := got[0].Request; r.Title != "{{.Key}}" || *r.CategoryID != 8 || *r.Tags != tags || r.VideoType != gen.VideoTypeMP4 || len(got[0].Violations) > 0 {
		t.Errorf("the first line: %+v %v", r, got[0].Violations)
	}
	if r := got[1].Request; r.Title != "b" || *r.CategoryID != 7 || r.VideoType != gen.VideoTypeWEBM || len(got[1].Violations) > 0 {
		t.Errorf("the second line: %+v %v", r, got[1].Violations)
	}
	fields := map[string]bool{}
	for _, v := range got[2].Violations {
		fields[v.Field] = true
	}
	if !fields["titel"] || !fields["input.object"] || fields["input.location"] {
		t.Errorf("the third line: %v", got[2].Violations)
	}
}

// TestEmptyIsGiven neither fills a field that a line has as empty text, nor puts a template over it.
func TestEmptyIsGiven(t *testing.T) {
	t.Parallel()
	text := "{{.Name}}"
	defaults := newDefaults(t, &gen.DumpRequest{
		VideoType: gen.VideoTypeMP4, Title: text, Tags: &text, Description: &text,
		Input: gen.FileAddr{Bucket: "media", Location: "cn-north-4", Object: "default.mp4"},
	})
	for body, want := range map[string]string{
		`{}`:                      "",
		`{"title":""}`:            "title",
		`{"video_type":""}`:       "video_type",
		`{"input":{"object":""}}`: "input.object",
		`{"input":{"bucket":"","location":""},"title":""}`: "title input.bucket input.location",
		`{"title":"","titel":"x"}`:                         "title titel",
		`{"title":3}`:                                      "title",
	} {
		got, err := read(t, &bulk.Manifest{Reader: strings.NewReader(body), Defaults: defaults})
		if err != nil || len(got) != 1 {
			t.Fatalf("%s: %d entries, %v", body, len(got), err)
		}
		var fields []string
		for _, v := range got[0].Violations {
			fields = append(fields, v.Field)
		}
		if strings.Join(fields, " ") != want {
			t.Errorf("%s is refused for %q, want %q", body, fields, want)
		}
	}
	got, err := read(t, &bulk.Manifest{Reader: strings.NewReader(`{"tags":"","description":""}`), Defaults: defaults})
	if err != nil || len(got[0].Violations) > 0 || *got[0].Request.Tags != "" || *got[0].Request.Description != "" {
		t.Errorf("empty tags and description came to %+v %v, %v", got[0].Request, got[0].Violations, err)
	}
}
