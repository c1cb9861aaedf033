package bulk

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/vod-reproduction/vod/contract"
)

// table is a manifest with a header.
type table struct {
	// ignore leaves out columns that are no fields.
	ignore bool
	// notice is called with what the header does not say plainly.
	notice func(string)
}

// read yields the records below a header that names the fields of the request by their paths, such as title,
// input.object or thumbnail.dots (numbers separated by blanks). Commas, semicolons or tabs separate the columns. Tables may
// have been joined: another header holds from its line on. An empty cell leaves the field out. Each record is turned into a
// JSON body, so that one contract judges all forms. A broken record is an entry with a violation; a quote that is not closed
// ends the table, because nobody can tell where the records behind it begin.
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
		names := headingOf(header, columns)
		for {
			record, err := reader.Read()
			complete := err == nil || errors.Is(err, csv.ErrFieldCount)
			switch {
			case errors.Is(err, io.EOF):
				return
			case complete && !slices.ContainsFunc(record, notEmpty): // a blank line, as spreadsheets write it
				continue
			case complete && (names.again(record) || isSeparator(record, comma)):
				at, _ := reader.FieldPos(0)
				if columns, err = t.next(&names, columns, record, above+int64(at)); err != nil {
					yield(Entry{}, err)
					return
				}
				reader.FieldsPerRecord = len(names.cells)
				continue
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

// isSeparator reports whether a record is such a line above a table that was joined to this one.
func isSeparator(record []string, comma byte) bool {
	if len(record) > 2 || len(record[0]) < len("sep=") || !strings.EqualFold(record[0][:len("sep=")], "sep=") {
		return false
	}
	named, ok := separatorLine(strings.Join(record, string(rune(comma))))
	return ok && named == comma
}

// entryOf is an entry of a reader above whose first line there were others.
func entryOf(reader *csv.Reader, above int64, columns []column, record []string, err error) (Entry, error) {
	if errors.Is(err, csv.ErrFieldCount) && len(record) > reader.FieldsPerRecord && !slices.ContainsFunc(record[reader.FieldsPerRecord:], notEmpty) {
		err = nil
	}
	if err == nil {
		inTable, _ := reader.FieldPos(0)
		line := above + int64(inTable)
		if slices.ContainsFunc(record, func(cell string) bool { return isNoText([]byte(cell)) }) {
			return Entry{}, fmt.Errorf("line %d %w", line, ErrEncoding)
		}
		columns, record, violations := withAddress(columns, record)
		return Entry{Line: line, Raw: appendBody(nil, columns, record), Violations: append(violations, unnamed(columns, record)...)}, nil
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

// withAddress takes the address of an object in the column of its key apart, into bucket and key.
func withAddress(columns []column, record []string) ([]column, []string, contract.Violations) {
	i := slices.IndexFunc(columns, isObject)
	if i < 0 {
		return columns, record, nil
	}
	cell := &record[columns[i].at]
	address, ok := strings.CutPrefix(*cell, addressScheme)
	if !ok {
		return columns, record, nil
	}
	bucket, key, fault := splitAddress(address)
	if fault != nil {
		return columns, record, fault
	}
	*cell = key
	if b := slices.IndexFunc(columns, isBucket); b >= 0 {
		named := &record[columns[b].at]
		if *named != "" && *named != bucket {
			return columns, record, contract.Violations{{
				Field: "input.bucket", Rule: "address", Message: fmt.Sprintf("is %q, and the address of the object names %q; leave out one of them", *named, bucket),
			}}
		}
		*named = bucket
		return columns, record, nil
	}
	named := fields["bucket"]
	named.at = len(record)
	return slices.Insert(slices.Clone(columns), i, named), append(record, bucket), nil
}

func isObject(c column) bool { return slices.Equal(c.path, fields["object"].path) }

func isBucket(c column) bool { return slices.Equal(c.path, fields["bucket"].path) }

// unnamed refuses a record with something in a column without a name.
func unnamed(columns []column, record []string) contract.Violations {
	for _, c := range columns {
		if len(c.path) == 0 && notEmpty(record[c.at]) {
			return contract.Violations{{Rule: "csv", Message: fmt.Sprintf("cell %d is in a column without a name; name it, empty its cells, or give --ignore-columns", c.at+1)}}
		}
	}
	return nil
}

func notEmpty(cell string) bool { return strings.TrimSpace(cell) != "" }

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
