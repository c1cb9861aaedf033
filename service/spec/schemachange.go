package spec

import (
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// schemas compares what two schemas demand of one value, each in one or more parts that all count. Where there is none,
// every value is allowed.
func (c *comparison) schemas(p place, before, after []*yaml.Node) {
	here := pair{before, after}
	if slices.ContainsFunc(p.above, here.equal) {
		return
	}
	if c.steps++; c.steps > maxSteps {
		return
	}
	p.above = append(slices.Clip(p.above), here)
	o, n := c.old.surface(before), c.new.surface(after)
	if !c.types(p, o, n) {
		return // nothing below is comparable
	}
	c.enums(p, o, n)
	c.limits(p, o, n)
	c.values(p, o, n)
	c.properties(p, o, n)
	c.additional(p, o, n)
	c.rules(p, o, n)
	c.compositions(p, o, n)
	below := p
	below.path += "[]"
	below.at = firstNode(append(n.items, p.at)...)
	c.schemas(below, o.items, n.items)
}

// types compares the types of two schemas, and reports whether they are the same.
func (c *comparison) types(p place, o, n *surface) bool {
	const anything = "any"
	x, y := firstOf(text(o.keywords["type"]), anything), firstOf(text(n.keywords["type"]), anything)
	at := c.at(p, n, "type")
	switch {
	case x == y:
	case x == anything && c.old.alternativesHave(o, y), y == anything && c.new.alternativesHave(n, x):
		return true
	case x == anything:
		at.tightened("type", "type %s -> %s", x, y)
	case y == anything:
		at.loosened("type", "type %s -> %s", x, y)
	default:
		at.change(true, "type", "type %s -> %s", x, y)
	}
	return x == y
}

// alternativesHave reports whether all alternatives of a schema are of one type, which it may state itself as well.
func (d *Document) alternativesHave(s *surface, kind string) bool {
	for _, list := range slices.Concat(s.unnamed["oneOf"], s.unnamed["anyOf"]) {
		other := func(alternative *yaml.Node) bool {
			return text(d.surface([]*yaml.Node{alternative}).keywords["type"]) != kind
		}
		if len(items(list)) > 0 && !slices.ContainsFunc(items(list), other) {
			return true
		}
	}
	return false
}

// spot is a place whose change is about to be recorded.
type spot struct {
	c *comparison
	p place
}

// at moves a place to the keyword that changed.
func (c *comparison) at(p place, s *surface, keyword string) spot {
	p.at = firstNode(s.keywords[keyword], p.at, s.node)
	return spot{c, p}
}

func (s spot) change(breaking bool, rule, format string, values ...any) {
	s.c.change(s.p, breaking, rule, format, values...)
}

// tightened records a change that refuses values which were allowed, loosened one that allows more. The first breaks
// who sends the value, the second who receives it.
func (s spot) tightened(rule, format string, values ...any) {
	s.change(s.p.side == request, rule, format, values...)
}

func (s spot) loosened(rule, format string, values ...any) {
	s.change(s.p.side == response, rule, format, values...)
}

func (c *comparison) enums(p place, o, n *surface) {
	before, after := o.keywords["enum"], n.keywords["enum"]
	switch {
	case before == nil && after == nil:
		return
	case before == nil:
		c.at(p, n, "enum").tightened("enum", "enum added: only %s", strings.Join(texts(after), ", "))
		return
	case after == nil:
		c.at(p, n, "enum").loosened("enum", "enum removed: every value is allowed")
		return
	}
	for _, value := range items(before) {
		if !contains(after, value) {
			c.at(p, n, "enum").tightened("enum-value-removed", "%s removed", shown(value))
		}
	}
	for _, value := range items(after) {
		if !contains(before, value) {
			added := p
			added.at = value
			spot{c, added}.loosened("enum-value-added", "%s added", shown(value))
		}
	}
}

// limits compares the bounds of a value, in whichever direction each tightens.
func (c *comparison) limits(p place, o, n *surface) {
	for _, keyword := range comparedKeywords {
		isMin, isMax := strings.HasPrefix(keyword, "min"), strings.HasPrefix(keyword, "max")
		if !isMin && !isMax {
			continue
		}
		x, hadLimit := number(o.keywords[keyword])
		y, hasLimit := number(n.keywords[keyword])
		if hadLimit == hasLimit && x == y || !hadLimit && isMin && y == 0 && keyword != "minimum" || !hasLimit && isMin && x == 0 && keyword != "minimum" {
			continue
		}
		tightened := hasLimit && (!hadLimit || isMin && y > x || isMax && y < x)
		at := c.at(p, n, keyword)
		if tightened {
			at.tightened("limit", "%s %s -> %s", keyword, shown(o.keywords[keyword]), shown(n.keywords[keyword]))
		} else {
			at.loosened("limit", "%s %s -> %s", keyword, shown(o.keywords[keyword]), shown(n.keywords[keyword]))
		}
	}
	for _, keyword := range []string{"exclusiveMinimum", "exclusiveMaximum", "uniqueItems"} {
		x, y := isTrue(o.keywords[keyword]), isTrue(n.keywords[keyword])
		if y && !x {
			c.at(p, n, keyword).tightened("limit", "%s false -> true", keyword)
		} else if x && !y {
			c.at(p, n, keyword).loosened("limit", "%s true -> false", keyword)
		}
	}
}

// values compares the keywords that are equal or not.
func (c *comparison) values(p place, o, n *surface) {
	for _, keyword := range []string{"default", "format", "pattern", "multipleOf"} {
		x, y := o.keywords[keyword], n.keywords[keyword]
		switch {
		case canonical(x, nothing) == canonical(y, nothing):
		case keyword == "default":
			c.at(p, n, keyword).change(p.side == request, keyword, "default %s -> %s", shown(x), shown(y))
		case x == nil && keyword != "format":
			c.at(p, n, keyword).tightened(keyword, "%s none -> %s", keyword, shown(y))
		case y == nil && keyword != "format":
			c.at(p, n, keyword).loosened(keyword, "%s %s -> none", keyword, shown(x))
		default:
			c.at(p, n, keyword).change(true, keyword, "%s %s -> %s", keyword, shown(x), shown(y))
		}
	}
	if x, y := isTrue(o.keywords["nullable"]), isTrue(n.keywords["nullable"]); x && !y {
		c.at(p, n, "nullable").tightened("nullable", "null no longer allowed")
	} else if y && !x {
		c.at(p, n, "nullable").loosened("nullable", "null allowed")
	}
	for keyword, from := range map[string]side{"readOnly": request, "writeOnly": response} {
		if x, y := isTrue(o.keywords[keyword]), isTrue(n.keywords[keyword]); x != y {
			c.at(p, n, keyword).change(y && p.side == from, keyword, "%s %t -> %t", keyword, x, y)
		}
	}
	if isTrue(n.keywords["deprecated"]) && !isTrue(o.keywords["deprecated"]) {
		c.at(p, n, "deprecated").change(false, "deprecated", "deprecated")
	}
}

func (c *comparison) properties(p place, o, n *surface) {
	for _, name := range o.names {
		x, y := o.properties[name], n.properties[name]
		wasKept, isKept := c.old.kept(p.side, x), c.new.kept(p.side, y)
		below := p
		below.path += "." + name
		switch {
		case y == nil && wasKept:
			below.at = firstNode(p.at, n.node)
			if len(n.names) > 0 {
				below.at = n.properties[n.names[0]].key
			}
			c.change(below, true, "property-removed", "removed")
		case wasKept || isKept:
			below.at = y.key
			c.mandatory(below, o.required[name] && wasKept, n.required[name] && isKept, y.key)
			c.schemas(below, x.schemas, y.schemas)
		}
	}
	for _, name := range n.names {
		y := n.properties[name]
		if o.properties[name] != nil || !c.new.kept(p.side, y) {
			continue
		}
		below := p
		below.path += "." + name
		below.at = y.key
		if n.required[name] {
			c.change(below, p.side == request && !o.required[name], "property-added", "added, mandatory")
		} else {
			c.change(below, false, "property-added", "added")
		}
	}
	required := maps.Clone(o.required)
	maps.Copy(required, n.required)
	for _, name := range slices.Sorted(maps.Keys(required)) {
		if o.properties[name] == nil && n.properties[name] == nil {
			below := p
			below.path += "." + name
			c.mandatory(below, o.required[name], n.required[name], firstNode(p.at, n.node))
		}
	}
}

// kept reports whether values that go in one direction have a property: a request has none that is readOnly, a response
// none that is writeOnly.
func (d *Document) kept(by side, p *declaration) bool {
	if p == nil {
		return false
	}
	keyword := map[side]string{request: "readOnly", response: "writeOnly"}[by]
	return !isTrue(d.surface(p.schemas).keywords[keyword])
}

// additional compares what properties without a declaration may be.
func (c *comparison) additional(p place, o, n *surface) {
	here := spot{c, p}
	switch {
	case n.closed && !o.closed && len(o.additional) > 0:
		here.change(true, "closed", "refuses unknown fields")
	case n.closed && !o.closed:
		here.tightened("closed", "refuses unknown fields")
	case o.closed && !n.closed:
		here.change(false, "closed", "takes unknown fields")
	case !o.closed:
		below := p
		below.path += ".*"
		below.at = firstNode(append(n.additional, p.at)...)
		c.schemas(below, o.additional, n.additional)
	}
}

// rules compares the cross-field rules by name: what they refuse, and what a client reads of them.
func (c *comparison) rules(p place, o, n *surface) {
	p.in = strings.TrimSpace(p.in)
	for _, name := range slices.Sorted(maps.Keys(o.rules)) {
		x, y := o.rules[name], n.rules[name]
		rule := place{side: p.side, in: p.in, path: "rule " + name, at: firstNode(p.at, n.node)}
		if y == nil {
			c.change(rule, false, "rule-removed", "removed")
			continue
		}
		rule.at = firstNode(field(y, "x-rule"), y)
		if breaking, says := changeOfRule(x, y); says != "" {
			c.change(rule, breaking, "rule-changed", "%s: %s", says, difference(x, y))
		}
		for _, keyword := range append([]string{"enforced-by"}, ruleKeywords...) {
			if s, t := field(x, keyword), field(y, keyword); canonical(s, unsaid) != canonical(t, unsaid) {
				c.change(rule, false, "rule-changed", "%s %s -> %s", keyword, shown(s), shown(t))
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(n.rules)) {
		if y := n.rules[name]; o.rules[name] == nil {
			rule := place{side: p.side, in: p.in, path: "rule " + name, at: firstNode(field(y, "x-rule"), y)}
			spot{c, rule}.tightened("rule-added", "added: %s", text(field(y, "x-rule-message")))
		}
	}
}
