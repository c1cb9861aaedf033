package spec

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Lint returns every mistake in a document, in the order of its lines. Checked are the names of the cross-field rules
// that some code checks; a rule of the document that is none of them is a mistake.
func Lint(d *Document, checked []string) []Finding {
	l := &linter{
		document: d, checked: checked, operationIDs: map[string]*yaml.Node{}, ruleNames: map[string]*yaml.Node{},
		goTypes: map[string]*yaml.Node{}, tags: map[string]bool{}, usedTags: map[string]bool{}, directions: d.directions(),
	}
	l.hygiene(d.root, "")
	for _, tag := range items(field(d.root, "tags")) {
		l.tags[text(field(tag, "name"))] = true
	}
	l.walk(d.root, "document", "", nil)
	l.version()
	l.paths()
	l.security(field(d.root, "security"), "document")
	l.references()
	l.endless()
	l.unusedTags()
	return order(l.findings)
}

// LintAll parses and lints one file.
func LintAll(name string, content []byte, checked []string) []Finding {
	d, findings := Parse(name, content)
	if d == nil {
		return findings
	}
	return Lint(d, checked)
}

type linter struct {
	document     *Document
	checked      []string
	findings     []Finding
	refs         []reference
	operationIDs map[string]*yaml.Node
	ruleNames    map[string]*yaml.Node
	goTypes      map[string]*yaml.Node
	tags         map[string]bool
	usedTags     map[string]bool
	directions   directions
}

func (l *linter) report(at *yaml.Node, rule, subject, format string, values ...any) {
	if subject == "" {
		subject = "document"
	}
	l.findings = append(l.findings, Finding{
		File: l.document.Name, Line: max(at.Line, 1), Column: at.Column, Level: LevelError,
		Rule: rule, Subject: subject, Message: fmt.Sprintf(format, values...),
	})
}

// walk holds n against a shape of the grammar. name gives the subject of each entry of a map.
func (l *linter) walk(n *yaml.Node, shape, subject string, name func(key string) string) {
	switch {
	case shape == "any":
	case shape == "schema":
		l.schema(n, subject, scope{})
	case strings.HasPrefix(shape, "["):
		if n.Kind != yaml.SequenceNode {
			l.report(n, "type", subject, "must be a list, not %s", described(n))
			return
		}
		for _, item := range n.Content {
			below := subject
			if shape == "[parameter]" {
				below = subject + " parameter " + l.nameOf(item)
			}
			l.walk(item, shape[1:len(shape)-1], below, nil)
		}
	case strings.HasPrefix(shape, "{"):
		if n.Kind != yaml.MappingNode {
			l.report(n, "type", subject, "must be an object, not %s", described(n))
			return
		}
		for key, value := range entries(n) {
			below := subject + "." + key.Value
			if name != nil {
				below = name(key.Value)
			}
			if strings.HasPrefix(key.Value, "x-") && shape != "{schema}" && shape != "{header}" && shape != "{any}" {
				l.extension(key, value, subject)
				continue
			}
			l.walk(value, shape[1:len(shape)-1], below, nil)
		}
	case shape == "string" || shape == "boolean" || shape == "number" || shape == "count":
		l.scalar(n, shape, subject)
	default:
		l.object(n, shape, subject)
	}
}

// object holds n against one kind of object.
func (l *linter) object(n *yaml.Node, name, subject string) {
	k := kinds[name]
	if n.Kind != yaml.MappingNode {
		l.report(n, "type", subject, "must be an object, not %s", described(n))
		return
	}
	if k.referable && l.reference(n, name, subject) {
		return
	}
	for key, value := range entries(n) {
		shape, known := k.fields[key.Value]
		switch {
		case strings.HasPrefix(key.Value, "x-"):
			l.extension(key, value, subject)
		case !known:
			l.report(key, "unknown-keyword", subject, "has an unknown keyword %s%s", quote(key.Value), didYouMean(key.Value, slices.Collect(maps.Keys(k.fields))))
		default:
			l.walk(value, shape, l.below(name, key.Value, n, subject), entrySubjects(name, key.Value, subject))
		}
	}
	for _, required := range k.required {
		if field(n, required) == nil {
			l.report(n, "missing-keyword", subject, "has no %s", required)
		}
	}
	if address := field(n, "url"); text(address) != "" && k.fields["url"] != "" {
		l.address(address, subject)
	}
	switch name {
	case "operation":
		l.operation(n, subject)
	case "parameter", "header":
		l.parameter(n, name, subject)
	case "requestBody":
		if field(n, "required") == nil {
			l.report(n, "missing-keyword", subject, "does not say whether it is mandatory: required: true, or required: false")
		}
	case "response":
		seen := map[string]bool{}
		for header := range entries(field(n, "headers")) {
			name := strings.ToLower(header.Value)
			if seen[name] {
				l.report(header, "duplicate-header", subject+" header "+header.Value, "is given twice: names of headers are the same in any letter case")
			}
			seen[name] = true
			if strings.EqualFold(header.Value, "Content-Type") {
				l.report(header, "parameter", subject+" header "+header.Value, "is ignored: OpenAPI takes it from content")
			}
		}
	case "link":
		l.link(n, subject)
	case "mediaType":
		l.examples(n, subject)
	case "securityScheme":
		l.securityScheme(n, subject)
	case "server":
		l.server(n, subject)
	case "example":
		if (field(n, "value") == nil) == (field(n, "externalValue") == nil) {
			l.report(n, "example", subject, "needs either value or externalValue")
		}
	}
}

