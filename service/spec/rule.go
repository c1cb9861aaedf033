package spec

import (
	"maps"
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
	l.ruleReads(n, subject, around)
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

// ruleReads holds the fields that a rule says it reads against those that its condition looks at. The names of a rule about an
// object inside the request are those of the request, and are not compared.
func (l *linter) ruleReads(n *yaml.Node, subject string, around scope) {
	seen := map[string]*yaml.Node{}
	looksAt(n, seen)
	reads := map[string]bool{}
	for _, read := range items(field(n, "x-rule-reads")) {
		top, _, _ := strings.Cut(read.Value, ".")
		if _, ok := around.properties[top]; !ok {
			return
		}
		reads[top] = true
		if seen[top] == nil && len(seen) > 0 {
			l.report(read, "rule", subject, "lists %s in x-rule-reads, and its condition does not look at it", top)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(seen)) {
		if _, ok := around.properties[name]; ok && !reads[name] && len(reads) > 0 {
			l.report(seen[name], "rule", subject, "looks at %s, which x-rule-reads does not list", name)
		}
	}
}

// looksAt collects the fields of an object that a condition about it names.
func looksAt(condition *yaml.Node, seen map[string]*yaml.Node) {
	for _, name := range items(field(condition, "required")) {
		seen[name.Value] = name
	}
	for name := range entries(field(condition, "properties")) {
		seen[name.Value] = name
	}
	for _, keyword := range []string{"allOf", "anyOf", "oneOf"} {
		for _, part := range items(field(condition, keyword)) {
			looksAt(part, seen)
		}
	}
	if not := field(condition, "not"); not != nil {
		looksAt(not, seen)
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
	l.enumNames(items(names), enum, subject)
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
