package spec

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// surface is what a schema demands of a value, wherever the document says it: beside a $ref, behind it or in an allOf.
type surface struct {
	// node is the schema itself, for its position; nil where there is none.
	node     *yaml.Node
	keywords map[string]*yaml.Node
	// names are the properties in the order of the document.
	names      []string
	properties map[string]*declaration
	required   map[string]bool
	// items and additional are the schemas of elements and of the properties without a declaration.
	items, additional []*yaml.Node
	closed            bool
	// rules are the cross-field rules by name.
	rules map[string]*yaml.Node
	// unnamed are the constraints that a schema may have more than one of, by keyword.
	unnamed map[string][]*yaml.Node
}

// declaration is a property with all the schemas that its values must keep.
type declaration struct {
	key     *yaml.Node
	schemas []*yaml.Node
}

// comparedKeywords are those whose values are compared one by one.
var comparedKeywords = []string{"type", "format", "enum", "default", "pattern", "nullable", "readOnly", "writeOnly", "deprecated",
	"minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties", "minimum", "maximum", "exclusiveMinimum",
	"exclusiveMaximum", "multipleOf", "uniqueItems"}

// surface returns what all of some schemas demand together.
func (d *Document) surface(schemas []*yaml.Node) *surface {
	s := &surface{
		node: d.resolve(firstNode(schemas...)), keywords: map[string]*yaml.Node{}, properties: map[string]*declaration{},
		required: map[string]bool{}, rules: map[string]*yaml.Node{}, unnamed: map[string][]*yaml.Node{},
	}
	seen := map[*yaml.Node]bool{}
	for _, schema := range schemas {
		d.collect(schema, s, seen)
	}
	return s
}

func (d *Document) collect(n *yaml.Node, s *surface, seen map[*yaml.Node]bool) {
	n = d.resolve(n)
	if n == nil || seen[n] {
		return
	}
	seen[n] = true
	for _, name := range comparedKeywords {
		value, other := field(n, name), s.keywords[name]
		switch {
		case value == nil:
		case (name == "pattern" || name == "multipleOf") && other != nil:
			if canonical(value, nothing) != canonical(other, nothing) {
				s.unnamed[name] = append(s.unnamed[name], value)
			}
		default:
			s.keywords[name] = tighter(name, other, value)
		}
	}
	for key, schema := range entries(field(n, "properties")) {
		declared := s.properties[key.Value]
		if declared == nil {
			declared = &declaration{key: key}
			s.properties[key.Value] = declared
			s.names = append(s.names, key.Value)
		}
		declared.schemas = append(declared.schemas, schema)
	}
	for _, name := range texts(field(n, "required")) {
		s.required[name] = true
	}
	if element := field(n, "items"); element != nil {
		s.items = append(s.items, element)
	}
	switch additional := field(n, "additionalProperties"); {
	case isFalse(additional):
		s.closed = true
	case additional != nil && additional.Kind == yaml.MappingNode && canonical(additional, unsaid) != "{}":
		s.additional = append(s.additional, additional)
	}
	for _, rule := range items(field(n, "x-rules")) {
		s.rules[text(field(rule, "x-rule"))] = rule
	}
	for _, keyword := range []string{"not", "anyOf", "oneOf"} {
		if value := field(n, keyword); value != nil {
			s.unnamed[keyword] = append(s.unnamed[keyword], value)
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

// tighter returns the value that counts when two parts of a schema have the same keyword.
func tighter(name string, a, b *yaml.Node) *yaml.Node {
	x, okA := number(a)
	y, okB := number(b)
	switch {
	case a == nil, isFalse(a) && isTrue(b) && name != "nullable", isTrue(a) && isFalse(b) && name == "nullable",
		name == "type" && text(a) == "number" && text(b) == "integer":
		return b
	case name == "enum":
		both := *b
		both.Content = slices.DeleteFunc(slices.Clone(items(b)), func(value *yaml.Node) bool { return !contains(a, value) })
		return &both
	case okA && okB && (strings.HasPrefix(name, "min") && y > x || strings.HasPrefix(name, "max") && y < x):
		return b
	}
	return a
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
