package bulk_test

import (
	"errors"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/text/encoding/htmlindex"

	"github.com/vod-reproduction/vod/gen"
	"github.com/vod-reproduction/vod/service/bulk"
)

// TestSpreadsheets reads tables as spreadsheets write them: with a line that names the separator, columns without a name,
// empty cells behind the last one, and blank records.
func TestSpreadsheets(t *testing.T) {
	t.Parallel()
	const refused = "refused"
	for name, c := range map[string]struct {
		text   string
		ignore bool
		want   string // objects, or refused
	}{
		"separator named":                 {text: "\r\nsep=;\r\ntitle;object\r\na;a.mp4\r\n", want: "4 a.mp4"},
		"separator of its own":            {text: "SEP=|\ntitle|object\na|a.mp4\n", want: "3 a.mp4"},
		"column without a name":           {text: "title,object,\na,a.mp4,\nb,b.mp4, \n", want: "2 a.mp4 3 b.mp4"},
		"something in it":                 {text: "title,object,\na,a.mp4,x\n", want: "2 " + refused},
		"something in it, to be left out": {text: "title,object,\na,a.mp4,x\n", ignore: true, want: "2 a.mp4"},
		"empty cells behind":              {text: "title,object\na,a.mp4,,\n", want: "2 a.mp4"},
		"a cell behind":                   {text: "title,object\na,a.mp4,,x\n", want: "2 " + refused},
		"blank records":                   {text: "title,object\n,\na,a.mp4\n   \n\"\",\" \"\n,,,\nb,b.mp4\n", want: "3 a.mp4 7 b.mp4"},
		"blanks around numbers":           {text: "title,object,category_id\na,a.mp4, 5 \n", want: "2 a.mp4"},
		"joined files":                    {text: "\ufeff\ufefftitle,object\na,a.mp4\n\ufeffb,b.mp4\n", want: "2 a.mp4 3 b.mp4"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			defaults := newDefaults(t, &gen.DumpRequest{Input: gen.FileAddr{Bucket: "media", Location: "cn-north-4"}})
			got, err := read(t, &bulk.Manifest{Reader: strings.NewReader(c.text), CSV: true, IgnoreColumns: c.ignore, Defaults: defaults})
			if err != nil {
				t.Fatal(err)
			}
			checkObjects(t, got, c.want, refused)
		})
	}
	if _, err := read(t, &bulk.Manifest{Reader: strings.NewReader(",,\na,b,c\n"), CSV: true}); err == nil {
		t.Error("a header without names is taken")
	}
}

func checkObjects(t *testing.T, got []bulk.Entry, want, refused string) {
	t.Helper()
	var all []string
	for _, e := range got {
		what := refused
		if len(e.Violations) == 0 {
			what = e.Request.Input.Object
			if !strings.HasPrefix(what, e.Request.Title) || strings.Contains(e.Request.Title, "\ufeff") {
				t.Errorf("%s has the title %q", what, e.Request.Title)
			}
		}
		all = append(all, strconv.FormatInt(e.Line, 10)+" "+what)
	}
	if text := strings.Join(all, " "); text != want {
		t.Errorf("%s, want %s", text, want)
	}
}

// TestJoinedLines leaves out the byte order marks of files that were joined.
func TestJoinedLines(t *testing.T) {
	t.Parallel()
	defaults := newDefaults(t, &gen.DumpRequest{Input: gen.FileAddr{Location: "cn-north-4"}})
	got, err := read(t, &bulk.Manifest{Reader: strings.NewReader("\ufeff" + line("a.mp4", "a") + "\ufeff" + line("b.mp4", "b") + "\ufeffobs://media/c.mp4"), Defaults: defaults})
	if err != nil {
		t.Fatal(err)
	}
	checkObjects(t, got, "1 a.mp4 2 b.mp4 3 c.mp4", "refused")
}

