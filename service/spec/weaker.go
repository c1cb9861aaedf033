package spec

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// implies reports whether every value that keeps the schema a keeps b too, as far as their keywords show it. It compares
// conditions of rules; where it cannot tell, it reports false.
func implies(a, b *yaml.Node) bool {
	for key, want := range entries(b) {
		if unsaid(key.Value) {
			continue
		}
		have := field(a, key.Value)
		if have == nil {
			if key.Value == "properties" && len(constrained(want)) == 0 {
				continue
			}
			return false
		}
		if !impliesKeyword(key.Value, have, want) {
			return false
		}
	}
	return true
}

func impliesKeyword(keyword string, have, want *yaml.Node) bool {
	switch {
	case keyword == "required":
		return !slices.ContainsFunc(items(want), func(name *yaml.Node) bool { return !contains(have, name) })
	case keyword == "enum":
		return !slices.ContainsFunc(items(have), func(value *yaml.Node) bool { return !contains(want, value) })
	case keyword == "properties":
		for name, schema := range constrained(want) {
			if !implies(field(have, name), schema) {
				return false
			}
		}
		return true
	case keyword == "not":
		return implies(want, have)
	case keyword == "anyOf":
		return !slices.ContainsFunc(items(have), func(alternative *yaml.Node) bool {
			return !slices.ContainsFunc(items(want), func(of *yaml.Node) bool { return implies(alternative, of) })
		})
	case strings.HasPrefix(keyword, "min") || strings.HasPrefix(keyword, "max"):
		x, okX := number(have)
		y, okY := number(want)
		return okX && okY && (strings.HasPrefix(keyword, "min") && x >= y || strings.HasPrefix(keyword, "max") && x <= y)
	}
	return canonical(have, unsaid) == canonical(want, unsaid)
}

// constrained returns the properties whose schemas ask for something.
func constrained(properties *yaml.Node) map[string]*yaml.Node {
	all := map[string]*yaml.Node{}
	for name, schema := range entries(properties) {
		if canonical(schema, unsaid) != "{}" {
			all[name.Value] = schema
		}
	}
	return all
}

// changeOfRule says what a changed rule refuses, compared with its earlier form.
func changeOfRule(o, n *yaml.Node) (breaking bool, says string) {
	fewer, more := implies(o, n), implies(n, o)
	switch {
	case fewer && more:
		return false, ""
	case fewer:
		return false, "refuses fewer requests"
	case more:
		return true, "refuses more requests"
	}
	return true, "refuses other requests"
}
