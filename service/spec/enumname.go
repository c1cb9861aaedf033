package spec

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// enumNames holds the names of enumerated values against Go and against each other.
func (l *linter) enumNames(names, values []*yaml.Node, subject string) {
	const longest = 2000 // beyond, names are not compared with each other's values: the time grows with the square
	e := enumeration{names: letters(names), values: letters(values)}
	e.namesPrefix, e.valuesPrefix = sharedPrefix(e.names), sharedPrefix(e.values)
	seen := map[string]bool{}
	for i, name := range names {
		switch {
		case seen[name.Value]:
			l.report(name, "enum-varnames", subject, "has the name %s twice in x-enum-varnames", name.Value)
		case !identifier.MatchString(name.Value):
			l.report(name, "enum-varnames", subject, "has %s in x-enum-varnames, which is no identifier", shown(name))
		case len(names) == len(values) && len(names) <= longest && e.another(i):
			l.report(name, "enum-varnames", subject, "gives the value %s the name %s, which is that of another value", shown(values[i]), name.Value)
		}
		seen[name.Value] = true
	}
}

// enumeration has the names and values of one, reduced to lower-case letters and digits, and what all of each begin with.
type enumeration struct {
	names, values             []string
	namesPrefix, valuesPrefix string
}

// another reports whether a name is that of another value than its own.
func (e enumeration) another(i int) bool {
	for j := range e.values {
		if j == i {
			continue
		}
		if e.equal(i, j) && !e.equal(i, i) || e.inside(i, j) && !e.inside(i, i) && !e.inside(j, j) {
			return true
		}
	}
	return false
}

// equal reports whether a name and a value are the same, apart from the prefixes or parts of them.
func (e enumeration) equal(name, value int) bool {
	for cut := 0; cut <= len(e.namesPrefix) && cut < len(e.names[name]); cut++ {
		if rest, ok := strings.CutSuffix(e.values[value], e.names[name][cut:]); ok && strings.HasPrefix(e.valuesPrefix, rest) {
			return true
		}
	}
	return false
}

// inside reports whether a name contains a value; short values are in many names by chance, and have to be equal.
func (e enumeration) inside(name, value int) bool {
	const short = 3
	is, of := e.names[name], e.values[value]
	return of != "" && (is == of || len(of) >= short && strings.Contains(is, of))
}

func sharedPrefix(texts []string) string {
	if len(texts) == 0 {
		return ""
	}
	shared := texts[0]
	for _, text := range texts {
		for !strings.HasPrefix(text, shared) {
			shared = shared[:len(shared)-1]
		}
	}
	return shared
}

// numerals are how names begin that stand for values with a digit in front.
var numerals = strings.NewReplacer("zero", "0", "one", "1", "two", "2", "three", "3", "four", "4", "five", "5", "six", "6", "seven", "7", "eight", "8", "nine", "9")

// letters returns the lower-case letters and digits of texts.
func letters(nodes []*yaml.Node) []string {
	var all []string
	for _, n := range nodes {
		all = append(all, strings.Map(func(r rune) rune {
			if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
				return r
			}
			return -1
		}, numerals.Replace(strings.ToLower(n.Value))))
	}
	return all
}
