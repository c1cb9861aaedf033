package bulk_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding/htmlindex"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen"
	"github.com/vod-reproduction/vod/service/bulk"
)

// read returns the entries of a manifest.
func read(t *testing.T, m *bulk.Manifest) ([]bulk.Entry, error) {
	t.Helper()
	var all []bulk.Entry
	for entry, err := range m.Entries(t.Context()) {
		if err != nil {
			return all, err
		}
		all = append(all, entry)
	}
	return all, nil
}

func TestCSV(t *testing.T) {
	t.Parallel()
	const header = "video_type,title,input.bucket,input.location,input.object,category_id,thumbnail.type,thumbnail.dots\n"
	for name, c := range map[string]struct{ row, want string }{
		"plain":    {"MP4,a,media,cn-north-4,a.mp4,,,", `{"video_type":"MP4","title":"a","input":{"bucket":"media","location":"cn-north-4","object":"a.mp4"}}`},
		"quoted":   {`MP4,"a, ""b""",media,cn-north-4,"x` + "\n" + `y.mp4",,,`, `{"video_type":"MP4","title":"a, \"b\"","input":{"bucket":"media","location":"cn-north-4","object":"x\ny.mp4"}}`},
		"numbers":  {"MP4,a,media,cn-north-4,a.mp4,-1,dots,0 5", `{"video_type":"MP4","title":"a","category_id":-1,"thumbnail":{"type":"dots","dots":[0,5]},"input":{"bucket":"media","location":"cn-north-4","object":"a.mp4"}}`},
		"no digit": {"MP4,a,media,cn-north-4,a.mp4,x,,", "category_id"},
		"too big":  {"MP4,a,media,cn-north-4,a.mp4,99999999999,,", "category_id"},
		"missing":  {"MP4,,media,cn-north-4,a.mp4,,,", "title"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := read(t, &bulk.Manifest{Reader: strings.NewReader(header + c.row + "\n"), CSV: true})
			if err != nil || len(got) != 1 || got[0].Line != 2 {
				t.Fatalf("%+v, %v", got, err)
			}
			if !strings.HasPrefix(c.want, "{") {
				if len(got[0].Violations) != 1 || got[0].Violations[0].Field != c.want {
					t.Errorf("%v, want one of %s", got[0].Violations, c.want)
				}
				return
			}
			body, err := json.Marshal(got[0].Request)
			if err != nil || string(body) != c.want || len(got[0].Violations) > 0 {
				t.Errorf("%s %v, want %s", body, got[0].Violations, c.want)
			}
		})
	}
	for header, want := range map[string]string{
		"titel\n": "titel", "title,title\n": "twice", "input\n": "input", "input.object.x\n": "input.object.x", "": "",
	} {
		if _, err := read(t, &bulk.Manifest{Reader: strings.NewReader(header), CSV: true}); want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("header %q: %v", header, err)
		}
	}
	got, err := read(t, &bulk.Manifest{Reader: strings.NewReader("title\na,b\n\"c\"d\ne\"\n"), CSV: true})
	if err != nil || len(got) != 3 || slices.ContainsFunc(got, func(e bulk.Entry) bool { return e.Violations[0].Rule != "csv" }) {
		t.Errorf("broken records: %+v, %v", got, err)
	}
}

// The column of the keys may hold addresses, each of which names its bucket.
func TestTableOfAddresses(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"object,title\nobs://media/2026/a b%20.mp4,A\n":                        `media 2026/a b%20.mp4 A`,
		"title,object,location\nA,obs://media/a.mp4,cn\n":                      `media a.mp4 A`,
		"bucket,object,title\n,obs://media/a.mp4,A\n":                          `media a.mp4 A`,
		"bucket,object,title\nmedia,obs://media/a.mp4,A\n":                     `media a.mp4 A`,
		"bucket,object,title\nother,obs://media/a.mp4,A\n":                     `input.bucket: is "other", and the address of the object names "media"; leave out one of them`,
		"object\nobs://media/folder/\n":                                        "input.object: the address names no object; all objects below it are a SOURCE of their own",
		"object,title\nobs://media,A\n":                                        "input.object: the address names no object; all objects below it are a SOURCE of their own",
		"object,title\nobs://media/a.mp4,A\nb.mp4,B\n":                         "media a.mp4 A\n b.mp4 B",
		"title,object\nA,obs://media/a.mp4\nobject,title\nobs://films/b.mp4,B": "media a.mp4 A\nfilms b.mp4 B",
	} {
		entries, err := read(t, &bulk.Manifest{Reader: strings.NewReader(text), Defaults: newDefaults(t, &gen.DumpRequest{Input: gen.FileAddr{Location: "cn-north-4"}})})
		var got []string
		for _, e := range entries {
			if e.Request != nil {
				got = append(got, e.Request.Input.Bucket+" "+e.Request.Input.Object+" "+e.Request.Title)
				continue
			}
			got = append(got, strings.TrimPrefix(e.Violations[0].Field+": ", ": ")+e.Violations[0].Message)
		}
		if joined := strings.Join(got, "\n"); err != nil || joined != want {
			t.Errorf("%q: %s, %v; want %s", text, joined, err, want)
		}
	}
}

