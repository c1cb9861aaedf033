package spec

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Breaking compares a document with an earlier one. It returns the changes of the contract, those that break a client
// written for the earlier one (LevelBreaking) and those that do not (LevelCompatible), and a LevelError where
// info.version does not follow: breaking changes need another major version, compatible ones another minor version.
// Descriptions, examples and extensions are not part of the contract; names and texts of rules are.
func Breaking(earlier, d *Document) []Finding {
	c := &comparison{old: earlier, new: d, index: map[string]int{}}
	c.documents()
	findings := order(c.findings)
	if c.steps > maxSteps {
		findings = append(findings, Finding{File: d.Name, Line: 1, Level: LevelError, Rule: "too-large", Subject: "document",
			Message: "has schemas inside each other in too many ways to be compared completely"})
	}
	if f, ok := versionFinding(earlier, d, findings); ok {
		findings = append([]Finding{f}, findings...)
	}
	return findings
}

// versionFinding holds info.version against the kind of the changes.
func versionFinding(earlier, d *Document, changes []Finding) (Finding, bool) {
	before, okBefore := parseVersion(earlier.Version())
	after, okAfter := parseVersion(d.Version())
	if !okBefore || !okAfter {
		return Finding{}, false // the linter says it
	}
	n := field(field(d.root, "info"), "version")
	f := Finding{File: d.Name, Line: n.Line, Column: n.Column, Level: LevelError, Rule: "info-version", Subject: "info.version"}
	breaking := slices.DeleteFunc(slices.Clone(changes), func(c Finding) bool { return c.Level != LevelBreaking })
	breaks := len(breaking) > 0
	switch {
	case slices.Compare(after[:], before[:]) < 0:
		f.Message = fmt.Sprintf("is %s, and the earlier document has %s already", d.Version(), earlier.Version())
	case breaks && after[0] == before[0]:
		f.Message = fmt.Sprintf("is %s after %s; changes that break clients need %d.0.0: %s", d.Version(), earlier.Version(), before[0]+1, first(breaking))
	case len(changes) > 0 && after[0] == before[0] && after[1] == before[1]:
		f.Message = fmt.Sprintf("is %s after %s; changes of the contract need %d.%d.0: %s", d.Version(), earlier.Version(), before[0], before[1]+1, first(changes))
	default:
		return Finding{}, false
	}
	return f, true
}

// first returns the first of some changes, and how many more there are.
func first(changes []Finding) string {
	more := ""
	if n := len(changes) - 1; n > 0 {
		more = fmt.Sprintf(", and %d more", n)
	}
	return changes[0].Subject + " (" + changes[0].Message + ")" + more
}

type comparison struct {
	old, new *Document
	findings []Finding
	index    map[string]int
	// steps counts the schemas that were compared: those inside each other can be reached in exponentially many ways.
	steps int
}

// side is the direction in which a value goes.
type side int

const (
	request side = iota
	response
)

// place is where two schemas are compared.
type place struct {
	side side
	// in is what the finding calls it, such as "publishAssetFromObs request".
	in string
	// path is the property, as a body has it.
	path string
	// at is the closest part of the new document.
	at *yaml.Node
	// above are the schemas around, so that one that contains itself ends.
	above []pair
}

// pair is the parts of two schemas that are compared.
type pair struct{ old, new []*yaml.Node }

func (p pair) equal(other pair) bool {
	return slices.Equal(p.old, other.old) && slices.Equal(p.new, other.new)
}

func (p place) subject() string { return firstOf(strings.TrimPrefix(p.path, "."), "body") }

// change records one change. The same one at several places is recorded once, as breaking where it is so at any.
func (c *comparison) change(p place, breaking bool, rule, format string, values ...any) {
	c.record(p.at, breaking, rule, p.subject(), p.in, fmt.Sprintf(format, values...))
}

func (c *comparison) record(at *yaml.Node, breaking bool, rule, subject, in, message string) {
	level := LevelCompatible
	if breaking {
		level = LevelBreaking
	}
	if at == nil {
		at = c.new.root
	}
	id := fmt.Sprintf("%d:%d %s %s %s", at.Line, at.Column, rule, subject, message)
	i, known := c.index[id]
	if !known {
		i = len(c.findings)
		c.index[id] = i
		c.findings = append(c.findings, Finding{File: c.new.Name, Line: max(at.Line, 1), Column: at.Column, Level: level, Rule: rule, Subject: subject, Message: message})
	}
	f := &c.findings[i]
	if breaking {
		f.Level = LevelBreaking
	}
	if in != "" && !slices.Contains(f.In, in) {
		f.In = append(f.In, in)
	}
}

