package spec

import (
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

var (
	// yaml11Boolean are the words that a parser of YAML 1.1 reads as booleans and one of YAML 1.2 as strings.
	yaml11Boolean = regexp.MustCompile(`^(?i:yes|no|on|off)$`)
	// yaml11Number are the forms that it reads as other numbers: in base 8 and 60.
	yaml11Number = regexp.MustCompile(`^[-+]?(0[0-9_]+|0o[0-7]+|[1-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9]*)?)$`)
)

// hygiene finds what parsers of YAML disagree about: keys that are given twice, and scalars that YAML 1.1 and 1.2 read
// as different values.
func (l *linter) hygiene(n *yaml.Node) {
	switch n.Kind {
	case yaml.MappingNode:
		first := map[string]*yaml.Node{}
		for key, value := range entries(n) {
			switch {
			case key.Kind != yaml.ScalarNode:
				l.report(key, "yaml", "document", "has a key that is no string")
				continue
			case first[key.Value] != nil:
				l.report(key, "duplicate-key", key.Value, "is given twice in one object; the first stands in line %d", first[key.Value].Line)
			case key.Value == "<<":
				l.report(key, "yaml", "<<", "merges another object into this one, which many generators do not read; use $ref")
			}
			first[key.Value] = key
			l.ambiguous(key)
			if key.Tag == "!!int" {
				l.report(key, "yaml", key.Value, "is a number where a string is due; quote it")
			}
			l.hygiene(value)
		}
	case yaml.SequenceNode:
		for _, item := range n.Content {
			l.hygiene(item)
		}
	case yaml.ScalarNode:
		l.ambiguous(n)
	}
}

func (l *linter) ambiguous(n *yaml.Node) {
	if n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		return
	}
	switch {
	case yaml11Boolean.MatchString(n.Value):
		l.report(n, "yaml", n.Value, "is a boolean in YAML 1.1 and a string in YAML 1.2; quote it")
	case yaml11Number.MatchString(n.Value) && strings.Trim(n.Value, "0") != "":
		l.report(n, "yaml", n.Value, "is read as different numbers by YAML 1.1 and 1.2; quote it or write it in base 10")
	case strings.HasPrefix(n.Tag, "!") && !strings.HasPrefix(n.Tag, "!!"), n.Tag == "!!binary":
		l.report(n, "yaml", n.Value, "has the YAML tag %s, which JSON does not know", n.Tag)
	}
}
