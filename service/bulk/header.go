package bulk

import (
	"encoding/csv"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/vod-reproduction/vod/gen"
)

// column is one field of the request.
type column struct {
	at   int          // in a record
	path []string     // empty for a column without a name
	kind reflect.Kind // String, Int32 or Slice (of numbers)
}

// fields has the fields of a request by the names that columns can have.
var fields = func() map[string]column {
	all := map[string]column{}
	addFields(all, reflect.TypeFor[gen.DumpRequest](), nil)
	for _, short := range []string{"bucket", "location", "object"} {
		all[short] = all["input."+short]
	}
	return all
}()

// addFields adds those of a type below a path.
func addFields(all map[string]column, t reflect.Type, path []string) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		all[strings.Join(path, ".")] = column{path: path, kind: t.Kind()}
		return
	}
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		addFields(all, f.Type, append(slices.Clip(path), name))
	}
}

// columnOf finds the field that a column names.
func columnOf(name string) (column, bool) {
	c, ok := fields[columnName(name)]
	return c, ok
}

// columnName is how the name of a column is compared.
func columnName(cell string) string { return strings.ToLower(strings.TrimSpace(cell)) }

// columns are those of a header in a line that are fields, in the order of their paths.
func (t table) columns(header []string, line int64) ([]column, error) {
	if !utf8.ValidString(strings.Join(header, "")) {
		return nil, fmt.Errorf("line %d %w", line, ErrEncoding)
	}
	var columns []column
	seen := map[string]bool{}
	var unknown []string
	for i, name := range header {
		c, ok := columnOf(name)
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
	case len(seen) == 0:
		return nil, &FormError{
			Line: line, Reason: "no field of a request is named " + names,
			Next: "begin the table with a line that names columns after fields, such as bucket,object,title; " + otherLists,
		}
	case !t.ignore:
		return nil, &FormError{
			Line: line, Reason: "no field of a request is named " + names,
			Next: "name columns after fields, such as title, object or thumbnail.type; --ignore-columns leaves out all others",
		}
	default:
		t.notice("ignored columns: " + names)
	}
	return columns, nil
}

// heading is the header of a table, to recognize those of tables that were joined to it.
type heading struct {
	cells []string
	names map[string]bool // of its columns
	// object is the column of the objects, -1 where there is none.
	object int
}

func headingOf(cells []string, columns []column) heading {
	h := heading{cells: slices.Clone(cells), names: map[string]bool{}, object: -1}
	for _, cell := range cells {
		if notEmpty(cell) {
			h.names[columnName(cell)] = true
		}
	}
	for _, c := range columns {
		if isObject(c) {
			h.object = c.at
		}
	}
	return h
}

// again reports whether a record is a header too: it has the names of this one, in whatever order, or most of its cells
// name fields.
func (h *heading) again(record []string) bool {
	if h.object >= 0 && h.object < len(record) {
		cell := record[h.object]
		if _, field := columnOf(cell); !field && strings.ContainsAny(cell, "./") && !h.names[columnName(cell)] {
			return false // it is a key
		}
	}
	cells, known, names := 0, 0, map[string]bool{}
	for _, cell := range record {
		if !notEmpty(cell) {
			continue
		}
		cells++
		names[columnName(cell)] = true
		if _, ok := columnOf(cell); ok {
			known++
		}
	}
	return maps.Equal(names, h.names) || known > 1 && 2*known > cells
}

// next takes a record that is not one of the rows: the header of the next table, whose columns hold from here on, or the line
// above it that names its separator.
func (t table) next(h *heading, columns []column, record []string, line int64) ([]column, error) {
	if slices.EqualFunc(record, h.cells, func(a, b string) bool { return columnName(a) == columnName(b) }) || !h.again(record) {
		return columns, nil
	}
	columns, err := t.columns(record, line)
	if err != nil {
		return nil, err
	}
	*h = headingOf(record, columns)
	t.notice(fmt.Sprintf("line %d is the header of another table, whose columns are read by their own names", line))
	return columns, nil
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
