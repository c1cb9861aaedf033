package main

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/vod-reproduction/vod/gen/companions"
)

// boardRows is how many lines a board has at most: what scrolled off the screen could not be drawn anew.
const boardRows = 10

// board is the last lines of a terminal, which are drawn again and again. A nil board draws nothing.
type board struct {
	out   io.Writer
	rows  int // that are drawn now
	rates rates
}

// newBoard returns a board below the results; nil where nobody would see it.
func (s *session) newBoard() *board {
	if !s.live || s.options.json() || s.options.quiet {
		return nil
	}
	return &board{out: s.out, rates: rates{}}
}

// newMessageBoard returns a board below the messages, for a command whose results are read by a program; nil where nobody
// would see it.
func (s *session) newMessageBoard() *board {
	if !s.liveMessages || s.options.json() || s.options.quiet {
		return nil
	}
	return &board{out: s.err, rates: rates{}}
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
func (r rates) bars(infos []companions.AssetInfo, now time.Time) (lines []string) {
	for _, info := range infos {
		if info.BaseInfo == nil {
			continue
		}
		for _, step := range info.BaseInfo.Processing {
			if step.State == companions.StepStateRunning {
				text := r.bar(info.AssetID, step, now) + "  " + titleOf(info)
				lines = append(lines, strings.TrimRight(printable(text), " "))
			}
		}
	}
	return lines
}

// barWidth is how many characters a bar has: percent, rate and time must fit beside it into a terminal of 60 columns.
const barWidth = 15

// bar draws how far a step of an asset is, how fast, and how long it will take. A step that does not know has an empty bar.
func (r rates) bar(assetID string, step companions.ProcessingStep, now time.Time) string {
	done, known := share(step)
	total := valueOf(step.Total)
	pace := func(perSecond float64) string {
		if total == 0 {
			return ""
		}
		return strings.TrimPrefix(sizeOf(int64(perSecond*float64(total))), ", ") + "/s"
	}
	return r.line(assetID+" "+step.Name, step.Name, done, known, pace, now)
}

// line is a bar with percent, pace and time left. key names what it is about among the rates.
func (r rates) line(key, name string, done float64, known bool, pace func(perSecond float64) string, now time.Time) string {
	percent := " …   "
	if known {
		percent = fmt.Sprintf("%3d %%", int(done*100))
	}
	full := int(done * barWidth)
	text := fmt.Sprintf("%-9s [%s%s] %s", name, strings.Repeat("#", full), strings.Repeat(".", barWidth-full), percent)
	perSecond, left := r.of(key, done, now)
	if perSecond == 0 {
		return text
	}
	if speed := pace(perSecond); speed != "" {
		text += "  " + speed
	}
	if left > 0 {
		text += "  " + roughly(left) + " to go"
	}
	return text
}

// rates remember where steps were when they were first seen.
type rates map[string]sample

type sample struct {
	done float64 // from 0 to 1
	at   time.Time
}

// of returns which share of a step is done in a second, since it was first seen, and the time that the rest will take. It
// is 0 until that is known.
func (r rates) of(step string, done float64, now time.Time) (perSecond float64, left time.Duration) {
	first, ok := r[step]
	if !ok || done < first.done {
		r[step] = sample{done: done, at: now}
		return 0, 0
	}
	seconds := now.Sub(first.at).Seconds()
	if seconds <= 0 || done <= first.done {
		return 0, 0
	}
	perSecond = (done - first.done) / seconds
	return perSecond, time.Duration(math.Round((1-done)/perSecond)) * time.Second
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