// What the values of a request hold does not make its line the header of a table.
func TestLinesAreNoHeader(t *testing.T) {
	t.Parallel()
	const request = `{"video_type":"MP4","title":"a","tags":"trailer,title,2026","description":"x\tinput.object\ty","input":{"bucket":"media","location":"cn-north-4","object":"a.mp4"}}`
	if got, err := read(t, &bulk.Manifest{Reader: strings.NewReader(request + "\n")}); err != nil || len(got) != 1 || got[0].Request.Title != "a" {
		t.Errorf("a request: %+v, %v", got, err)
	}
	if got, err := read(t, &bulk.Manifest{Reader: strings.NewReader("\tobs://media/a,title,b.mp4\n")}); err != nil || len(got) != 1 {
		t.Errorf("an address: %+v, %v", got, err)
	}
}

// A table in another encoding ends at its first line that shows it: its titles would be published as something else.
func TestTableNotInUTF8(t *testing.T) {
	t.Parallel()
	got, err := read(t, &bulk.Manifest{Reader: strings.NewReader("title,input.object\nplain,a.mp4\n\xd6\xd0\xce\xc4,b.mp4\n"), CSV: true})
	if len(got) != 1 || !errors.Is(err, bulk.ErrEncoding) || !strings.Contains(err.Error(), "line 3 ") {
		t.Errorf("%d entries, %v", len(got), err)
	}
	if _, err := read(t, &bulk.Manifest{Reader: strings.NewReader("\xb1\xea\xcc\xe2\n"), CSV: true}); !errors.Is(err, bulk.ErrEncoding) {
		t.Errorf("a header in GBK: %v", err)
	}
}

