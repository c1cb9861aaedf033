package config

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Error is everything that is wrong with a configuration. None of its texts holds a secret.
type Error struct {
	// Path of the file; empty when the settings do not come from one.
	Path   string
	Faults []Fault
}

// Fault is one thing that is wrong, and what would be right instead.
type Fault struct {
	// Line of the file, counted from 1; 0 when there is none to name.
	Line int
	// Text is one line: the path of the field, such as template_groups[0].format, and what is expected there.
	Text string
}

// Error returns all faults in one line.
func (e *Error) Error() string {
	return "configuration: " + strings.Join(e.Lines(), "; ")
}

// Lines returns a line for each fault, as FILE:LINE: FIELD: TEXT.
func (e *Error) Lines() []string {
	lines := make([]string, len(e.Faults))
	for i, f := range e.Faults {
		switch {
		case f.Line > 0:
			lines[i] = fmt.Sprintf("%s:%d: %s", e.Path, f.Line, f.Text)
		case e.Path != "":
			lines[i] = e.Path + ": " + f.Text
		default:
			lines[i] = f.Text
		}
	}
	return lines
}

// inspection compares the nodes of a file with the types that they are decoded into, so that every fault is named with
// its line and with what is allowed in its place: the decoder names Go's types instead, and quotes what it read.
type inspection struct {
	faults []Fault
	// seen keeps aliases from being followed more than once.
	seen map[seenNode]bool
}

type seenNode struct {
	node *yaml.Node
	as   reflect.Type
}

func (in *inspection) fault(node *yaml.Node, path, format string, args ...any) {
	if path != "" {
		path += ": "
	}
	in.faults = append(in.faults, Fault{Line: node.Line, Text: path + fmt.Sprintf(format, args...)})
}

func (in *inspection) inspect(node *yaml.Node, as reflect.Type, path string) {
	if node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	if in.seen[seenNode{node, as}] || node.ShortTag() == "!!null" {
		return
	}
	in.seen[seenNode{node, as}] = true
	switch as.Kind() {
	case reflect.Pointer:
		in.inspect(node, as.Elem(), path)
	case reflect.Struct:
		in.inspectStruct(node, as, path)
	case reflect.Slice:
		if node.Kind != yaml.SequenceNode {
			in.fault(node, path, "must be a list, each entry on a line that begins with a dash")
			return
		}
		for i, entry := range node.Content {
			in.inspect(entry, as.Elem(), fmt.Sprintf("%s[%d]", path, i))
		}
	default:
		if node.Kind != yaml.ScalarNode || node.Decode(reflect.New(as).Interface()) != nil {
			in.fault(node, path, "must be %s", plainly(as.Kind()))
		}
	}
}

func (in *inspection) inspectStruct(node *yaml.Node, as reflect.Type, path string) {
	names, types := fieldsOf(as)
	if node.Kind != yaml.MappingNode {
		in.fault(node, path, "must have fields, as NAME: VALUE; allowed are %s", strings.Join(names, ", "))
		return
	}
	first := map[string]int{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		known, ok := types[key.Value]
		switch {
		case key.ShortTag() == "!!merge": // left to the decoder
		case !ok:
			in.fault(key, path, "there is no field %q; allowed here are %s", key.Value, strings.Join(names, ", "))
		case first[key.Value] > 0:
			in.fault(key, join(path, key.Value), "is specified more than once, first in line %d", first[key.Value])
		default:
			in.inspect(value, known, join(path, key.Value))
		}
		first[key.Value] = key.Line
	}
}

// fieldsOf returns the names of a struct's fields in a file, in their order, and their types.
func fieldsOf(t reflect.Type) (names []string, types map[string]reflect.Type) {
	types = map[string]reflect.Type{}
	for f := range t.Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		names = append(names, name)
		types[name] = f.Type
	}
	return names, types
}

func join(path, field string) string {
	if path == "" {
		return field
	}
	return path + "." + field
}

func plainly(kind reflect.Kind) string {
	switch kind {
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Int32:
		return "a whole number"
	case reflect.Float64:
		return "a number"
	}
	return "plain text"
}

// lineOf returns the line of the field that a fault begins with, or of the nearest one above it that the file has.
func lineOf(document *yaml.Node, fault string) int {
	path, _, _ := strings.Cut(fault, ": ")
	node, line := document, 0
	for _, step := range pathSteps.FindAllString(path, -1) {
		if node.Kind == yaml.AliasNode {
			node = node.Alias
		}
		next := (*yaml.Node)(nil)
		if n, err := strconv.Atoi(step); err == nil && node.Kind == yaml.SequenceNode && n < len(node.Content) {
			next = node.Content[n]
			line = next.Line
		}
		for i := 0; i+1 < len(node.Content) && node.Kind == yaml.MappingNode; i += 2 {
			if node.Content[i].Value == step {
				next, line = node.Content[i+1], node.Content[i].Line
			}
		}
		if next == nil {
			break
		}
		node = next
	}
	return line
}

var pathSteps = regexp.MustCompile(`[0-9a-z_]+`)

// decoderFaults are the faults that the decoder found, in our words.
func decoderFaults(err error) []Fault {
	var mismatches *yaml.TypeError
	texts := []string{strings.TrimPrefix(err.Error(), "yaml: ")}
	if errors.As(err, &mismatches) {
		texts = mismatches.Errors
	}
	faults := make([]Fault, len(texts))
	for i, text := range texts {
		if m := numbered.FindStringSubmatch(text); m != nil {
			faults[i].Line, _ = strconv.Atoi(m[1]) // digits
			text = m[2]
		}
		if strings.HasPrefix(text, "unknown anchor") { // which may be the beginning of a password
			text = "a value that begins with * must stand in quotes"
		}
		faults[i].Text = "not valid YAML: " + text
	}
	return faults
}

var numbered = regexp.MustCompile(`(?s)^line ([0-9]+): (.*)$`)