func (c *comparison) documents() {
	oldIDs, before := c.old.calls()
	newIDs, after := c.new.calls()
	paths := keyOf(c.new.root, "paths")
	for _, id := range oldIDs {
		o := before[id]
		n, ok := after[id]
		if !ok {
			at := firstNode(keyIn(paths, field(c.new.root, "paths"), o.path), paths)
			c.record(at, true, "operation-removed", o.name(), "", fmt.Sprintf("removed: %s %s", strings.ToUpper(o.method), o.path))
			continue
		}
		c.operations(o, n)
	}
	for _, id := range newIDs {
		if _, ok := before[id]; !ok {
			n := after[id]
			c.record(keyOf(n.item, n.method), false, "operation-added", n.name(), "", fmt.Sprintf("added: %s %s", strings.ToUpper(n.method), n.path))
		}
	}
	c.servers()
	c.schemes()
}

// keyIn returns the key of an entry, or otherwise another node.
func keyIn(otherwise, n *yaml.Node, name string) *yaml.Node {
	if key, _ := entry(n, name); key != nil {
		return key
	}
	return otherwise
}

// difference names the scalars in which two values differ, the keyword that only one of them has, or the complete values where
// they have other forms.
func difference(o, n *yaml.Node) string {
	same := func(x, y *yaml.Node) bool { return canonical(x, unsaid) == canonical(y, unsaid) }
	switch {
	case o == nil || n == nil || o.Kind != n.Kind:
	case o.Kind == yaml.MappingNode:
		for key, value := range entries(o) {
			if other := field(n, key.Value); other == nil && !unsaid(key.Value) {
				return key.Value + " " + shown(value) + " -> none"
			} else if other != nil && !same(value, other) {
				return difference(value, other)
			}
		}
		for key, value := range entries(n) {
			if field(o, key.Value) == nil && !unsaid(key.Value) {
				return key.Value + " none -> " + shown(value)
			}
		}
	case o.Kind == yaml.SequenceNode && len(o.Content) == len(n.Content):
		for i, item := range o.Content {
			if !same(item, n.Content[i]) {
				return difference(item, n.Content[i])
			}
		}
	}
	return shown(o) + " -> " + shown(n)
}

// schemes compares how callers identify themselves.
func (c *comparison) schemes() {
	before, after := field(field(c.old.root, "components"), "securitySchemes"), field(field(c.new.root, "components"), "securitySchemes")
	for key, o := range entries(before) {
		n := field(after, key.Value)
		if n == nil {
			continue // the operations that required it say so
		}
		for _, keyword := range []string{"type", "in", "name", "scheme", "flows", "openIdConnectUrl"} {
			x, y := field(o, keyword), field(n, keyword)
			if canonical(x, unsaid) != canonical(y, unsaid) {
				c.record(firstNode(y, n), true, "security", "securityScheme "+key.Value, "", fmt.Sprintf("%s %s -> %s", keyword, shown(x), shown(y)))
			}
		}
	}
}

func (c *comparison) operations(o, n call) {
	in := n.name()
	at := keyOf(n.item, n.method)
	if x, y := field(o.operation, "operationId"), field(n.operation, "operationId"); text(x) != text(y) {
		c.record(firstNode(y, at), true, "operation-id", firstOf(text(x), in), "", fmt.Sprintf("operationId %s -> %s: generated clients lose the name", shown(x), shown(y)))
	}
	if isTrue(field(n.operation, "deprecated")) && !isTrue(field(o.operation, "deprecated")) {
		c.record(keyOf(n.operation, "deprecated"), false, "deprecated", in, "", "deprecated")
	}
	c.operationServers(o, n)
	c.operationSecurity(o, n)
	c.operationParameters(o, n)
	c.bodies(place{side: request, in: in + " request", at: keyOf(n.operation, "requestBody")}, o, n)
	c.responses(o, n)
}

