package spec

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// parameters returns the parameters of an operation, those of its path included, by place and name.
func (d *Document) parameters(item, operation *yaml.Node) (ids []string, byID map[string]*yaml.Node) {
	byID = map[string]*yaml.Node{}
	for _, list := range []*yaml.Node{field(item, "parameters"), field(operation, "parameters")} {
		for _, parameter := range items(list) {
			target := d.resolve(parameter)
			if target == nil {
				continue
			}
			id := parameterID(target)
			if byID[id] == nil {
				ids = append(ids, id)
			}
			byID[id] = target
		}
	}
	return ids, byID
}

// parameterID returns place and name of a parameter; those of headers are the same in any letter case.
func parameterID(n *yaml.Node) string {
	place, name := text(field(n, "in")), text(field(n, "name"))
	if place == "header" {
		name = strings.ToLower(name)
	}
	return place + " " + name
}

func (c *comparison) operationParameters(o, n call) {
	oldIDs, before := c.old.parameters(o.item, o.operation)
	newIDs, after := c.new.parameters(n.item, n.operation)
	list := firstNode(keyIn(nil, n.operation, "parameters"), keyIn(nil, n.item, "parameters"), keyOf(n.item, n.method))
	for _, id := range oldIDs {
		p := place{side: request, in: n.name(), path: text(field(before[id], "name")), at: list}
		if after[id] == nil {
			c.change(p, true, "parameter-removed", "removed from the %s", text(field(before[id], "in")))
			continue
		}
		p.at = field(after[id], "name")
		c.mandatory(p, isTrue(field(before[id], "required")), isTrue(field(after[id], "required")), keyIn(p.at, after[id], "required"))
		c.serialized(p, text(field(after[id], "in")), before[id], after[id])
	}
	for _, id := range newIDs {
		if before[id] != nil {
			continue
		}
		p := place{in: n.name(), path: text(field(after[id], "name")), at: field(after[id], "name")}
		required := isTrue(field(after[id], "required"))
		c.change(p, required, "parameter-added", "added to the %s%s", text(field(after[id], "in")), map[bool]string{true: ", mandatory"}[required])
	}
}

// serialized compares how a parameter or header is written, and what its value may be.
func (c *comparison) serialized(p place, in string, o, n *yaml.Node) {
	before, after := field(o, "content"), field(n, "content")
	switch {
	case (before == nil) != (after == nil):
		form := map[bool]string{true: "schema", false: "content"}
		c.change(p, true, "parameter-style", "%s -> %s", form[before == nil], form[after == nil])
		return
	case before != nil:
		c.contents(p, before, after)
		return
	}
	was, is := styleOf(in, o), styleOf(in, n)
	if c.old.isScalar(field(o, "schema")) && c.new.isScalar(field(n, "schema")) {
		delete(was, "explode") // which is about elements and fields
		delete(is, "explode")
	}
	for _, keyword := range slices.Sorted(maps.Keys(was)) {
		if x, y := was[keyword], is[keyword]; x != y {
			c.change(p, true, "parameter-style", "%s %s -> %s", keyword, x, y)
		}
	}
	c.schemas(p, []*yaml.Node{field(o, "schema")}, []*yaml.Node{field(n, "schema")})
}

// styleOf returns how a parameter or header is written, the defaults of OpenAPI included.
func styleOf(in string, n *yaml.Node) map[string]string {
	style := firstOf(text(field(n, "style")), map[string]string{"query": "form", "cookie": "form"}[in], "simple")
	keywords := map[string]string{"style": style, "explode": strconv.FormatBool(style == "form"), "allowReserved": "false", "allowEmptyValue": "false"}
	for _, keyword := range []string{"explode", "allowReserved", "allowEmptyValue"} {
		if value := field(n, keyword); value != nil {
			keywords[keyword] = strconv.FormatBool(isTrue(value))
		}
	}
	return keywords
}

// isScalar reports whether the values of a schema have neither elements nor fields.
func (d *Document) isScalar(schema *yaml.Node) bool {
	kind := text(d.surface([]*yaml.Node{schema}).keywords["type"])
	return slices.Contains([]string{"string", "integer", "number", "boolean"}, kind)
}
