// Package yamlline finds the line in which a text stops being YAML. The decoder names where it gave up, or where the
// mapping or list around that begins, which may be far above.
package yamlline

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"regexp"
	"strconv"

	"go.yaml.in/yaml/v3"
)

// maxBytes bounds how much is decoded to look for one line: reading a beginning costs as much as it is long.
const maxBytes = 16 << 20

// Broken returns the line, counted from 1, in which a text that is not YAML breaks, and 0 for one that is YAML. A quote, list
// or mapping that never ends breaks where it begins. The texts may be JSON, and have more than one document.
func Broken(text []byte) int {
	read := &lineReader{text: text}
	err := decode(read)
	if err == nil {
		return 0
	}
	last := lineAt(text, read.offset-1)
	named := 0
	if found := numbered.FindStringSubmatch(err.Error()); found != nil {
		named, _ = strconv.Atoi(found[1]) // digits
	}
	if named > last { // behind the end, for what began in the first line
		named = 0
	}
	if line := brokenJSON(text); line > 0 && line >= named {
		return line
	}
	return max(brokenYAML(text[:read.offset]), named, 1)
}

var (
	numbered = regexp.MustCompile(`^yaml: line ([0-9]+): `)
	jsonHead = regexp.MustCompile(`^\s*(\{\s*"|\[\s*["{\[])`)
)

// brokenJSON returns the line in which a text that begins as JSON breaks, 0 for any other.
func brokenJSON(text []byte) int {
	var broken *json.SyntaxError
	if !jsonHead.Match(text) || !errors.As(json.Unmarshal(text, new(json.RawMessage)), &broken) {
		return 0
	}
	return lineAt(text, min(int(broken.Offset), len(bytes.TrimRight(text, " \t\r\n")))-1)
}

// brokenYAML returns the line behind the longest beginning that is YAML, 0 if it would take too long to find. The decoder
// reads few tokens further than to where the text breaks, so that it is near the end of what was read.
func brokenYAML(read []byte) int {
	first := len(read) // where the line behind the beginning begins
	for end, budget := len(read), maxBytes; budget > 0; budget -= end {
		end = bytes.LastIndexByte(read[:max(end-1, 0)], '\n') + 1
		line, _, _ := bytes.Cut(read[end:], []byte("\n"))
		if line = bytes.TrimSpace(line); len(line) == 0 || line[0] == '#' {
			if end > 0 {
				continue
			}
		} else {
			first = end
		}
		if end == 0 || decode(bytes.NewReader(read[:end])) == nil {
			return lineAt(read, first)
		}
	}
	return 0
}

// lineAt returns the line of a byte.
func lineAt(text []byte, offset int) int {
	return 1 + bytes.Count(text[:min(max(offset, 0), len(text))], []byte("\n"))
}

// decode reads all documents of a text.
func decode(text io.Reader) error {
	decoder := yaml.NewDecoder(text)
	for {
		err := decoder.Decode(new(yaml.Node))
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// lineReader returns at most one line at a time, to know how far the decoder came.
type lineReader struct {
	text   []byte
	offset int
}

func (r *lineReader) Read(p []byte) (int, error) {
	rest := r.text[r.offset:]
	if len(rest) == 0 {
		return 0, io.EOF
	}
	if end := bytes.IndexByte(rest, '\n'); end >= 0 {
		rest = rest[:end+1]
	}
	n := copy(p, rest)
	r.offset += n
	return n, nil
}
