package main

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// longestLine bounds what one line of a terminal gets, in bytes. Servers and files can hold anything.
const longestLine = 4 << 10

// printable makes text from elsewhere harmless to a terminal: no control or formatting characters, no bytes that are
// not UTF-8, one line, not endless.
func printable(text string) string {
	cut := len(text) > longestLine
	if cut {
		end := longestLine
		for end > 0 && !utf8.RuneStart(text[end]) {
			end--
		}
		text = text[:end]
	}
	text = strings.Map(func(c rune) rune {
		switch {
		case c == '\t':
			return ' '
		case unicode.IsPrint(c):
			return c
		}
		return unicode.ReplacementChar
	}, text)
	if cut {
		text += "…"
	}
	return text
}
