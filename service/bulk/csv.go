package bulk

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen"
)

// readCSV yields the records below a header that names the fields of the request by their paths, such as title,
// input.object or thumbnail.dots (numbers separated by blanks). An empty cell leaves the field out. Each record is
// turned into a JSON body, so that one contract judges both forms. A broken record is an entry with a violation; a quote
// that is not closed ends the table, because nobody can tell where the records behind it begin.
func readCSV(r *bufio.Reader) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		reader := csv.NewReader(newQuotes(r))
		reader.ReuseRecord = true
		header, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			yield(Entry{}, fmt.Errorf("the header: %w", err))
			return
		}
		if !utf8.ValidString(strings.Join(header, "")) {
			yield(Entry{}, fmt.Errorf("line 1 %w", ErrEncoding))
			return
		}
		columns, err := columnsOf(header)
		if err != nil {
			yield(Entry{}, err)
			return
		}
		for {
			record, err := reader.Read()
			if errors.Is(err, io.EOF) {
				return
			}
			entry, err := entryOf(reader, columns, record, err)
			if !yield(entry, err) || err != nil {
				return
			}
		}
	}
}

func entryOf(reader *csv.Reader, columns []column, record []string, err error) (Entry, error) {
	if err == nil {
		line, _ := reader.FieldPos(0)
		if !utf8.ValidString(strings.Join(record, "")) {
			return Entry{}, fmt.Errorf("line %d %w", line, ErrEncoding)
		}
		raw, err := json.Marshal(bodyOf(columns, record))
		return Entry{Line: int64(line), Raw: raw}, err
	}
	var fault *csv.ParseError
	if !errors.As(err, &fault) {
		return Entry{}, err
	}
	return Entry{
		Line: int64(fault.StartLine), Raw: []byte(strings.Join(record, ",")),
		Violations: contract.Violations{{Rule: "csv", Message: fault.Err.Error()}},
	}, nil
}

// column is one field of the request.
type column struct {
	path []string
	kind reflect.Kind // String, Int32 or Slice (of numbers)
}

func columnsOf(header []string) ([]column, error) {
	columns := make([]column, len(header))
	seen := map[string]bool{}
	for i, name := range header {
		name = strings.TrimSpace(name)
		c := column{path: strings.Split(name, ".")}
		var ok bool
		if c.kind, ok = kindOf(reflect.TypeFor[gen.DumpRequest](), c.path); !ok {
			return nil, fmt.Errorf("column %d of the header is %q, which is no field of a request; "+
				"fields are named by their paths, such as title or input.object", i+1, name)
		}
		if seen[name] {
			return nil, fmt.Errorf("the header names %s twice", name)
		}
		seen[name] = true
		columns[i] = c
	}
	return columns, nil
}

// kindOf finds the field of t that path names.
func kindOf(t reflect.Type, path []string) (reflect.Kind, bool) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if len(path) == 0 {
		return t.Kind(), t.Kind() != reflect.Struct
	}
	if t.Kind() != reflect.Struct {
		return 0, false
	}
	for i := range t.NumField() {
		f := t.Field(i)
		if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name == path[0] {
			return kindOf(f.Type, path[1:])
		}
	}
	return 0, false
}

// bodyOf nests the cells of a record.
func bodyOf(columns []column, record []string) map[string]any {
	body := map[string]any{}
	for i, c := range columns {
		if record[i] == "" {
			continue
		}
		at := body
		for _, name := range c.path[:len(c.path)-1] {
			inner, ok := at[name].(map[string]any)
			if !ok {
				inner = map[string]any{}
				at[name] = inner
			}
			at = inner
		}
		at[c.path[len(c.path)-1]] = c.value(record[i])
	}
	return body
}

// value converts a cell to the type of its field. What is no number stays text, for the contract to refuse.
func (c column) value(cell string) any {
	switch c.kind {
	case reflect.Int32:
		return numeral(cell)
	case reflect.Slice:
		list := []any{}
		for _, text := range strings.Fields(cell) {
			list = append(list, numeral(text))
		}
		return list
	}
	return cell
}

func numeral(text string) any {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n
	}
	return text
}

// maxRecord bounds a record of a table, in bytes: far more than the longest request needs.
const maxRecord = 1 << 20

// quotes is a table on its way to a parser that would take in all that is left of it to find the end of a quote. It
// follows the quoting by the parser's own rules (encoding/csv, not lazy), and ends in an error where a quote is not
// closed in time.
type quotes struct {
	source *bufio.Reader
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

func newQuotes(source *bufio.Reader) *quotes { return &quotes{source: source, line: 1} }

func (q *quotes) Read(p []byte) (int, error) {
	if q.err != nil {
		return 0, q.err
	}
	n, err := q.source.Read(p)
	for i, c := range p[:n] {
		if q.follow(c); q.length > maxRecord {
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
		case c == ',':
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
		case ',':
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
	return fmt.Errorf("line %d: the record is longer than %s; check that this is a table", q.line, within)
}

func (q *quotes) unclosed(where string) error {
	return fmt.Errorf("line %d: the quote that opens here is not closed %s; close it, or double a quote that belongs to the text", q.opened, where)
}
