package yamlline_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/vod-reproduction/vod/service/yamlline"
)

func TestBroken(t *testing.T) {
	t.Parallel()
	const (
		flow = "x: {a: b,\n c: d}\ny: [a,\n b,\n c]\nz: 'a\n b'\n"
		many = 10_000
	)
	entries := strings.Repeat("a: b\n", many)
	objects := strings.Repeat("  {\"a\": 1},\n", many)
	for _, test := range []struct {
		name, text string
		want       int
	}{
		{"nothing", "", 0},
		{"YAML", flow, 0},
		{"two documents", "a: b\n---\nc: d\n", 0},
		{"an open mapping", "a: {b\nc: d\n", 1},
		{"an open list below others", "a: b\n\nb: [1, 2\n\nc: 3\n", 3},
		{"an open quote", "a: \"b\nc: d\n", 1},
		{"an open quote below others", "a: b\nb: 'c\nc: d\n", 2},
		{"deeper indentation", "a: b\n c: d\n", 2},
		{"indentation between two", "a:\n  - b: c\n   d: e\nf: g\n", 3},
		{"a tab", "a: b\n\tc: d", 2},
		{"no colon", "a: b\nfoo\nc: d\nd: e\n", 2},
		{"a brace of no mapping", "a: b\n}\nc: d\n", 2},
		{"an entry of no list", "a: b\n- c\nd: e\n", 2},
		{"text behind a quote", "a: b\nb: 'it's'\ne: f\n", 2},
		{"a reserved character", "a: @x\nb: c\n", 1},
		{"comments in front", "a: b\n# c\n\n# d\n}\n", 5},
		{"comments behind", "a: b\n}\n# c\n\n# d\n", 2},
		{"the second document", "a: b\n---\nc: d\n e: f\n", 4},
		{"lines that end as on Windows", "a: b\r\n c: d\r\n", 2},
		{"flows above", flow + "v: 1\n w: 2\nu: 3\n", 9},
		{"a flow right above", flow + " w: 2\nu: 3\n", 8},
		{"many lines above", entries + " c: d\na: b\n", many + 1},
		{"many lines around", entries + " c: d\n" + entries, many + 1},
		{"many lines in a flow above", "x: [\n" + strings.Repeat(" a,\n", many) + "]\ny: 1\n z: 2\n", many + 4},
		{"JSON without a comma", "{\n \"x\": 1,\n \"a\": {\n  \"b\": 1\n  \"c\": 2\n }\n}\n", 5},
		{"a list of JSON without a comma", "[\n\"a\"\n\n\"b\"\n]\n", 4},
		{"JSON with another bracket", "{\n\"a\": 1\n\n]\n", 4},
		{"JSON without a colon", "{\n \"a\": 1,\n \"b\" 2,\n \"c\": 3\n}\n", 3},
		{"JSON with an open quote", "{\n \"a\": 1,\n \"b\": \"x,\n \"c\": 3\n}\n", 3},
		{"JSON that ends early", "{\n \"a\": [1,\n  2\n\n", 3},
		{"many lines of JSON", "[\n" + objects + "  {\"a\" 1},\n" + objects + "  {}\n]\n", many + 2},
	} {
		t.Run(strings.ReplaceAll(test.name, " ", "_"), func(t *testing.T) {
			t.Parallel()
			if got := yamlline.Broken([]byte(test.text)); got != test.want {
				t.Errorf("%s is broken in line %d, want %d", fmt.Sprintf("%.60q", test.text), got, test.want)
			}
		})
	}
}

// What never ends in a long text is looked for in bounded time; its line is one of the text.
func TestBrokenIsBounded(t *testing.T) {
	t.Parallel()
	lines := strings.Repeat("a: b\n", 100_000)
	for _, text := range []string{"x: [\n" + lines, "x: \"\n" + lines, lines + "x: {\n" + lines, "{\n" + lines} {
		if got := yamlline.Broken([]byte(text)); got < 1 || got > strings.Count(text, "\n")+1 {
			t.Errorf("%.20q is broken in line %d", text, got)
		}
	}
}
