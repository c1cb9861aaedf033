package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/vod-reproduction/vod/gen/companions"
)

// boardRows is how many lines a board has at most: what scrolled off the screen could not be drawn anew.
const boardRows = 10

// board is the last lines of a terminal, which are drawn again and again. A nil board draws nothing.
type board struct {
	out  io.Writer
	rows int // that are drawn now
}

// newBoard returns nil where nobody would see a board.
func (s *session) newBoard() *board {
	if !s.live || s.options.json() || s.options.quiet {
		return nil
	}
	return &board{out: s.out}
}

// The words of a terminal that make a board of its last lines.
const (
	wrapOff, wrapOn = "\x1b[?7l", "\x1b[?7h" // a line that is cut off is still one line
	clearBelow      = "\r\x1b[J"
)

// draw puts lines where the last ones were. Nobody is left to tell when that fails.
func (b *board) draw(lines []string) {
	if b == nil {
		return
	}
	if more := len(lines) - boardRows; more > 0 {
		lines = slices.Concat(lines[:len(lines)-more-1], []string{fmt.Sprintf("and %d more", more+1)})
	}
	var text strings.Builder
	if b.rows > 0 {
		fmt.Fprintf(&text, "\x1b[%dA"+clearBelow, b.rows)
	}
	if b.rows = len(lines); b.rows > 0 {
		text.WriteString(wrapOff + strings.Join(lines, "\n") + wrapOn + "\n")
	}
	_, _ = io.WriteString(b.out, text.String())
}

// clear takes the board away, so that lines which stay can be printed.
func (b *board) clear() { b.draw(nil) }

// bars are the lines about the steps that assets are in.
func bars(infos []companions.AssetInfo) (lines []string) {
	for _, info := range infos {
		if info.BaseInfo == nil {
			continue
		}
		for _, step := range info.BaseInfo.Processing {
			if step.State == companions.StepStateRunning {
				lines = append(lines, strings.TrimRight(printable(fmt.Sprintf("%-10s %s  %s", step.Name, bar(step), titleOf(info))), " "))
			}
		}
	}
	return lines
}

// barWidth is how many characters a bar has.
const barWidth = 30

// bar draws how far a step is. A step that does not know has an empty bar.
func bar(step companions.ProcessingStep) string {
	done, known := share(step)
	text := " …   "
	if known {
		text = fmt.Sprintf("%3d %%", int(done*100))
	}
	full := int(done * barWidth)
	text = "[" + strings.Repeat("#", full) + strings.Repeat(".", barWidth-full) + "] " + text
	if total := valueOf(step.Total); total > 0 {
		text += fmt.Sprintf("  %d of %d bytes", valueOf(step.Bytes), total)
	}
	return text
}

// share is how much of a step is done, from 0 to 1: of its bytes where it counts them.
func share(step companions.ProcessingStep) (done float64, known bool) {
	if total := valueOf(step.Total); total > 0 {
		done, known = float64(valueOf(step.Bytes))/float64(total), true
	} else if step.Progress != nil {
		done, known = float64(*step.Progress)/100, true
	}
	return min(max(done, 0), 1), known
}

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
