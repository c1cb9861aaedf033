package spec

import (
	"maps"
	"net/url"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// reference is one $ref and the kind of object that must be behind it.
type reference struct {
	node          *yaml.Node
	kind, subject string
}

const componentsPrefix = "#/components/"

// target splits "#/components/schemas/Error" into section and name.
func target(ref string) (section, name string, ok bool) {
	rest, ok := strings.CutPrefix(ref, componentsPrefix)
	if !ok {
		return "", "", false
	}
	section, name, ok = strings.Cut(rest, "/")
	if !ok || strings.Contains(name, "/") {
		return "", "", false
	}
	name = strings.NewReplacer("~1", "/", "~0", "~").Replace(name)
	if unescaped, err := url.PathUnescape(name); err == nil {
		name = unescaped
	}
	return section, name, true
}

// resolve follows the $ref of n, and returns n itself where it has none; nil where a $ref leads nowhere or in circles.
func (d *Document) resolve(n *yaml.Node) *yaml.Node {
	const hops = 32
	for range hops {
		ref := field(n, "$ref")
		if ref == nil || ref.Kind != yaml.ScalarNode {
			return n
		}
		section, name, ok := target(ref.Value)
		if !ok {
			return nil
		}
		if n = field(field(field(d.root, "components"), section), name); n == nil {
			return nil
		}
	}
	return nil
}

// reference notes the $ref of n, and reports whether it has one.
func (l *linter) reference(n *yaml.Node, kind, subject string) bool {
	ref := field(n, "$ref")
	if ref == nil {
		return false
	}
	if ref.Kind != yaml.ScalarNode || ref.Tag != "!!str" {
		l.report(ref, "reference", subject, "has a $ref that is no string")
		return true
	}
	for key := range entries(n) {
		if key.Value != "$ref" {
			l.report(key, "reference", subject, "has %s beside $ref, where it is ignored; put the $ref into an allOf", key.Value)
		}
	}
	l.refs = append(l.refs, reference{ref, kind, subject})
	return true
}

// references finds those that lead nowhere, and the components that none leads to.
func (l *linter) references() {
	components := field(l.document.root, "components")
	for _, r := range l.refs {
		section, name, ok := target(r.node.Value)
		want := componentOf[r.kind]
		switch {
		case !ok:
			l.report(r.node, "reference", r.subject, "refers to %s; only %s%s/NAME of the same document can be followed", quote(r.node.Value), componentsPrefix, want)
		case section != want:
			l.report(r.node, "reference", r.subject, "refers to one of the %s, where one of the %s is due", section, want)
		case field(field(components, section), name) == nil:
			l.report(r.node, "reference", r.subject, "refers to %s, which does not exist%s", r.node.Value, didYouMean(name, keys(field(components, section))))
		case l.document.resolve(field(field(components, section), name)) == nil:
			l.report(r.node, "reference", r.subject, "refers to %s, which leads nowhere or in circles", r.node.Value)
		}
	}
	used := map[string]bool{}
	l.document.reach(field(l.document.root, "paths"), used)
	for _, requirement := range items(field(l.document.root, "security")) {
		for _, scheme := range keys(requirement) {
			used[componentsPrefix+"securitySchemes/"+scheme] = true
		}
	}
	for section, all := range entries(components) {
		if strings.HasPrefix(section.Value, "x-") {
			continue
		}
		for key := range entries(all) {
			if !used[componentsPrefix+section.Value+"/"+key.Value] {
				l.report(key, "unused", key.Value, "is not used: no path leads to this entry of %s", section.Value)
			}
			if strings.ContainsFunc(key.Value, func(r rune) bool {
				return !strings.ContainsRune("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-", r)
			}) {
				l.report(key, "component-name", quote(key.Value), "has characters that no $ref can hold; use letters, digits and . _ -")
			}
		}
	}
}

// endless finds the schemas that contain themselves in every value, through allOf or mandatory properties.
func (l *linter) endless() {
	for key, schema := range entries(field(field(l.document.root, "components"), "schemas")) {
		inside := map[*yaml.Node]bool{}
		l.document.always(schema, inside)
		if inside[schema] {
			l.report(key, "reference", key.Value, "contains itself in every value, so that none can end: through allOf, or properties that are all mandatory")
		}
	}
}

// always notes the schemas that every value of n has to keep, itself or in a property.
func (d *Document) always(n *yaml.Node, inside map[*yaml.Node]bool) {
	below := slices.DeleteFunc(slices.Clone(items(field(n, "allOf"))), func(part *yaml.Node) bool { return field(part, "x-rule") != nil })
	for _, name := range texts(field(n, "required")) {
		below = append(below, field(field(n, "properties"), name))
	}
	if field(n, "$ref") != nil {
		below = append(below, d.resolve(n))
	}
	for _, part := range below {
		if part = d.resolve(part); part != nil && !inside[part] && !isTrue(field(part, "nullable")) {
			inside[part] = true
			d.always(part, inside)
		}
	}
}

// reach notes the components that n leads to, itself or through others.
func (d *Document) reach(n *yaml.Node, used map[string]bool) {
	for key, value := range entries(n) {
		if key.Value == "security" {
			for _, requirement := range items(value) {
				for _, scheme := range keys(requirement) {
					used[componentsPrefix+"securitySchemes/"+scheme] = true
				}
			}
		}
		if section, name, ok := target(text(value)); ok && (key.Value == "$ref") {
			if id := componentsPrefix + section + "/" + name; !used[id] {
				used[id] = true
				d.reach(field(field(field(d.root, "components"), section), name), used)
			}
			continue
		}
		d.reach(value, used)
	}
	for _, item := range items(n) {
		d.reach(item, used)
	}
}

func keys(n *yaml.Node) []string {
	all := map[string]bool{}
	for key := range entries(n) {
		all[key.Value] = true
	}
	return slices.Sorted(maps.Keys(all))
}
