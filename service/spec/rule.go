package spec

import (
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// ruleKeywords are what a cross-field rule consists of, beside its name.
var ruleKeywords = []string{"x-rule-field", "x-rule-reads", "x-rule-message"}

// rule holds the cross-field rules of a schema against the form that checkgen reads, the properties that there are, and
// the code that checks them.
func (l *linter) rule(n *yaml.Node, subject string, around scope) {
	if list := field(n, "x-rules"); list != nil {
		for _, rule := range items(list) {
			name := text(field(rule, "x-rule"))
			l.ruleKeywords(rule, strings.TrimSpace(subject+" rule "+name), around)
			by := field(rule, "enforced-by")
			if by == nil {
				l.report(rule, "rule", subject+" rule "+name, "has no enforced-by, contract or service")
			} else {
				l.oneOf(by, subject+" rule "+name+" enforced-by", "contract", "service")
			}
			for key := range entries(rule) {
				known := append([]string{"x-rule", "x-page", "x-addition", "enforced-by"}, ruleKeywords...)
				if !slices.Contains(known, key.Value) {
					l.report(key, "unknown-keyword", subject+" rule "+name, "has an unknown keyword %s%s", quote(key.Value), didYouMean(key.Value, known))
				}
			}
			if field(rule, "x-rule") == nil {
				l.report(rule, "rule", subject, "has a rule without a name: x-rule")
			}
		}
	}
	if field(n, "x-rule") == nil {
		for _, keyword := range ruleKeywords {
			if field(n, keyword) != nil {
				l.report(keyOf(n, keyword), "rule", subject, "has %s and no x-rule that names the rule", keyword)
			}
		}
		return
	}
	l.ruleKeywords(n, subject, around)
	if !around.condition {
		l.report(keyOf(n, "x-rule"), "rule", subject, "is outside an allOf, where nothing reads it")
	}
	for _, keyword := range []string{"not", "anyOf", "oneOf", "allOf", "required", "properties"} {
		if field(n, keyword) != nil {
			return
		}
	}
	l.report(n, "rule", subject, "says nothing: no value breaks it")
}

func (l *linter) ruleKeywords(n *yaml.Node, subject string, around scope) {
	name := field(n, "x-rule")
	if text(name) != "" {
		if first := l.ruleNames[name.Value]; first != nil {
			l.report(name, "duplicate-rule", subject, "has the name of another rule, in line %d", first.Line)
		}
		l.ruleNames[name.Value] = name
		checked, byService := slices.Contains(l.checked, name.Value), text(field(n, "enforced-by")) == "service"
		switch {
		case !checked && !byService:
			l.report(name, "rule-unchecked", subject, "is checked by no predicate of the contract%s", didYouMean(name.Value, l.checked))
		case checked && byService:
			l.report(field(n, "enforced-by"), "rule-unchecked", subject, "is checked by a predicate of the contract, not by the service")
		}
	}
	for _, keyword := range ruleKeywords {
		if field(n, keyword) == nil {
			l.report(firstNode(name, n), "rule", subject, "has no %s", keyword)
		}
	}
	if message := field(n, "x-rule-message"); message != nil && strings.TrimSpace(text(message)) == "" {
		l.report(message, "rule", subject, "has an empty x-rule-message")
	}
	if list := field(n, "x-rule-reads"); list != nil && list.Kind == yaml.SequenceNode && len(list.Content) == 0 {
		l.report(list, "rule", subject, "reads nothing: x-rule-reads is empty")
	}
	reads := map[string]bool{}
	for _, read := range items(field(n, "x-rule-reads")) {
		if reads[read.Value] {
			l.report(read, "rule", subject, "reads %s twice", read.Value)
		}
		reads[read.Value] = true
		l.ruleField(read, subject, "reads", around)
	}
	if to := field(n, "x-rule-field"); to != nil {
		l.ruleField(to, subject, "asks to change", around)
		if top, _, _ := strings.Cut(to.Value, "."); len(reads) > 0 && !reads[top] {
			l.report(to, "rule", subject, "asks to change %s, which x-rule-reads does not list", to.Value)
		}
	}
}

var fieldName = regexp.MustCompile(`^[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)*$`)

// ruleField finds a path of fields that no request body has.
func (l *linter) ruleField(n *yaml.Node, subject, verb string, around scope) {
	if !fieldName.MatchString(n.Value) {
		l.report(n, "rule", subject, "%s %s, which is no path of fields", verb, shown(n))
		return
	}
	var top []string
	found := false
	l.document.operations(func(_ string, _ *yaml.Node, _ string, operation *yaml.Node) {
		for _, media := range entries(field(l.document.resolve(field(operation, "requestBody")), "content")) {
			schema := field(media, "schema")
			for name := range l.document.properties(schema) {
				top = append(top, name)
			}
			at := schema
			for step := range strings.SplitSeq(n.Value, ".") {
				p, ok := l.document.properties(at)[step]
				if !ok {
					return
				}
				at = p.schema
			}
			found = true
		}
	})
	if !found {
		for name := range around.properties {
			top = append(top, name)
		}
		last := n.Value[strings.LastIndexByte(n.Value, '.')+1:]
		l.report(n, "rule", subject, "%s %s, which no request has%s", verb, n.Value, didYouMean(last, top))
	}
}

func firstNode(nodes ...*yaml.Node) *yaml.Node {
	for _, n := range nodes {
		if n != nil {
			return n
		}
	}
	return nil
}

// hints holds what only generators of Go read: names of enumerated values, the order of fields, the names of types.
func (l *linter) hints(n *yaml.Node, subject string) {
	names, enum := field(n, "x-enum-varnames"), items(field(n, "enum"))
	switch {
	case names != nil && field(n, "enum") == nil:
		l.report(keyOf(n, "x-enum-varnames"), "enum-varnames", subject, "has x-enum-varnames and no enum")
	case names != nil && len(items(names)) != len(enum):
		l.report(names, "enum-varnames", subject, "has %d x-enum-varnames for %d values", len(items(names)), len(enum))
	}
	seen := map[string]bool{}
	for i, name := range items(names) {
		switch {
		case seen[name.Value]:
			l.report(name, "enum-varnames", subject, "has the name %s twice in x-enum-varnames", name.Value)
		case !identifier.MatchString(name.Value):
			l.report(name, "enum-varnames", subject, "has %s in x-enum-varnames, which is no identifier", shown(name))
		case len(items(names)) == len(enum):
			for j, value := range enum {
				taken := resembles(name.Value, value.Value) && !resembles(name.Value, enum[i].Value) && !resembles(items(names)[j].Value, value.Value)
				if j != i && taken || j != i && name.Value == value.Value && name.Value != enum[i].Value {
					l.report(name, "enum-varnames", subject, "gives the value %s the name %s, which is that of another value", shown(enum[i]), name.Value)
				}
			}
		}
		seen[name.Value] = true
	}
	if name := field(n, "x-go-type-name"); name != nil {
		id := canonical(field(n, "enum"), nothing)
		if first := l.goTypes[name.Value]; first != nil && canonical(first, nothing) != id {
			l.report(name, "go-type-name", subject, "gives the name %s to a second type", name.Value)
		}
		if enum := field(n, "enum"); enum != nil {
			l.goTypes[name.Value] = enum
		}
	}
	orders := map[string]string{}
	for key, schema := range entries(field(n, "properties")) {
		order := field(schema, "x-order")
		if order == nil {
			continue
		}
		if other, ok := orders[scalar(order)]; ok {
			l.report(order, "duplicate-order", subject+"."+key.Value, "has x-order %s, as %s has", order.Value, other)
		}
		orders[scalar(order)] = key.Value
	}
}

// resembles reports whether a name tells that it is one of the value: it has its letters and digits, those of short values and
// nothing else.
func resembles(name, value string) bool {
	name, value = letters(name), letters(value)
	const short = 3
	return value != "" && (name == value || len(value) >= short && strings.Contains(name, value))
}

// numerals are how names begin that stand for values with a digit in front.
var numerals = strings.NewReplacer("zero", "0", "one", "1", "two", "2", "three", "3", "four", "4", "five", "5", "six", "6", "seven", "7", "eight", "8", "nine", "9")

// letters returns the letters and digits of a name, in lower case.
func letters(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, numerals.Replace(strings.ToLower(name)))
}

// Rules returns the names of the cross-field rules of a document that a contract checks, those that only a service can
// check left out.
func (d *Document) Rules() []string {
	var names []string
	var walk func(n *yaml.Node)
	walk = func(n *yaml.Node) {
		if name := text(field(n, "x-rule")); name != "" && text(field(n, "enforced-by")) != "service" {
			names = append(names, name)
		}
		for _, below := range n.Content {
			walk(below)
		}
	}
	walk(d.root)
	return names
}
