package spec

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

func writeCanonical(b *strings.Builder, n *yaml.Node, skip func(key string) bool) {
	switch {
	case n == nil:
		b.WriteString("null")
	case n.Kind == yaml.MappingNode:
		type pair struct {
			key   string
			value *yaml.Node
		}
		var pairs []pair
		for key, value := range entries(n) {
			if !skip(key.Value) {
				pairs = append(pairs, pair{key.Value, value})
			}
		}
		slices.SortStableFunc(pairs, func(x, y pair) int { return strings.Compare(x.key, y.key) })
		b.WriteByte('{')
		for i, p := range pairs {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(quote(p.key) + ":")
			writeCanonical(b, p.value, skip)
		}
		b.WriteByte('}')
	case n.Kind == yaml.SequenceNode:
		b.WriteByte('[')
		for i, item := range n.Content {
			if i > 0 {
				b.WriteByte(',')
			}
			writeCanonical(b, item, skip)
		}
		b.WriteByte(']')
	default:
		b.WriteString(scalar(n))
	}
}

// nothing keeps every field in a canonical form.
func nothing(string) bool { return false }

// scalar returns a scalar as JSON has it, so that 1, 1.0 and 0x1 are equal and 1 and "1" are not.
func scalar(n *yaml.Node) string {
	if value, ok := number(n); ok {
		return strconv.FormatFloat(value, 'g', -1, 64)
	}
	switch n.Tag {
	case "!!null":
		return "null"
	case "!!bool":
		return strings.ToLower(n.Value)
	}
	return quote(n.Value)
}

func quote(s string) string {
	quoted, err := json.Marshal(s)
	if err != nil {
		return strconv.Quote(s)
	}
	return string(quoted)
}

// shown returns a value as a message has it: short, on one line, texts without quotes where nobody could misread them.
func shown(n *yaml.Node) string {
	if n == nil {
		return "none"
	}
	value := canonical(n, nothing)
	if n.Kind == yaml.ScalarNode && n.Tag == "!!str" && plainWord(n.Value) {
		value = n.Value
	}
	const longest = 120
	if runes := []rune(value); len(runes) > longest {
		value = string(runes[:longest]) + "…"
	}
	return value
}

func plainWord(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || strings.ContainsRune(`"',;:()`, r) })
}
