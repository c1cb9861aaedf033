package spec

import (
	"encoding/base64"
	"fmt"
	"maps"
	"math"
	"math/big"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// problem is a keyword of a schema that a value breaks, where the value has it.
type problem struct {
	node    *yaml.Node
	path    string
	keyword string
	message string
}

// value holds a default or an example against its schema.
func (l *linter) value(schema, value *yaml.Node, what, subject string) {
	if schema == nil || value == nil {
		return
	}
	for _, p := range l.document.check(schema, value) {
		l.report(p.node, what, subject, "has %s %s%s that %s", article(what), what, where(p.path), p.message)
	}
	l.undeclared(schema, value, what, subject)
}

// undeclared finds the fields of an example that its schema does not have. An open object allows them, so that a response
// may grow; in an example they are slips.
func (l *linter) undeclared(schema, value *yaml.Node, what, subject string) {
	schema = l.document.resolve(schema)
	declared := l.document.properties(schema)
	for key, below := range entries(value) {
		p, ok := declared[key.Value]
		switch {
		case ok:
			l.undeclared(p.schema, below, what, subject)
		case len(declared) > 0 && field(schema, "additionalProperties") == nil && field(schema, "anyOf") == nil && field(schema, "oneOf") == nil:
			l.report(key, what, subject, "has %s %s with the field %s, which its schema does not have%s", article(what), what, key.Value,
				didYouMean(key.Value, slices.Collect(maps.Keys(declared))))
		}
	}
	for _, item := range items(value) {
		l.undeclared(field(schema, "items"), item, what, subject)
	}
}

func article(what string) string {
	if what == "example" {
		return "an"
	}
	return "a"
}

func where(path string) string {
	if path == "" {
		return ""
	}
	return " with " + strings.TrimPrefix(path, ".")
}

// check returns every constraint of schema that value breaks.
func (d *Document) check(schema, value *yaml.Node) []problem {
	c := checker{document: d}
	c.check(schema, value, "", 0)
	return c.problems
}

type checker struct {
	document *Document
	problems []problem
	steps    int
}

// maxSteps bounds the work on one value, which a document could make exponential with anyOf, and on one comparison.
const maxSteps = 100_000

func (c *checker) fail(n *yaml.Node, path, keyword, format string, values ...any) {
	c.problems = append(c.problems, problem{n, path, keyword, fmt.Sprintf(format, values...)})
}

func (c *checker) check(schema, n *yaml.Node, path string, depth int) {
	schema = c.document.resolve(schema)
	if c.steps++; schema == nil || depth > maxDepth || c.steps > maxSteps {
		return
	}
	if n.Tag == "!!null" && isTrue(field(schema, "nullable")) {
		return
	}
	if kind := text(field(schema, "type")); kind != "" && !hasType(n, kind) {
		c.fail(n, path, "type", "is %s and not of type %s", described(n), kind)
		return
	}
	if enum := field(schema, "enum"); enum != nil && !contains(enum, n) {
		c.fail(n, path, "enum", "is %s, which is not in the enum%s", shown(n), didYouMean(text(n), texts(enum)))
	}
	switch n.Kind {
	case yaml.ScalarNode:
		c.scalar(schema, n, path)
	case yaml.SequenceNode:
		c.array(schema, n, path, depth)
	case yaml.MappingNode:
		c.object(schema, n, path, depth)
	}
	c.compositions(schema, n, path, depth)
}

func (c *checker) compositions(schema, n *yaml.Node, path string, depth int) {
	for _, part := range items(field(schema, "allOf")) {
		c.check(part, n, path, depth+1)
	}
	if not := field(schema, "not"); not != nil && c.keeps(not, n, depth) {
		if rule := text(field(schema, "x-rule")); rule != "" {
			c.fail(n, path, "not", "breaks the rule %s: %s", rule, text(field(schema, "x-rule-message")))
		} else {
			c.fail(n, path, "not", "is what its schema excludes")
		}
	}
	for _, keyword := range []string{"anyOf", "oneOf"} {
		parts := items(field(schema, keyword))
		kept := 0
		for _, part := range parts {
			if c.keeps(part, n, depth) {
				kept++
			}
		}
		if len(parts) > 0 && (kept == 0 || keyword == "oneOf" && kept > 1) {
			c.fail(n, path, keyword, "keeps %d of the schemas of %s", kept, keyword)
		}
	}
}

// keeps reports whether n keeps a schema.
func (c *checker) keeps(schema, n *yaml.Node, depth int) bool {
	probe := checker{document: c.document, steps: c.steps}
	probe.check(schema, n, "", depth+1)
	c.steps = probe.steps
	return len(probe.problems) == 0
}

func hasType(n *yaml.Node, kind string) bool {
	value, isNumber := number(n)
	switch kind {
	case "object":
		return n.Kind == yaml.MappingNode
	case "array":
		return n.Kind == yaml.SequenceNode
	case "string":
		return n.Kind == yaml.ScalarNode && n.Tag == "!!str"
	case "boolean":
		return n.Kind == yaml.ScalarNode && n.Tag == "!!bool"
	case "integer":
		return isNumber && value == math.Trunc(value)
	case "number":
		return isNumber
	}
	return true // a type that does not exist is reported where it stands
}

func contains(enum, n *yaml.Node) bool {
	is := canonical(n, nothing)
	return slices.ContainsFunc(items(enum), func(value *yaml.Node) bool { return canonical(value, nothing) == is })
}

func (c *checker) scalar(schema, n *yaml.Node, path string) {
	if value, ok := number(n); ok {
		c.bounds(schema, n, path, value)
		return
	}
	if n.Tag != "!!str" {
		return
	}
	length := float64(utf8.RuneCountInString(n.Value))
	if limit, ok := number(field(schema, "minLength")); ok && length < limit {
		c.fail(n, path, "minLength", "has %v characters, fewer than minLength %v", length, limit)
	}
	if limit, ok := number(field(schema, "maxLength")); ok && length > limit {
		c.fail(n, path, "maxLength", "has %v characters, more than maxLength %v", length, limit)
	}
	if pattern := field(schema, "pattern"); pattern != nil {
		if compiled, err := regexp.Compile(text(pattern)); err == nil && !compiled.MatchString(n.Value) {
			c.fail(n, path, "pattern", "does not match the pattern %s", text(pattern))
		}
	}
	switch text(field(schema, "format")) {
	case "date":
		if _, err := time.Parse(time.DateOnly, n.Value); err != nil {
			c.fail(n, path, "format", "is no date")
		}
	case "date-time":
		if _, err := time.Parse(time.RFC3339, n.Value); err != nil {
			c.fail(n, path, "format", "is no date-time")
		}
	case "byte":
		if _, err := base64.StdEncoding.DecodeString(n.Value); err != nil {
			c.fail(n, path, "format", "is not base64")
		}
	}
}

func (c *checker) bounds(schema, n *yaml.Node, path string, value float64) {
	if limit, ok := number(field(schema, "minimum")); ok && (value < limit || value == limit && isTrue(field(schema, "exclusiveMinimum"))) {
		c.fail(n, path, "minimum", "is %s, below the minimum %v", shown(n), limit)
	}
	if limit, ok := number(field(schema, "maximum")); ok && (value > limit || value == limit && isTrue(field(schema, "exclusiveMaximum"))) {
		c.fail(n, path, "maximum", "is %s, above the maximum %v", shown(n), limit)
	}
	if step := field(schema, "multipleOf"); step != nil && !isMultiple(n, step) {
		c.fail(n, path, "multipleOf", "is %s, no multiple of %s", shown(n), step.Value)
	}
	if text(field(schema, "format")) == "int32" && (value > math.MaxInt32 || value < math.MinInt32) {
		c.fail(n, path, "format", "is %s, which int32 cannot hold", shown(n))
	}
}

// isMultiple calculates with the decimals as written: no float64 is 0.1. What it cannot read it lets through.
func isMultiple(value, step *yaml.Node) bool {
	of, ok := new(big.Rat).SetString(value.Value)
	by, known := new(big.Rat).SetString(step.Value)
	return !ok || !known || by.Sign() <= 0 || of.Quo(of, by).IsInt()
}

func (c *checker) array(schema, n *yaml.Node, path string, depth int) {
	length := float64(len(n.Content))
	if limit, ok := number(field(schema, "minItems")); ok && length < limit {
		c.fail(n, path, "minItems", "has %v elements, fewer than minItems %v", length, limit)
	}
	if limit, ok := number(field(schema, "maxItems")); ok && length > limit {
		c.fail(n, path, "maxItems", "has %v elements, more than maxItems %v", length, limit)
	}
	if element := field(schema, "items"); element != nil {
		for i, item := range n.Content {
			c.check(element, item, fmt.Sprintf("%s[%d]", path, i), depth+1)
		}
	}
	if isTrue(field(schema, "uniqueItems")) {
		seen := map[string]bool{}
		for _, item := range n.Content {
			id := canonical(item, nothing)
			if seen[id] {
				c.fail(item, path, "uniqueItems", "has %s twice", shown(item))
			}
			seen[id] = true
		}
	}
}

func (c *checker) object(schema, n *yaml.Node, path string, depth int) {
	for _, name := range texts(field(schema, "required")) {
		if field(n, name) == nil {
			c.fail(n, path, "required", "has no %s, which is mandatory", name)
		}
	}
	properties := field(schema, "properties")
	additional := field(schema, "additionalProperties")
	for key, value := range entries(n) {
		below := path + "." + key.Value
		switch declared := field(properties, key.Value); {
		case declared != nil:
			c.check(declared, value, below, depth+1)
		case isFalse(additional):
			c.fail(key, path, "additionalProperties", "has the unknown field %s%s", key.Value, didYouMean(key.Value, keys(properties)))
		case additional != nil && additional.Kind == yaml.MappingNode:
			c.check(additional, value, below, depth+1)
		}
	}
	count := float64(len(n.Content) / 2)
	if limit, ok := number(field(schema, "minProperties")); ok && count < limit {
		c.fail(n, path, "minProperties", "has %v fields, fewer than minProperties %v", count, limit)
	}
	if limit, ok := number(field(schema, "maxProperties")); ok && count > limit {
		c.fail(n, path, "maxProperties", "has %v fields, more than maxProperties %v", count, limit)
	}
}