// below returns the subject of a field of an object: the names that a reader of the document knows it by.
func (l *linter) below(kind, name string, n *yaml.Node, subject string) string {
	switch kind {
	case "document", "components":
		return name
	case "pathItem":
		if kinds["pathItem"].fields[name] == "operation" {
			return firstOf(text(field(field(n, name), "operationId")), strings.ToUpper(name)+" "+subject)
		}
		return subject
	case "operation":
		switch name {
		case "requestBody":
			return subject + " request"
		case "responses", "parameters":
			return subject
		}
	case "mediaType", "parameter", "header":
		if name == "schema" || name == "examples" || name == "content" {
			return subject
		}
	}
	if subject == "" {
		return name
	}
	return subject + "." + name
}

// entrySubjects returns how the entries of a map are called.
func entrySubjects(kind, name, subject string) func(key string) string {
	singular := map[string]string{"responses": "response", "parameters": "parameter", "examples": "example", "requestBodies": "requestBody",
		"headers": "header", "securitySchemes": "securityScheme", "links": "link", "callbacks": "callback"}[name]
	switch {
	case name == "paths" || name == "schemas":
		return func(key string) string { return key }
	case name == "content":
		return func(string) string { return subject }
	case kind == "components":
		return func(key string) string { return singular + " " + key }
	case singular != "":
		return func(key string) string { return subject + " " + singular + " " + key }
	}
	return nil
}

// address refuses what no browser and no client could open. A server's may be relative, or have variables.
func (l *linter) address(n *yaml.Node, subject string) {
	plain := pathVariable.ReplaceAllString(n.Value, "x")
	parsed, err := url.Parse(plain)
	if err != nil || strings.ContainsAny(plain, " \t") || parsed.Scheme == "" && !strings.HasPrefix(plain, "/") ||
		parsed.Scheme != "" && parsed.Scheme != "http" && parsed.Scheme != "https" || parsed.Scheme != "" && parsed.Host == "" {
		l.report(n, "url", joined(subject, "url"), "is %s, which is no address with http or https", quote(n.Value))
	}
}

func (l *linter) nameOf(parameter *yaml.Node) string {
	if target := l.document.resolve(parameter); target != nil {
		return text(field(target, "name"))
	}
	return "?"
}

func firstOf(names ...string) string {
	for _, name := range names {
		if name != "" {
			return name
		}
	}
	return ""
}

func (l *linter) scalar(n *yaml.Node, shape, subject string) {
	if n.Kind == yaml.ScalarNode && n.Tag == "!!null" {
		l.report(n, "type", subject, "has no value")
		return
	}
	value, isNumber := number(n)
	switch shape {
	case "string":
		if n.Tag != "!!str" {
			l.report(n, "type", subject, "must be a string, not %s%s", described(n), quoteIt(n))
		} else if strings.TrimSpace(n.Value) == "" {
			l.report(n, "empty", subject, "is empty")
		}
	case "boolean":
		if n.Tag != "!!bool" {
			l.report(n, "type", subject, "must be true or false, not %s", described(n))
		}
	case "number":
		if !isNumber {
			l.report(n, "type", subject, "must be a number, not %s", described(n))
		}
	case "count":
		if !isNumber || value < 0 || value != float64(int64(value)) {
			l.report(n, "type", subject, "must be a whole number from 0, not %s", described(n))
		}
	}
}

func quoteIt(n *yaml.Node) string {
	if n.Kind == yaml.ScalarNode {
		return "; quote it"
	}
	return ""
}

// described says what a value is, for a message about its type.
func described(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.MappingNode:
		return "an object"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case n.Tag == "!!null":
		return "nothing"
	case n.Tag == "!!str":
		return "the string " + quote(n.Value)
	}
	return n.Value
}

// extension refuses the x- keywords that look like slips of those with a meaning: nothing else would notice.
func (l *linter) extension(key, value *yaml.Node, subject string) {
	shape, known := extensions[key.Value]
	if known {
		l.walk(value, shape, joined(subject, key.Value), nil)
		return
	}
	if near := nearest(key.Value, slices.Collect(maps.Keys(extensions))); near != "" && distance(key.Value, near) <= 3 {
		l.report(key, "unknown-keyword", subject, "has an unknown keyword %s; did you mean %s?", quote(key.Value), near)
	}
}

func joined(subject, name string) string {
	if subject == "" {
		return name
	}
	return subject + " " + name
}

// version holds the two versions of a document against what they are versions of.
func (l *linter) version() {
	if n := field(l.document.root, "openapi"); n != nil && n.Tag == "!!str" && !strings.HasPrefix(n.Value, "3.0.") {
		l.report(n, "openapi-version", "openapi", "is %s; 3.0.x is what the generators and validators of this contract read", n.Value)
	}
	if n := field(field(l.document.root, "info"), "version"); n != nil && n.Tag == "!!str" {
		if _, ok := parseVersion(n.Value); !ok {
			l.report(n, "info-version", "info.version", "must be MAJOR.MINOR.PATCH, not %s", quote(n.Value))
		}
	}
}

func (l *linter) unusedTags() {
	declared := map[string]bool{}
	for _, tag := range items(field(l.document.root, "tags")) {
		name := text(field(tag, "name"))
		if name != "" && declared[name] {
			l.report(tag, "duplicate-tag", "tag "+name, "is declared twice")
		} else if name != "" && !l.usedTags[name] {
			l.report(tag, "unused", "tag "+name, "is not used by any operation")
		}
		declared[name] = true
	}
}

// version is MAJOR.MINOR.PATCH.
type version [3]int

func parseVersion(s string) (version, bool) {
	var v version
	parts := strings.Split(s, ".")
	if len(parts) != len(v) {
		return v, false
	}
	for i, part := range parts {
		n, err := strconv.Atoi(part)
		if err != nil || n < 0 || strconv.Itoa(n) != part {
			return v, false
		}
		v[i] = n
	}
	return v, true
}
