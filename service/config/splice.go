package config

import (
	"bytes"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// yamlLine is a line as YAML counts them, with what ends it.
var yamlLine = regexp.MustCompile("(?s).*?(?:\r\n|\r|\n|\u0085|\u2028|\u2029)|.+$")

func linesOf(text []byte) []string { return yamlLine.FindAllString(string(text), -1) }

// insert writes an entry behind the last one of a list, of which the configuration has had a number before. It returns
// where that is, and why it is not possible.
func insert(text []byte, document *yaml.Node, field string, former int, entry string) (changed []byte, at ByHandError) {
	root, lines := document.Content[0], linesOf(text)
	key, list, next := fieldOf(root, field)
	at.Line = root.Line
	if root.Style&yaml.FlowStyle != 0 {
		at.Reason = "the file is one {} value"
		return nil, at
	}
	if key == nil {
		if former > 0 {
			at.Reason = field + " is merged from elsewhere by <<"
			return nil, at
		}
		at.Line = len(lines)
		indent := strings.Repeat(" ", root.Content[0].Column-1)
		return withLines(lines, len(lines), indent+field+":\n"+indented(entry, indent+"  ")), at
	}
	if at.Line = key.Line; list.Kind == yaml.AliasNode {
		at.Reason = field + " is an alias of another list"
		return nil, at
	}
	if former == 0 {
		return fill(lines, key, list, entry), at
	}
	if at.Reason = flow(list, field); at.Reason != "" {
		return nil, at
	}
	at.Line = list.Content[len(list.Content)-1].Line
	end := lastLine(lines, at.Line, endOf(lines, next), list.Column)
	return withLines(lines, end, indented(entry, strings.Repeat(" ", list.Column-1))), at
}

// fill writes the first entry of a list that is [] or null.
func fill(lines []string, key, list *yaml.Node, entry string) []byte {
	lines = slices.Clone(lines)
	line := lines[list.Line-1]
	for _, none := range []string{"[]", "null", "~"} {
		if at := min(list.Column-1, len(line)); list.Line == key.Line && strings.HasPrefix(line[at:], none) {
			lines[list.Line-1] = strings.TrimRight(line[:at], " ") + line[at+len(none):]
		}
	}
	return withLines(lines, key.Line, indented(entry, strings.Repeat(" ", key.Column+1)))
}

// cut takes an entry out of a list, with the comments inside of it. It returns where that is, and why it is not possible.
func cut(text []byte, document *yaml.Node, field string, i int) (changed []byte, at ByHandError) {
	root, lines := document.Content[0], linesOf(text)
	key, list, next := fieldOf(root, field)
	switch at.Line = root.Line; {
	case key == nil:
		at.Reason = field + " is merged from elsewhere by <<"
		return nil, at
	case list.Kind == yaml.AliasNode:
		at.Line, at.Reason = key.Line, field+" is an alias of another list"
		return nil, at
	}
	entry := list.Content[i]
	at.Line = entry.Line
	if at.Reason = flow(list, field); at.Reason != "" {
		return nil, at
	}
	if name := anchorIn(entry); name != "" {
		at.Reason = "the entry defines the anchor &" + name
		return nil, at
	}
	dash := func(n *yaml.Node) int { // the line of its dash, which may stand alone
		line := n.Line
		for line > list.Line && !strings.HasPrefix(lines[line-1], strings.Repeat(" ", list.Column-1)+"-") {
			line--
		}
		return line
	}
	end := endOf(lines, next)
	if i+1 < len(list.Content) {
		end = dash(list.Content[i+1]) - 1
	}
	first, last := dash(entry), lastLine(lines, entry.Line, end, list.Column)
	return []byte(strings.Join(slices.Delete(lines, first-1, last), "")), at
}

// fieldOf returns the key of a field of a mapping, its value, and the key behind it; nil where there is none.
func fieldOf(mapping *yaml.Node, field string) (key, value, next *yaml.Node) {
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == field {
			key, value = mapping.Content[i], mapping.Content[i+1]
			if i+2 < len(mapping.Content) {
				next = mapping.Content[i+2]
			}
			return key, value, next
		}
	}
	return nil, nil, nil
}

// flow returns why a list that is written with brackets cannot be changed by lines.
func flow(list *yaml.Node, field string) string {
	if list.Style&yaml.FlowStyle != 0 {
		return field + " is written with brackets, [ ]"
	}
	return ""
}

// anchorIn returns the first anchor in a node, or nothing.
func anchorIn(n *yaml.Node) string {
	if n.Kind == yaml.AliasNode || n.Anchor != "" {
		return n.Anchor
	}
	for _, inner := range n.Content {
		if name := anchorIn(inner); name != "" {
			return name
		}
	}
	return ""
}

// endOf returns the last line in front of a key, or of the document.
func endOf(lines []string, next *yaml.Node) int {
	if next != nil {
		return next.Line - 1
	}
	for i, line := range lines {
		if strings.HasPrefix(line, "...") {
			return i
		}
	}
	return len(lines)
}

// lastLine returns the last line of an entry, which begins in the line first and ends not behind end. Empty lines behind it,
// and comments that are not indented more than its dash in column, are not part of it.
func lastLine(lines []string, first, end, column int) int {
	last := end
	for last > first {
		if line := strings.TrimSpace(lines[last-1]); line != "" && line[0] != '#' {
			break
		}
		last--
	}
	for last < end {
		line := lines[last]
		if rest := strings.TrimLeft(line, " "); !strings.HasPrefix(rest, "#") || len(line)-len(rest) < column {
			break
		}
		last++
	}
	return last
}

// indented returns lines behind an indentation.
func indented(text, by string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString(by + line)
	}
	return b.String()
}

// withLines returns lines with more behind the first n, whose ends are those of the first line.
func withLines(lines []string, n int, more string) []byte {
	newline := "\n"
	if strings.HasSuffix(lines[0], "\r\n") {
		newline = "\r\n"
	}
	var b bytes.Buffer
	for _, line := range lines[:n] {
		b.WriteString(line)
	}
	if n > 0 && strings.TrimRight(lines[n-1], "\r\n\u0085\u2028\u2029") == lines[n-1] {
		b.WriteString(newline)
	}
	b.WriteString(strings.ReplaceAll(more, "\n", newline))
	for _, line := range lines[n:] {
		b.WriteString(line)
	}
	return b.Bytes()
}