// TestOtherForms names what a file is that is no manifest, and takes nothing of it.
func TestOtherForms(t *testing.T) {
	t.Parallel()
	const table = "title,object\na,a.mp4\n"
	utf16 := func(name string) string {
		e, err := htmlindex.Get(name)
		if err != nil {
			t.Fatal(err)
		}
		text, err := e.NewEncoder().String(table)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	old := func(text string) string { return strings.ReplaceAll(text, "\n", "\r") }
	for name, c := range map[string]struct{ text, want string }{
		"UTF-16LE without a mark":      {utf16("utf-16le"), "utf-16le"},
		"UTF-16BE without a mark":      {utf16("utf-16be"), "utf-16be"},
		"gzip":                         {"\x1f\x8b\x08\x00\x00", "gzip"},
		"workbook":                     {"PK\x03\x04\x14\x00", "workbook"},
		"media":                        {"\x00\x00\x00\x18ftypmp42", "as media do"},
		"carriage returns, a table":    {old(table), "carriage returns"},
		"carriage returns, one column": {old("object\na.mp4\n"), "carriage returns"},
		"carriage returns, addresses":  {old("obs://media/a.mp4\nobs://media/b.mp4\n"), "carriage returns"},
		"carriage returns, bodies":     {old(line("a.mp4", "a") + line("b.mp4", "b")), "carriage returns"},
		"carriage returns, separator":  {old("sep=;\n" + table), "carriage returns"},
		"NUL in an address, line 1":    {"obs://media/a\x00.mp4\n", "NUL"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, csv := range []bool{false, true} {
				got, err := read(t, &bulk.Manifest{Reader: strings.NewReader(c.text), CSV: csv})
				_, form := errors.AsType[*bulk.FormError](err)
				if len(got) > 0 || !form && !errors.Is(err, bulk.ErrEncoding) || !strings.Contains(err.Error(), c.want) {
					t.Errorf("a table %t: %d entries, %v; want %s", csv, len(got), err, c.want)
				}
			}
		})
	}
	for name, c := range map[string]struct{ text, want string }{
		"keys":                   {"2026/a.mp4\n2026/b.mp4\n", "is neither a request body"},
		"a table without header": {"media\ta.mp4\n", "is neither a request body"},
		"addresses of S3":        {"s3://media/a.mp4\n", "is neither a request body"},
		"other fields":           {`{"Path":"a.mp4","Size":5,"IsDir":false}` + "\n", `no field of a request is named "Path", "Size", "IsDir"`},
	} {
		got, err := read(t, &bulk.Manifest{Reader: strings.NewReader(c.text)})
		if fault, ok := errors.AsType[*bulk.FormError](err); len(got) > 0 || !ok || fault.Line != 1 || !strings.Contains(fault.Reason, c.want) {
			t.Errorf("%s: %d entries, %v", name, len(got), err)
		}
	}
	for _, m := range []*bulk.Manifest{
		{Reader: strings.NewReader("title,object\na,a.mp4\nb\x00,b.mp4\n"), CSV: true},
		{Reader: strings.NewReader(line("a.mp4", "a") + "\nobs://media/b\x00.mp4\n")},
		{Reader: strings.NewReader(line("a.mp4", "a") + "\n" + strings.Replace(line("b.mp4", "b"), "b", "\x00", 1))},
	} {
		if got, err := read(t, m); len(got) != 1 || !errors.Is(err, bulk.ErrEncoding) || !strings.Contains(err.Error(), "line 3 ") {
			t.Errorf("NUL in line 3: %d entries, %v", len(got), err)
		}
	}
	for _, title := range []string{"\xd6\xd0\xce\xc4", "caf\xe9", "\xa4\xa4\xa4\xe5"} { // GBK, Windows-1252, Big5
		text := line("a.mp4", "a") + strings.Replace(line("b.mp4", "TITLE"), "TITLE", title, 1)
		if got, err := read(t, &bulk.Manifest{Reader: strings.NewReader(text)}); len(got) != 1 || !errors.Is(err, bulk.ErrEncoding) || !strings.Contains(err.Error(), "line 2 ") {
			t.Errorf("a body with %q: %d entries, %v", title, len(got), err)
		}
	}
	be, err := htmlindex.Get("utf-16be")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := read(t, &bulk.Manifest{Reader: strings.NewReader("\xff\xfet\x00"), CSV: true, Encoding: be}); !errors.Is(err, bulk.ErrEncoding) {
		t.Errorf("UTF-16 of the other byte order: %v", err)
	}
}
