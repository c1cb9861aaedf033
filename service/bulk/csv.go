package bulk

import (
	"bufio"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen"
)

// table is a manifest with a header.
type table struct {
	// ignore leaves out columns that are no fields.
	ignore bool
	// notice, if not nil, is called with what the header does not say plainly.
	notice func(string)
}

// read yields the records below a header that names the fields of the request by their paths, such as title,
// input.object or thumbnail.dots (numbers separated by blanks). Commas, semicolons or tabs separate the columns. An empty
// cell leaves the field out. Each record is turned into a JSON body, so that one contract judges all forms. A broken
// record is an entry with a violation; a quote that is not closed ends the table, because nobody can tell where the
// records behind it begin.
func (t table) read(r *bufio.Reader) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		first, above := firstLine(r)
		for range above {
			_, _ = r.ReadSlice('\n') // it was just looked at
		}
		comma, separated := separatorLine(first)
		if separated {
			_, _ = r.ReadSlice('\n')
			above++
		} else {
			comma = separatorOf(first)
		}
		reader := csv.NewReader(newQuotes(r, comma, above))
		reader.Comma = rune(comma)
		reader.ReuseRecord = true
		header, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			yield(Entry{}, headerError(err, above))
			return
		}
		columns, err := t.columns(header, above+1)
		if err != nil {
			yield(Entry{}, err)
			return
		}
		if name := separators[comma]; name != "" {
			t.notice("columns are separated by " + name)
		}
		for {
			record, err := reader.Read()
			if errors.Is(err, io.EOF) {
				return
			}
			if !slices.ContainsFunc(record, notEmpty) && (err == nil || errors.Is(err, csv.ErrFieldCount)) {
				continue // a blank line, as spreadsheets write it
			}
			entry, err := entryOf(reader, above, columns, record, err)
			if !yield(entry, err) || err != nil {
				return
			}
		}
	}
}

// separators has the words for those that a reader of the table would not expect.
var separators = map[byte]string{';': "semicolons", '\t': "tabs"}

// separatorOf returns what stands most often between the names of a header.
func separatorOf(header string) byte {
	counts := map[byte]int{}
	quoted := false
	for i := range len(header) {
		if header[i] == '"' {
			quoted = !quoted
		} else if !quoted {
			counts[header[i]]++
		}
	}
	comma := byte(',')
	for _, other := range []byte{';', '\t'} {
		if counts[other] > counts[comma] {
			comma = other
		}
	}
	return comma
}

// separatorLine reads the line that tells Excel what separates the columns, such as sep=; above the header.
func separatorLine(line string) (comma byte, ok bool) {
	const begin = "sep="
	if len(line) != len(begin)+1 || !strings.EqualFold(line[:len(begin)], begin) {
		return 0, false
	}
	comma = line[len(begin)]
	return comma, strings.IndexByte(",;|\t", comma) >= 0
}

// isHeader reports whether a line names a field of the request between separators.
func isHeader(line string) bool {
	for name := range strings.SplitSeq(line, string(rune(separatorOf(line)))) {
		if _, ok := columnOf(strings.Trim(strings.TrimSpace(name), `"`)); ok {
			return true
		}
	}
	return false
}

func headerError(err error, above int64) error {
	fault, ok := errors.AsType[*csv.ParseError](err)
	if !ok {
		return err
	}
	return &FormError{Line: above + int64(fault.Line), Reason: "the header: " + fault.Err.Error(), Next: "name the fields of the columns in the first line"}
}

// entryOf is an entry of a reader above whose first line there were others.
func entryOf(reader *csv.Reader, above int64, columns []column, record []string, err error) (Entry, error) {
	if errors.Is(err, csv.ErrFieldCount) && len(record) > reader.FieldsPerRecord && !slices.ContainsFunc(record[reader.FieldsPerRecord:], notEmpty) {
		err = nil
	}
	if err == nil {
		inTable, _ := reader.FieldPos(0)
		line := above + int64(inTable)
		record[0] = strings.TrimPrefix(record[0], string(byteOrderMark))
		if slices.ContainsFunc(record, isNoText) {
			return Entry{}, fmt.Errorf("line %d %w", line, ErrEncoding)
		}
		return Entry{Line: line, Raw: appendBody(nil, columns, record), Violations: unnamed(columns, record)}, nil
	}
	var fault *csv.ParseError
	if !errors.As(err, &fault) {
		return Entry{}, err
	}
	message := fault.Err.Error()
	if errors.Is(fault.Err, csv.ErrFieldCount) {
		message = fmt.Sprintf("has %d cells, and the header %d", len(record), reader.FieldsPerRecord)
	}
	return Entry{
		Line: above + int64(fault.StartLine), Raw: []byte(strings.Join(record, ",")),
		Violations: contract.Violations{{Rule: "csv", Message: message}},
	}, nil
}

