package bulk_test

import (
	"strings"
	"testing"
	"testing/iotest"

	"github.com/vod-reproduction/vod/gen"
	"github.com/vod-reproduction/vod/service/bulk"
)

// TestJoinedTables reads tables that were joined: the header of the next one is no object, and its columns are its own.
func TestJoinedTables(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text   string
		ignore bool
		want   string // objects, or what the error says
	}{
		"the same header":            {text: "title,object\na,a.mp4\ntitle,object\nb,b.mp4\n", want: "2 a.mp4 4 b.mp4"},
		"written otherwise":          {text: "title,object\na,a.mp4\n Title ,INPUT.OBJECT\nb,b.mp4\n", want: "2 a.mp4 4 b.mp4"},
		"at once, and at the end":    {text: "title,object\ntitle,object\na,a.mp4\ntitle,object\n", want: "3 a.mp4"},
		"one column":                 {text: "object\na.mp4\nobject\nb.mp4\n", want: "2 a.mp4 4 b.mp4"},
		"another order":              {text: "title,object\na,a.mp4\nobject,title\nb.mp4,b\n", want: "2 a.mp4 4 b.mp4"},
		"a column more":              {text: "title,object\na,a.mp4\ntitle,tags,object\nb,x,b.mp4\n", want: "2 a.mp4 4 b.mp4"},
		"a column less":              {text: "title,tags,object\na,x,a.mp4\ntitle,object\nb,b.mp4\n", want: "2 a.mp4 4 b.mp4"},
		"marks and quotes":           {text: "title,object\na,a.mp4\n\ufeff\ufeff\"title\",\"object\"\n\"b\",\"b.mp4\"\n\ufeff\"c\",c.mp4\n", want: "2 a.mp4 4 b.mp4 5 c.mp4"},
		"separators named":           {text: "sep=;\ntitle;object\na;a.mp4\nSEP=;\ntitle;object\nb;b.mp4\n", want: "3 a.mp4 6 b.mp4"},
		"ignored columns":            {text: "title,size,owner,object\na,1,x,a.mp4\nowner,size,object,title\nx,2,b.mp4,b\n", ignore: true, want: "2 a.mp4 4 b.mp4"},
		"an unknown column":          {text: "title,object\na,a.mp4\ntitle,key,bucket\nb,b.mp4,media\n", want: `line 3: no field of a request is named "key"`},
		"twice the same column":      {text: "title,object\na,a.mp4\ntitle,title,object\nb,b,b.mp4\n", want: "line 3: the header names title twice"},
		"films that are named so":    {text: "title,tags,object\ntitle,tags,title/a.mp4\ntitle,,title.mp4\n", want: "2 title/a.mp4 3 title.mp4"},
		"an object that is named so": {text: "title,object,video_type\nobj,object,MP4\n", want: "2 object"},
		"a header in another manner": {text: "title,object\na,a.mp4\ntitle;object\n", want: "2 a.mp4 3 refused"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			defaults := newDefaults(t, &gen.DumpRequest{Input: gen.FileAddr{Bucket: "media", Location: "cn-north-4"}})
			m := &bulk.Manifest{Reader: iotest.OneByteReader(strings.NewReader(c.text)), CSV: true, IgnoreColumns: c.ignore, Defaults: defaults}
			got, err := read(t, m)
			if err != nil {
				if !strings.Contains(err.Error(), c.want) {
					t.Errorf("%v, want %s", err, c.want)
				}
				return
			}
			checkObjects(t, got, c.want, "refused")
		})
	}
}
