package spec

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// surface is what a schema demands of a value, wherever the document says it: beside a $ref, behind it or in an allOf.
type surface struct {
	// node is the schema itself, for its position.
	node       *yaml.Node
	keywords   map[string]*yaml.Node
	properties []property
	required   map[string]bool
	closed     bool
	// rules are the cross-field rules by name.
	rules map[string]*yaml.Node
	// unnamed are the other constraints that have no keyword of their own to compare, in canonical form.
	unnamed map[string]*yaml.Node
}

func (s *surface) property(name string) (property, bool) {
	for _, p := range s.properties {
		if p.key.Value == name {
			return p, true
		}
	}
	return property{}, false
}

// comparedKeywords are those whose values are compared one by one.
var comparedKeywords = []string{"type", "format", "enum", "default", "pattern", "nullable", "readOnly", "writeOnly", "deprecated",
	"minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties", "minimum", "maximum", "exclusiveMinimum",
	"exclusiveMaximum", "multipleOf", "uniqueItems", "items"}

func (d *Document) surface(n *yaml.Node) *surface {
	s := &surface{node: n, keywords: map[string]*yaml.Node{}, required: map[string]bool{}, rules: map[string]*yaml.Node{}, unnamed: map[string]*yaml.Node{}}
	d.collect(n, s, map[*yaml.Node]bool{})
	return s
}

func (d *Document) collect(n *yaml.Node, s *surface, seen map[*yaml.Node]bool) {
	n = d.resolve(n)
	if n == nil || seen[n] {
		return
	}
	seen[n] = true
	for _, name := range comparedKeywords {
		if value := field(n, name); value != nil {
			s.keywords[name] = tighter(name, s.keywords[name], value)
		}
	}
	for key, schema := range entries(field(n, "properties")) {
		if _, ok := s.property(key.Value); !ok {
			s.properties = append(s.properties, property{key, schema})
		}
	}
	for _, name := range texts(field(n, "required")) {
		s.required[name] = true
	}
	if isFalse(field(n, "additionalProperties")) {
		s.closed = true
	}
	for _, rule := range items(field(n, "x-rules")) {
		s.rules[text(field(rule, "x-rule"))] = rule
	}
	for _, keyword := range []string{"not", "anyOf", "oneOf"} {
		if value := field(n, keyword); value != nil {
			s.unnamed[keyword+" "+canonical(value, unsaid)] = value
		}
	}
	for _, part := range items(field(n, "allOf")) {
		if name := text(field(part, "x-rule")); name != "" {
			s.rules[name] = part
			continue
		}
		d.collect(part, s, seen)
	}
}

// unsaid reports whether a keyword says nothing about values.
func unsaid(key string) bool {
	return strings.HasPrefix(key, "x-") || slices.Contains([]string{"enforced-by", "description", "title", "summary", "example", "examples", "externalDocs"}, key)
}

// tighter returns the limit that counts when two parts of a schema have one.
func tighter(name string, a, b *yaml.Node) *yaml.Node {
	x, okA := number(a)
	y, okB := number(b)
	switch {
	case a == nil:
		return b
	case !okA || !okB:
		return a
	case strings.HasPrefix(name, "min") && y > x, strings.HasPrefix(name, "max") && y < x:
		return b
	}
	return a
}

// parameters returns the parameters of an operation, those of its path included, by place and name.
func (d *Document) parameters(item, operation *yaml.Node) (ids []string, byID map[string]*yaml.Node) {
	byID = map[string]*yaml.Node{}
	for _, list := range []*yaml.Node{field(item, "parameters"), field(operation, "parameters")} {
		for _, parameter := range items(list) {
			target := d.resolve(parameter)
			if target == nil {
				continue
			}
			id := text(field(target, "in")) + " " + text(field(target, "name"))
			if byID[id] == nil {
				ids = append(ids, id)
			}
			byID[id] = target
		}
	}
	return ids, byID
}

// call is one operation of a document.
type call struct {
	path, method    string
	item, operation *yaml.Node
}

// name returns what findings call the operation.
func (c call) name() string {
	return firstOf(text(field(c.operation, "operationId")), strings.ToUpper(c.method)+" "+c.path)
}

// calls returns the operations of a document by method and path, variables without their names.
func (d *Document) calls() (ids []string, byID map[string]call) {
	byID = map[string]call{}
	d.operations(func(path string, item *yaml.Node, method string, operation *yaml.Node) {
		id := method + " " + pathVariable.ReplaceAllString(path, "{}")
		if _, ok := byID[id]; !ok {
			ids = append(ids, id)
		}
		byID[id] = call{path, method, item, operation}
	})
	return ids, byID
}

// SharesPaths reports whether the two documents describe an API with a path in common.
func (d *Document) SharesPaths(other *Document) bool {
	for path := range entries(field(d.root, "paths")) {
		if field(field(other.root, "paths"), path.Value) != nil {
			return true
		}
	}
	return false
}
