package spec

import (
	"maps"
	"path"
	"slices"

	"go.yaml.in/yaml/v3"
)

// compositions compares the constraints that a schema may have more than one of. Alternatives are compared one by one, and
// what stands behind a $ref is compared too.
func (c *comparison) compositions(p place, o, n *surface) {
	all := maps.Clone(o.unnamed)
	maps.Copy(all, n.unnamed)
	if c.exchanged(p, o.unnamed, n.unnamed) {
		delete(all, "anyOf")
		delete(all, "oneOf")
	}
	for _, keyword := range slices.Sorted(maps.Keys(all)) {
		before, after := o.unnamed[keyword], n.unnamed[keyword]
		var left match
		switch keyword {
		case "anyOf", "oneOf":
			alike := func(x, y *yaml.Node) bool {
				return c.same(func(probe *comparison) { probe.alternatives(p, keyword, x, y) })
			}
			if len(before) == 1 && len(after) == 1 {
				alike = always
			}
			left = matched(before, after, alike, always)
			for _, both := range left.pairs {
				c.alternatives(p, keyword, both.old, both.new)
			}
		case "not":
			left = matched(before, after, func(x, y *yaml.Node) bool { return c.sameSchema(p, x, y) })
		default: // further patterns and factors
			left = matched(before, after, func(x, y *yaml.Node) bool { return canonical(x, nothing) == canonical(y, nothing) })
		}
		for _, x := range left.removed {
			spot{c, p}.loosened("constraint-removed", "a constraint of %s removed: %s", keyword, shown(x))
		}
		for _, y := range left.added {
			added := p
			added.at = y
			spot{c, added}.tightened("constraint-added", "a constraint of %s added: %s", keyword, shown(y))
		}
	}
}

// exchanged compares a oneOf with the anyOf in its place, or the reverse, and reports whether there is such a pair.
func (c *comparison) exchanged(p place, o, n map[string][]*yaml.Node) bool {
	record := map[string]func(rule, format string, values ...any){"anyOf": spot{c, p}.loosened, "oneOf": spot{c, p}.tightened}
	for from, to := range map[string]string{"oneOf": "anyOf", "anyOf": "oneOf"} {
		if len(o[from]) == 1 && len(o[to]) == 0 && len(n[to]) == 1 && len(n[from]) == 0 {
			record[to]("alternatives", "%s -> %s", from, to)
			c.alternatives(p, to, o[from][0], n[to][0])
			return true
		}
	}
	return false
}

// alternatives compares the schemas of an anyOf or oneOf: first those with the same $ref, then those that demand the same,
// then the remaining ones without a $ref in their order.
func (c *comparison) alternatives(p place, keyword string, before, after *yaml.Node) {
	ref := func(n *yaml.Node) string { return text(field(n, "$ref")) }
	left := matched(items(before), items(after),
		func(x, y *yaml.Node) bool { return ref(x) != "" && ref(x) == ref(y) },
		func(x, y *yaml.Node) bool { return c.sameSchema(p, x, y) },
		func(x, y *yaml.Node) bool { return ref(x) == "" && ref(y) == "" })
	name := func(n *yaml.Node) string {
		if ref(n) != "" {
			return path.Base(ref(n))
		}
		return shown(n)
	}
	for _, both := range left.pairs {
		below := p
		below.at = both.new
		c.schemas(below, []*yaml.Node{both.old}, []*yaml.Node{both.new})
	}
	for _, x := range left.removed {
		spot{c, p}.tightened("alternative-removed", "%s removed from %s", name(x), keyword)
	}
	for _, y := range left.added {
		added := p
		added.at = y
		spot{c, added}.loosened("alternative-added", "%s added to %s", name(y), keyword)
	}
}

// same reports whether a comparison finds no change.
func (c *comparison) same(compare func(probe *comparison)) bool {
	probe := &comparison{old: c.old, new: c.new, index: map[string]int{}, steps: c.steps}
	compare(probe)
	c.steps = probe.steps
	return len(probe.findings) == 0
}

func (c *comparison) sameSchema(p place, x, y *yaml.Node) bool {
	return c.same(func(probe *comparison) { probe.schemas(p, []*yaml.Node{x}, []*yaml.Node{y}) })
}

// match is which nodes of two lists belong together, and which are in one of them only.
type match struct {
	pairs          []twoNodes
	removed, added []*yaml.Node
}

type twoNodes struct{ old, new *yaml.Node }

// matched pairs the nodes of two lists by several tests, the strictest first.
func matched(before, after []*yaml.Node, tests ...func(x, y *yaml.Node) bool) match {
	m := match{removed: slices.Clone(before), added: slices.Clone(after)}
	for _, test := range tests {
		m.removed = slices.DeleteFunc(m.removed, func(x *yaml.Node) bool {
			i := slices.IndexFunc(m.added, func(y *yaml.Node) bool { return test(x, y) })
			if i >= 0 {
				m.pairs = append(m.pairs, twoNodes{x, m.added[i]})
				m.added = slices.Delete(m.added, i, i+1)
			}
			return i >= 0
		})
	}
	return m
}

func always(*yaml.Node, *yaml.Node) bool { return true }