func (c *comparison) operationSecurity(o, n call) {
	alternatives := func(d *Document, operation *yaml.Node) map[string]string {
		list := field(operation, "security")
		if list == nil {
			list = field(d.root, "security")
		}
		all := map[string]string{}
		for _, alternative := range items(list) {
			all[canonical(alternative, unsaid)] = firstOf(strings.Join(keys(alternative), " with "), "nothing")
		}
		if len(all) == 0 {
			all["{}"] = "nothing"
		}
		return all
	}
	before, after := alternatives(c.old, o.operation), alternatives(c.new, n.operation)
	at := keyOf(n.operation, "security")
	for _, id := range slices.Sorted(maps.Keys(before)) {
		if _, ok := after[id]; !ok {
			c.record(at, true, "security", n.name(), "", "no longer accepts "+before[id]+" as authentication")
		}
	}
	for _, id := range slices.Sorted(maps.Keys(after)) {
		if _, ok := before[id]; !ok {
			c.record(at, false, "security", n.name(), "", "also accepts "+after[id]+" as authentication")
		}
	}
}

func (c *comparison) bodies(p place, o, n call) {
	before, after := c.old.resolve(field(o.operation, "requestBody")), c.new.resolve(field(n.operation, "requestBody"))
	switch {
	case before == nil && after == nil:
	case before == nil:
		p.at = keyOf(n.operation, "requestBody")
		c.change(p, isTrue(field(after, "required")), "body-added", "added")
	case after == nil:
		c.change(p, true, "body-removed", "removed")
	default:
		c.mandatory(p, isTrue(field(before, "required")), isTrue(field(after, "required")), keyIn(p.at, after, "required"))
		c.contents(p, field(before, "content"), field(after, "content"))
	}
}

// contents compares the media types of a body.
func (c *comparison) contents(p place, before, after *yaml.Node) {
	for name, o := range entries(before) {
		key, n := folded(after, name.Value)
		if n == nil {
			c.change(p, true, "media-type-removed", "is no longer %s", name.Value)
			continue
		}
		below := p
		below.at = key
		c.schemas(below, []*yaml.Node{field(o, "schema")}, []*yaml.Node{field(n, "schema")})
	}
	for name := range entries(after) {
		if key, _ := folded(before, name.Value); key == nil {
			added := p
			added.at = name
			c.change(added, false, "media-type-added", "may be %s", name.Value)
		}
	}
}

func (c *comparison) responses(o, n call) {
	before, after := field(o.operation, "responses"), field(n.operation, "responses")
	for code, x := range entries(before) {
		y := field(after, code.Value)
		in := n.name() + " response " + code.Value
		if y == nil {
			c.record(keyOf(n.operation, "responses"), true, "response-removed", n.name(), "", "response "+code.Value+" removed")
			continue
		}
		x, y = c.old.resolve(x), c.new.resolve(y)
		p := place{side: response, in: in, at: firstNode(keyIn(nil, after, code.Value), y)}
		c.headers(p, field(x, "headers"), field(y, "headers"))
		c.contents(p, field(x, "content"), field(y, "content"))
	}
	for code := range entries(after) {
		if field(before, code.Value) == nil {
			c.record(code, strings.HasPrefix(code.Value, "2"), "response-added", n.name(), "", "response "+code.Value+" added")
		}
	}
}

func (c *comparison) headers(p place, before, after *yaml.Node) {
	for name, x := range entries(before) {
		header := p
		header.path = "header " + name.Value
		key, y := folded(after, name.Value)
		if y == nil {
			c.change(header, true, "header-removed", "removed")
			continue
		}
		header.at = key
		was, is := c.old.resolve(x), c.new.resolve(y)
		c.mandatory(header, isTrue(field(was, "required")), isTrue(field(is, "required")), keyIn(header.at, is, "required"))
		c.serialized(header, "header", was, is)
	}
	for name := range entries(after) {
		if key, _ := folded(before, name.Value); key == nil {
			header := p
			header.path, header.at = "header "+name.Value, name
			c.change(header, false, "header-added", "added")
		}
	}
}

// folded returns the key and the value of a header or media type, whose names have no case.
func folded(n *yaml.Node, name string) (key, value *yaml.Node) {
	for key, value := range entries(n) {
		if strings.EqualFold(key.Value, name) {
			return key, value
		}
	}
	return nil, nil
}

// mandatory compares whether a value must be given. A request may demand less later, a response more.
func (c *comparison) mandatory(p place, before, after bool, at *yaml.Node) {
	if before == after {
		return
	}
	p.at = firstNode(at, p.at)
	if after {
		c.change(p, p.side == request, "required", "optional -> mandatory")
	} else {
		c.change(p, p.side == response, "required", "mandatory -> optional")
	}
}
