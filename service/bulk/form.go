package bulk

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"iter"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/vod-reproduction/vod/contract"
)

// FormError is a manifest that cannot be read in the form that it has. Nothing of it is sent.
type FormError struct {
	// Line is where, counted from 1.
	Line int64
	// Reason says what is wrong there, and Next what to do about it.
	Reason, Next string
}

// Error returns line and reason.
func (e *FormError) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Reason) }

// form looks at the first line to find out how to read the manifest.
func (m *Manifest) form(r *bufio.Reader, name string) (func(*bufio.Reader) iter.Seq2[Entry, error], error) {
	first, above := firstLine(r)
	if indented := strings.TrimLeft(first, "\t "); isJSON(indented) || strings.HasPrefix(indented, addressScheme) {
		first = indented // and no table whose first column has no name
	}
	line, _, _ := strings.Cut(first, "\r")
	_, separated := separatorLine(line)
	given := m.CSV || separated
	isTable := given || !isJSON(line) && !strings.HasPrefix(line, addressScheme) && isHeader(line)
	if fault := otherForm(first, isTable); fault != nil {
		fault.Line = above + 1
		return nil, fault
	}
	if !isTable {
		return readLines, nil
	}
	notice := func(text string) {
		if m.Notice != nil {
			m.Notice(name + ": " + text)
		}
	}
	if !given {
		notice("read as a table, because its first line names fields")
	}
	return table{ignore: m.IgnoreColumns, notice: notice}.read, nil
}

// isJSON reports whether a line begins as JSON does, whatever its values hold.
func isJSON(line string) bool { return strings.HasPrefix(line, "{") || strings.HasPrefix(line, "[") }

// otherForm is what is wrong with a file whose first line shows that it is neither a table nor lines that can be read; nil
// when it may be.
func otherForm(first string, isTable bool) *FormError {
	_, _, returned := strings.Cut(first, "\r")
	switch {
	case strings.HasPrefix(first, "\x1f\x8b"):
		return &FormError{
			Reason: "is compressed with gzip, and a manifest is plain text",
			Next:   "decompress it: gunzip -c FILE | vod bulk -",
		}
	case strings.HasPrefix(first, "PK\x03\x04"):
		return &FormError{
			Reason: "is a ZIP archive or a workbook, and a manifest is plain text",
			Next:   "unpack it, or save the sheet of the workbook as CSV UTF-8",
		}
	case strings.ContainsRune(first, 0):
		return &FormError{
			Reason: "holds NUL bytes, as media do and text does not",
			Next:   "upload media first, with vod upload FILE obs://BUCKET/; a manifest names objects of a bucket",
		}
	case returned && (isTable || strings.Contains(first, "\robs://") || strings.Contains(first, "\r{")):
		return &FormError{
			Reason: "lines end in carriage returns alone, as old Macs wrote them",
			Next:   "convert it: tr '\\r' '\\n' < FILE > NEWFILE",
		}
	case isTable, first == "", !utf8.ValidString(first): // what the table has, nothing, or another encoding
		return nil
	case strings.HasPrefix(first, "["):
		return &FormError{
			Reason: "a JSON array begins here, where each line should be one request body",
			Next:   "convert it: jq -c '.[]' FILE > FILE.jsonl; " + otherLists,
		}
	case first == "{":
		return &FormError{
			Reason: "a request body spans several lines; each must be on one line",
			Next:   "convert it: jq -c . FILE > FILE.jsonl; " + otherLists,
		}
	case strings.HasPrefix(first, "{"):
		return foreignBody(first)
	case strings.HasPrefix(first, addressScheme):
		return nil
	}
	return &FormError{
		Reason: "is neither a request body, nor an address, obs://BUCKET/KEY, nor the header of a table",
		Next:   "for a list of keys: sed 's|^|obs://BUCKET/|' FILE > NEWFILE; " + otherLists,
	}
}

// otherLists is where a user finds how to make a manifest of what other programs write.
const otherLists = "vod help manifests has the lists of other programs"

// foreignBody refuses objects of JSON that have fields, but none of a request.
func foreignBody(line string) *FormError {
	var object map[string]json.RawMessage
	_ = json.Unmarshal([]byte(line), &object) // what is no JSON is a line that is refused
	var names []string
	_, found := contract.Decode([]byte(line))
	for _, v := range found {
		if _, ok := object[v.Field]; ok && v.Rule == "additionalProperties" {
			names = append(names, strconv.Quote(v.Field))
		}
	}
	if len(names) == 0 || len(names) < len(object) {
		return nil
	}
	return &FormError{
		Reason: "no field of a request is named " + strings.Join(names, ", "),
		Next:   `make request bodies of its fields: jq -c '{input: {bucket: "BUCKET", object: .KEY}}' FILE > NEWFILE; ` + otherLists,
	}
}

// firstLine looks at the first line that is not blank, without reading it. above is how many blank ones come before.
func firstLine(r *bufio.Reader) (text string, above int64) {
	for n := 1; ; {
		head, err := r.Peek(max(n, r.Buffered()))
		rest := bytes.TrimLeft(head, " \r\n")
		line, _, ended := bytes.Cut(rest, []byte("\n"))
		if ended || err != nil {
			return string(bytes.TrimRight(line, " \r")), int64(bytes.Count(head[:len(head)-len(rest)], []byte("\n")))
		}
		n = len(head) + 1
	}
}
