package pipeline

import (
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
)

// Players take subtitles for UTF-8. What is certain to be UTF-16 becomes that, and nothing else is guessed.
func TestSubtitlesInUTF8(t *testing.T) {
	t.Parallel()
	const text = "1\n00:00:01,000 --> 00:00:02,000\n第一 é 🎬\n"
	encoded := func(order unicode.Endianness, mark unicode.BOMPolicy) string {
		t.Helper()
		s, err := unicode.UTF16(order, mark).NewEncoder().String(text)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	gbk, err := simplifiedchinese.GB18030.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ content, want string }{
		"UTF-8":                        {text, text},
		"UTF-8 with a mark":            {"\ufeff" + text, text},
		"UTF-16, little-endian":        {encoded(unicode.LittleEndian, unicode.UseBOM), text},
		"UTF-16, big-endian":           {encoded(unicode.BigEndian, unicode.UseBOM), text},
		"little-endian without a mark": {encoded(unicode.LittleEndian, unicode.IgnoreBOM), text},
		"big-endian without a mark":    {encoded(unicode.BigEndian, unicode.IgnoreBOM), text},
		"GB18030":                      {gbk, gbk},
		"cut off":                      {"\xff\xfe1\x00\n", "1\ufffd"},
		"nothing":                      {"", ""},
	} {
		if got := string(inUTF8([]byte(c.content))); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
