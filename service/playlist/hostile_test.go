package playlist_test

import (
	"errors"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/vod-reproduction/vod/service/playlist"
)

// FuzzParse never lets a name through that is more than a file in the playlist's directory or below it.
func FuzzParse(f *testing.F) {
	for _, file := range []string{"master.m3u8", "media.m3u8"} {
		text, err := os.ReadFile(filepath.Join("testdata", file))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte(begin + "#EXT-X-KEY:METHOD=NONE\n#EXTINF:0.5,x\n%2e.ts\n" + end))
	f.Add([]byte("#EXTM3U\r\n#EXT-X-STREAM-INF:BANDWIDTH=1,CODECS=\"a,b\",RESOLUTION=1x2\r\n..\r\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		list, err := playlist.Parse(strings.NewReader(string(text)))
		if err != nil {
			fault, ok := errors.AsType[*playlist.Error](err)
			if !ok || fault.Reason == "" || fault.Line < 0 || !utf8.ValidString(err.Error()) || strings.ContainsFunc(err.Error(), unicode.IsControl) {
				t.Errorf("%q: error %q", text, err)
			}
			return
		}
		if (list.Master == nil) == (list.Media == nil) {
			t.Fatalf("%q gave %+v", text, list)
		}
		if list.Master != nil {
			for _, v := range list.Master.Variants {
				checkPlain(t, v.Name)
				if v.Bandwidth > list.Master.Best().Bandwidth || v.Bandwidth < 0 {
					t.Errorf("%q: best of %+v", text, list.Master.Variants)
				}
			}
			return
		}
		var total time.Duration
		for _, s := range list.Media.Segments {
			checkPlain(t, s.Name)
			if path.Ext(strings.ToLower(s.Name)) != ".ts" || s.Duration < 0 || s.Duration > playlist.MaxDuration {
				t.Errorf("%q: segment %+v", text, s)
			}
			total += s.Duration
		}
		if total != list.Media.Total || total <= 0 || len(list.Media.Segments) == 0 {
			t.Errorf("%q: %d segments last %v, not %v", text, len(list.Media.Segments), total, list.Media.Total)
		}
	})
}

func checkPlain(t *testing.T, name string) {
	t.Helper()
	if path.Clean(name) != name || !filepath.IsLocal(name) || name == "." || len(name) > playlist.MaxName ||
		strings.ContainsAny(name, `:\%?#`) || strings.Contains("/"+name, "/.") || strings.ContainsFunc(name, unicode.IsControl) || !utf8.ValidString(name) {
		t.Errorf("the name %q is let through", name)
	}
}

// endless repeats a line for ever and counts what is read.
type endless struct {
	line string
	read int
}

func (e *endless) Read(b []byte) (int, error) {
	n := 0
	for n < len(b) {
		n += copy(b[n:], e.line[(e.read+n)%len(e.line):])
	}
	e.read += n
	return n, nil
}

// TestEndless stops reading soon behind the limit.
func TestEndless(t *testing.T) {
	t.Parallel()
	for _, line := range []string{"\n", "# comment\n", "#EXT-X-DISCONTINUITY\n", "#EXTINF:1,\na.ts\n", "x", "#EXT-X-STREAM-INF:BANDWIDTH=1\na\n"} {
		source := &endless{line: line}
		_, err := playlist.Parse(io.MultiReader(strings.NewReader("#EXTM3U\n"), source))
		if _, ok := errors.AsType[*playlist.Error](err); !ok || source.read > playlist.MaxSize+2*playlist.MaxLine {
			t.Errorf("%q: read %d bytes, %v", line, source.read, err)
		}
	}
}

// BenchmarkMillionLines refuses a list of a million segments at the first one too many.
func BenchmarkMillionLines(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		list := io.LimitReader(&endless{line: "#EXTINF:1,\na.ts\n"}, 16_000_000)
		if _, err := playlist.Parse(io.MultiReader(strings.NewReader(begin), list)); err == nil {
			b.Fatal("taken")
		}
	}
}

// BenchmarkMillionComments reads as much as one playlist can make it read.
func BenchmarkMillionComments(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := playlist.Parse(io.MultiReader(strings.NewReader(begin), &endless{line: "# x\n"})); err == nil {
			b.Fatal("taken")
		}
	}
}

// A playlist of 4 MB whose variable would make terabytes of one name, or gigabytes of many.
func TestReferencesOfVariables(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct{ value, name int }{"one name": {1 << 21, 1 << 19}, "a long value": {1 << 21, 1}, "many names": {1000, 1}} {
		const head, tail = "#EXTM3U\n#EXT-X-DEFINE:NAME=\"x\",VALUE=\"", "\"\n"
		text := head + strings.Repeat("v", c.value) + tail
		name := strings.Repeat("{$x}", c.name) + "\n"
		text += strings.Repeat(name, (playlist.MaxSize-len(text))/len(name))
		names, err := playlist.References(strings.NewReader(text))
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		total := 0
		for _, n := range names {
			total += len(n)
		}
		if total > 3*playlist.MaxSize {
			t.Errorf("%s: %d bytes in %d names", what, total, len(names))
		}
	}
}
