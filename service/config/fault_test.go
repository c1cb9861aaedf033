package config

import (
	"strings"
	"testing"
)

// The line of a fault is found by few looks, also in a large file.
func TestBrokenLine(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a: b\n", maxFile/100)
	for text, want := range map[string]int{
		"a: {b\nc: d\n": 1, "a: \"b\nc: d\n": 1, "a: b\n c: d\n": 2, "a:\n  - b: c\n   d: e\nf: g\n": 3, "a: b\n\tc: d": 2,
		long + " c: d\n" + "a: b\n": maxFile/100 + 1,
	} {
		if got := brokenLine([]byte(text)); got != want {
			t.Errorf("%.40q is broken in line %d, want %d", text, got, want)
		}
	}
}