// A table in an encoding that was named is read as if it were UTF-8, and what is not in it ends it.
func TestEncodings(t *testing.T) {
	t.Parallel()
	const text = "title,input.object\n\u4e2d\u6587,a.mp4\n"
	for _, name := range []string{"gbk", "gb18030", "big5", "utf-16le", "utf-16be", "shift_jis"} {
		e, err := htmlindex.Get(name)
		if err != nil {
			t.Fatal(err)
		}
		encoded, err := e.NewEncoder().String("\ufeff"[:3*strings.Count(name, "utf")] + text)
		if err != nil {
			t.Fatal(name, err)
		}
		got, err := read(t, &bulk.Manifest{Reader: strings.NewReader(encoded), CSV: true, Encoding: e})
		if err != nil || len(got) != 1 || got[0].Request.Title != "\u4e2d\u6587" {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
		if strings.HasPrefix(name, "utf") {
			if _, err := read(t, &bulk.Manifest{Reader: strings.NewReader(encoded), CSV: true}); !errors.Is(err, bulk.ErrEncoding) {
				t.Errorf("%s, not named: %v", name, err)
			}
		}
	}
	gbk, err := htmlindex.Get("gbk")
	if err != nil {
		t.Fatal(err)
	}
	got, err := read(t, &bulk.Manifest{Reader: strings.NewReader("title\nplain\n\xd6\xff\n"), CSV: true, Encoding: gbk})
	if len(got) != 1 || !errors.Is(err, bulk.ErrEncoding) || !strings.Contains(err.Error(), "line 3 ") {
		t.Errorf("bytes that are not GBK: %+v, %v", got, err)
	}
}

// TestUnclosedQuote names the line of the quote, and reads no further than a record may be long.
func TestUnclosedQuote(t *testing.T) {
	t.Parallel()
	rest := strings.Repeat(strings.Repeat("x", 1023)+"\n", 4<<10) // far more than one record may have
	for name, c := range map[string]struct {
		text    string
		endless bool
		want    string
		entries int
	}{
		"at the end":            {text: "title\na\n\"b\nc\n", want: "line 3: the quote that opens here is not closed before the end of the file", entries: 1},
		"behind a closed one":   {text: "title,tags\na,b\n\"b\n\"\"\n\",\"c\n", want: "line 5: the quote that opens here", entries: 1},
		"in the header":         {text: "\"title\na\n", want: "line 1: the quote that opens here"},
		"with all behind it":    {text: "title\na\n\"b", endless: true, want: "line 3: the quote that opens here is not closed within 1 MB", entries: 1},
		"none, and no end":      {text: "title\na\nb", endless: true, want: ""},
		"none, and no new line": {text: "title\na\n" + strings.Repeat("b", 2<<20), want: "line 3: the record is longer than 1 MB", entries: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			source := &counted{Reader: strings.NewReader(c.text)}
			if c.endless {
				source.Reader = io.MultiReader(source.Reader, strings.NewReader(rest))
			}
			got, err := read(t, &bulk.Manifest{Reader: source, CSV: true})
			if c.want == "" {
				if err != nil || source.n < len(rest) {
					t.Errorf("%d bytes are read, %v", source.n, err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.want) || len(got) != c.entries {
				t.Errorf("%d entries, %v; want %d, %s", len(got), err, c.entries, c.want)
			}
			if source.n > 2<<20 {
				t.Errorf("%d bytes are read", source.n)
			}
		})
	}
}

// counted counts the bytes that are taken from a reader.
type counted struct {
	io.Reader
	n int
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n += n
	return n, err
}

// FuzzQuotes holds the tracking of quotes against the parser itself: a quote is open at the end of a text exactly when
// the parser cannot take the last record as it is, and can with one more quote.
func FuzzQuotes(f *testing.F) {
	for _, text := range []string{
		"a,\"b\"\n", "\"a", "a\"b\n\"", "\"a\"b,\"\n", "\"a\"\r\n\"b\"\r", "\"a\"\r\"\n", "\n\n\"\"\"", "\r\"\n", "\"a\r",
	} {
		f.Add(text)
	}
	last := func(text string) (last error) {
		parser := csv.NewReader(strings.NewReader(text))
		parser.FieldsPerRecord = -1
		for {
			_, err := parser.Read()
			if errors.Is(err, io.EOF) {
				return last
			}
			last = err
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		if got, want := bulk.OpenQuote(text), last(text) != nil && last(text+`"`) == nil; got != want {
			t.Errorf("%q: an open quote %t, want %t", text, got, want)
		}
	})
}

// TestLongLines refuses a line that no server would take, and goes on behind it.
func TestLongLines(t *testing.T) {
	t.Parallel()
	text := append([]byte("{"), bytes.Repeat([]byte("x"), contract.MaxBodyBytes+10)...)
	text = append(text, []byte("\n"+line("a.mp4", "a")+line("b.mp4", strings.Repeat("b", 300<<10)))...)
	got, err := read(t, &bulk.Manifest{Reader: bytes.NewReader(text)})
	if err != nil || len(got) != 3 {
		t.Fatalf("%d entries, %v", len(got), err)
	}
	if len(got[0].Violations) != 1 || got[0].Violations[0].Rule != "json" || len(got[0].Raw) > 4<<10 {
		t.Errorf("the long line: %v", got[0].Violations)
	}
	if len(got[1].Violations) != 0 || got[1].Line != 2 {
		t.Errorf("the line behind it: %+v", got[1])
	}
	if len(got[2].Violations) != 1 || got[2].Violations[0].Field != "title" {
		t.Errorf("a line longer than the buffer: %v", got[2].Violations)
	}
}

// FuzzManifest takes nothing that breaks the contract, and ends only for what the file is as a whole.
func FuzzManifest(f *testing.F) {
	f.Add([]byte(line("a.mp4", "a")+"\n{"), false)
	f.Add([]byte("title,input.object\na,b\n"), true)
	f.Fuzz(func(t *testing.T, text []byte, csv bool) {
		got, err := read(t, &bulk.Manifest{Reader: bytes.NewReader(text), CSV: csv})
		if _, form := errors.AsType[*bulk.FormError](err); err != nil && !form && !errors.Is(err, bulk.ErrEncoding) {
			t.Errorf("%q: %v", text, err)
		}
		for _, e := range got {
			if len(e.Violations) == 0 && len(contract.Validate(e.Request)) > 0 {
				t.Errorf("line %d of %q is taken", e.Line, text)
			}
		}
	})
}