// unnamed refuses a record with something in a column without a name.
func unnamed(columns []column, record []string) contract.Violations {
	for _, c := range columns {
		if len(c.path) == 0 && notEmpty(record[c.at]) {
			return contract.Violations{{Rule: "csv", Message: fmt.Sprintf("cell %d is in a column without a name; name it, or empty its cells", c.at+1)}}
		}
	}
	return nil
}

func notEmpty(cell string) bool { return strings.TrimSpace(cell) != "" }

// column is one field of the request.
type column struct {
	at   int          // in a record
	path []string     // empty for a column without a name
	kind reflect.Kind // String, Int32 or Slice (of numbers)
}

// shortNames are columns that can be named without the object that they are in.
var shortNames = map[string]string{"bucket": "input.bucket", "location": "input.location", "object": "input.object"}

// columnOf finds the field that a column names.
func columnOf(name string) (column, bool) {
	name = strings.ToLower(name)
	c := column{path: strings.Split(cmp.Or(shortNames[name], name), ".")}
	var ok bool
	c.kind, ok = kindOf(reflect.TypeFor[gen.DumpRequest](), c.path)
	return c, ok
}

// columns are those of a header in a line that are fields, in the order of their paths.
func (t table) columns(header []string, line int64) ([]column, error) {
	if !utf8.ValidString(strings.Join(header, "")) {
		return nil, fmt.Errorf("line %d %w", line, ErrEncoding)
	}
	var columns []column
	seen := map[string]bool{}
	var unknown []string
	for i, name := range header {
		c, ok := columnOf(strings.TrimSpace(name))
		path := strings.Join(c.path, ".")
		switch {
		case !notEmpty(name) && !t.ignore: // spreadsheets write one behind the last that was ever used
			columns = append(columns, column{at: i})
			continue
		case !ok:
			unknown = append(unknown, strconv.Quote(name))
			continue
		case seen[path]:
			return nil, &FormError{Line: line, Reason: "the header names " + path + " twice", Next: "leave out one of the columns"}
		}
		seen[path] = true
		c.at = i
		columns = append(columns, c)
	}
	slices.SortFunc(columns, func(a, b column) int { return slices.Compare(a.path, b.path) })
	if len(seen) == 0 && len(unknown) == 0 {
		unknown = []string{strconv.Quote("")}
	}
	switch names := strings.Join(unknown, ", "); {
	case len(unknown) == 0:
	case !t.ignore || len(seen) == 0:
		return nil, &FormError{
			Line: line, Reason: "no field of a request is named " + names,
			Next: "name columns after fields, such as title, object or thumbnail.type; --ignore-columns leaves out all others",
		}
	default:
		t.notice("ignored columns: " + names)
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

// appendBody writes the cells of a record as a request body. The columns of one object are beside each other.
func appendBody(b []byte, columns []column, record []string) []byte {
	var inside []string // the objects that are begun
	b = append(b, '{')
	for _, c := range columns {
		cell := record[c.at]
		if cell == "" || len(c.path) == 0 {
			continue
		}
		parents, name := c.path[:len(c.path)-1], c.path[len(c.path)-1]
		shared := 0
		for shared < min(len(inside), len(parents)) && inside[shared] == parents[shared] {
			shared++
		}
		for range inside[shared:] {
			b = append(b, '}')
		}
		for _, parent := range parents[shared:] {
			b = append(appendName(b, parent), '{')
		}
		inside = parents
		b = c.appendValue(appendName(b, name), cell)
	}
	for range inside {
		b = append(b, '}')
	}
	return append(b, '}')
}

func appendName(b []byte, name string) []byte {
	if b[len(b)-1] != '{' {
		b = append(b, ',')
	}
	return append(appendText(b, name), ':')
}

// appendValue writes a cell in the type of its field.
func (c column) appendValue(b []byte, cell string) []byte {
	switch c.kind {
	case reflect.Int32:
		return appendNumber(b, cell)
	case reflect.Slice:
		b = append(b, '[')
		for i, text := range strings.Fields(cell) {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendNumber(b, text)
		}
		return append(b, ']')
	}
	return appendText(b, cell)
}

// appendNumber leaves what is no number text, for the contract to refuse.
func appendNumber(b []byte, text string) []byte {
	text = strings.TrimSpace(text)
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return strconv.AppendInt(b, n, 10)
	}
	return appendText(b, text)
}

func appendText(b []byte, text string) []byte {
	b, err := jsontext.AppendQuote(b, text)
	if err != nil {
		panic(err) // the text is UTF-8
	}
	return b
}
