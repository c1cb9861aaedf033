package main

import (
	"testing"
	"unicode"
	"unicode/utf8"
)

// Whatever a server or a file holds, a terminal gets one short line of visible characters.
func FuzzPrintable(f *testing.F) {
	for _, seed := range []string{"", "plain", "one\ntwo\r\x00\x1b[2J", "\u202eevil", "\xff\xfe", "日本語", "tab\there"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := printable(text)
		if !utf8.ValidString(got) {
			t.Errorf("%q gives %q, which is not UTF-8", text, got)
		}
		for _, c := range got {
			if !unicode.IsPrint(c) {
				t.Errorf("%q gives %q, which has %q", text, got, c)
			}
		}
		if limit := 3*longestLine + len("…"); len(got) > limit {
			t.Errorf("%d bytes give %d, more than %d", len(text), len(got), limit)
		}
	})
}
