package spec

import (
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

var (
	// yaml11Boolean are the words that a parser of YAML 1.1 reads as booleans and one of YAML 1.2 as strings.
	yaml11Boolean = regexp.MustCompile(`^(?i:yes|no|on|off)$`)
	// yaml11Number are the forms that it reads as other numbers: in base 8 and 60, and with underscores.
	yaml11Number = regexp.MustCompile(`^[-+]?(0[0-9_]+|0o[0-7]+|[1-9][0-9]*_[0-9_]*|[1-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9]*)?)$`)
)

// hygiene finds what parsers of YAML disagree about: keys that are given twice, and scalars that YAML 1.1 and 1.2 read
// as different values. Path is where n stands.
func (l *linter) hygiene(n *yaml.Node, path string) {
	switch n.Kind {
	case yaml.MappingNode:
		first := map[string]*yaml.Node{}
		for key, value := range entries(n) {
			if key.Kind != yaml.ScalarNode {
				l.report(key, "yaml", path, "has a key that is no string")
				continue
			}
			below := stepInto(path, key.Value)
			switch {
			case first[key.Value] != nil:
				l.report(key, "duplicate-key", firstOf(below, key.Value), "is given twice in one object; the first is on line %d", first[key.Value].Line)
			case key.Value == "<<":
				l.report(key, "yaml", path, "merges another object into this one, which many generators do not read; use $ref")
			}
			first[key.Value] = key
			l.ambiguous(key, path)
			if key.Tag == "!!int" {
				l.report(key, "yaml", path, "has the number %s as a key, where a string is due; quote it", key.Value)
			}
			l.hygiene(value, below)
		}
	case yaml.SequenceNode:
		for _, item := range n.Content {
			l.hygiene(item, path)
		}
	case yaml.ScalarNode:
		l.ambiguous(n, path)
	}
}

// stepInto returns the path of a field, as a person would say it: the containers of a document have no names of their
// own.
func stepInto(path, key string) string {
	if slices.Contains([]string{"components", "schemas", "properties", "paths", "allOf"}, key) {
		return path
	}
	if path == "" {
		return key
	}
	return path + "." + key
}

func (l *linter) ambiguous(n *yaml.Node, path string) {
	if n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		return
	}
	switch {
	case yaml11Boolean.MatchString(n.Value):
		l.report(n, "yaml", path, "has %s, which is a boolean in YAML 1.1 and a string in YAML 1.2; quote it", n.Value)
	case yaml11Number.MatchString(n.Value) && strings.Trim(n.Value, "0") != "":
		l.report(n, "yaml", path, "has %s, which YAML 1.1 and 1.2 read as different values; quote it, or write plain digits", n.Value)
	case strings.HasPrefix(n.Tag, "!") && !strings.HasPrefix(n.Tag, "!!"), n.Tag == "!!binary":
		l.report(n, "yaml", path, "has the YAML tag %s, which JSON does not know", n.Tag)
	}
}
