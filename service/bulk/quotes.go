package bulk

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// maxRecord bounds a record of a table, in bytes: far more than the longest request needs.
const maxRecord = 1 << 20

// quotes is a table on its way to a parser that would take in all that is left of it to find the end of a quote. It
// follows the quoting by the parser's own rules (encoding/csv, not lazy), and ends in an error where a quote is not
// closed in time.
type quotes struct {
	source *bufio.Reader
	comma  byte
	state  quoting
	line   int64 // counted from 1
	opened int64 // the line of the last quote that was opened
	length int   // of the record so far
	err    error
}

type quoting int

const (
	fieldBegins quoting = iota
	plainField
	quotedField
	quoteInQuoted  // closes the field, or is the first of two
	returnInQuoted // a carriage return behind such a quote
	restOfLine     // the record is broken, and the parser goes on behind the line
)

// newQuotes follows a table that begins below a number of lines.
func newQuotes(source *bufio.Reader, comma byte, above int64) *quotes {
	return &quotes{source: source, comma: comma, line: above + 1}
}

func (q *quotes) Read(p []byte) (int, error) {
	if q.err != nil {
		return 0, q.err
	}
	n, err := q.source.Read(p)
	for i := 0; i < n; i++ {
		if q.length == 0 && p[i] == byteOrderMark[0] {
			if n = q.unmark(p, i, n); i == n {
				break
			}
		}
		if q.follow(p[i]); q.length > maxRecord {
			q.err = q.tooLong()
			return i, q.err
		}
	}
	if errors.Is(err, io.EOF) && q.state == quotedField {
		err = q.unclosed("before the end of the file")
	}
	q.err = err
	return n, err
}

// unmark takes out the byte order marks at i of the n bytes in p, where a file begins that was joined to others. It returns
// how many bytes are left.
func (q *quotes) unmark(p []byte, i, n int) int {
	for bytes.HasPrefix(p[i:n], byteOrderMark) {
		n -= len(byteOrderMark)
		copy(p[i:n], p[i+len(byteOrderMark):])
	}
	if cut := p[i:n]; 0 < len(cut) && bytes.HasPrefix(byteOrderMark, cut) {
		rest := byteOrderMark[len(cut):]
		if next, _ := q.source.Peek(len(rest)); bytes.Equal(next, rest) {
			_, _ = q.source.Discard(len(rest)) // it was just seen
			n = i
		}
	}
	return n
}

func (q *quotes) follow(c byte) {
	q.length++
	if c == '\n' {
		q.line++
		if q.state != quotedField {
			q.state, q.length = fieldBegins, 0
		}
		return
	}
	switch q.state {
	case fieldBegins, plainField:
		switch {
		case c == q.comma:
			q.state = fieldBegins
		case c == '"' && q.state == fieldBegins:
			q.state, q.opened = quotedField, q.line
		case c == '"':
			q.state = restOfLine
		default:
			q.state = plainField
		}
	case quotedField:
		if c == '"' {
			q.state = quoteInQuoted
		}
	case quoteInQuoted:
		switch c {
		case '"':
			q.state = quotedField
		case q.comma:
			q.state = fieldBegins
		case '\r':
			q.state = returnInQuoted
		default:
			q.state = restOfLine
		}
	case returnInQuoted:
		q.state = restOfLine
	}
}

func (q *quotes) tooLong() error {
	within := fmt.Sprintf("%d MB", maxRecord>>20)
	if q.state == quotedField {
		return q.unclosed("within " + within)
	}
	return &FormError{Line: q.line, Reason: "the record is longer than " + within, Next: "check that this is a table"}
}

func (q *quotes) unclosed(where string) error {
	return &FormError{
		Line: q.opened, Reason: "the quote that opens here is not closed " + where,
		Next: "close the quote, or double it where it belongs to the text",
	}
}
