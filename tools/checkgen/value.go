package main

import (
	"math"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/vod-reproduction/vod/tools/document"
)

// value describes the constraints of one value; nil when its kind is not supported.
func (b *builder) value(schema *document.Node, at string) *field {
	if document.Get(schema, "$ref") != nil {
		b.allow(schema, at, "a reference")
		return b.referenced(schema, at)
	}
	if parts := document.Items(document.Get(schema, "allOf")); len(parts) > 0 {
		b.allow(schema, at, "a reference with annotations")
		if len(parts) > 1 || document.Get(parts[0], "$ref") == nil {
			b.refuse(schema.Line, at, "allOf must hold one $ref; give an object with rules a name of its own")
			return nil
		}
		f := b.referenced(parts[0], at)
		if said := document.Get(schema, "default"); f != nil && said != nil {
			b.defaults(f, said, at)
		}
		return f
	}
	f := b.bare(schema, at)
	if f == nil {
		return nil
	}
	if said := document.Get(schema, "default"); said != nil {
		b.defaults(f, said, at)
	}
	return f
}

// referenced describes a component: an object, or a value that the document gives a name.
func (b *builder) referenced(reference *document.Node, at string) *field {
	target, name := b.resolve(reference, at)
	if target == nil {
		return nil
	}
	switch document.Text(document.Get(target, "type")) {
	case "string", "integer", "boolean":
		return b.bare(target, name)
	case "array":
		b.refuse(reference.Line, at, "a $ref to an array is not supported; put the array here and give its elements a name")
		return nil
	}
	return &field{Kind: kindObject, Object: b.object(target, name)}
}

// bare describes a schema without references.
func (b *builder) bare(schema *document.Node, at string) *field {
	switch t := document.Get(schema, "type"); {
	case t == nil:
		b.refuse(schema.Line, at, "has no type")
	case document.Get(schema, "enum") != nil:
		return b.enumeration(schema, at)
	case t.Value == "string":
		return b.text(schema, at)
	case t.Value == "integer":
		return b.integer(schema, at)
	case t.Value == "boolean":
		b.allow(schema, at, "a boolean")
		return &field{Kind: kindBoolean}
	case t.Value == "array":
		return b.array(schema, at)
	case t.Value == "object":
		b.refuse(t.Line, at, "an object must be a component of its own, so that it has a name")
	default:
		b.refuse(t.Line, at, "type %s is not supported", t.Value)
	}
	return nil
}

func (b *builder) array(schema *document.Node, at string) *field {
	b.allow(schema, at, "an array")
	f := &field{Kind: kindArray}
	f.MinItems, _ = b.count(schema, "minItems", at)
	if n, ok := b.count(schema, "maxItems", at); ok {
		f.MaxItems = &n
	}
	items := document.Get(schema, "items")
	if items == nil {
		b.refuse(schema.Line, at, "has no items")
		return nil
	}
	if f.Items = b.value(items, at+"[]"); f.Items == nil {
		return nil
	}
	if f.Items.Kind == kindArray {
		b.refuse(items.Line, at, "an array of arrays is not supported")
		return nil
	}
	if f.Items.Default != "" {
		b.refuse(items.Line, at, "a default of elements is not supported")
	}
	return f
}

func (b *builder) text(schema *document.Node, at string) *field {
	b.allow(schema, at, "a string")
	f := &field{Kind: kindString, Pattern: document.Text(document.Get(schema, "pattern"))}
	f.MinLen, _ = b.count(schema, "minLength", at)
	if n, ok := b.count(schema, "maxLength", at); ok {
		f.MaxLen = &n
	}
	if _, err := regexp.Compile(f.Pattern); err != nil {
		b.refuse(document.Get(schema, "pattern").Line, at, "pattern: %v", err)
	}
	f.PatternMessage = document.Text(document.Get(schema, "x-pattern-message"))
	if f.PatternMessage == "" {
		f.PatternMessage = "must match " + f.Pattern
	}
	return f
}

func (b *builder) enumeration(schema *document.Node, at string) *field {
	b.allow(schema, at, "an enumeration")
	kind := kind(document.Text(document.Get(schema, "type")))
	if kind != kindString && kind != kindInteger {
		b.refuse(schema.Line, at, "an enumeration of type %s is not supported", kind)
		return nil
	}
	f := &field{Kind: kind}
	if kind == kindInteger {
		b.format(schema, at)
		f.Format = document.Text(document.Get(schema, "format"))
	} else if format := document.Get(schema, "format"); format != nil {
		b.refuse(format.Line, at, "format is not supported in a string")
	}
	for _, value := range document.Items(document.Get(schema, "enum")) {
		expression := b.literal(kind, value, at+" enum")
		if slices.Contains(f.Enum, expression) {
			b.refuse(value.Line, at, "enum holds %s more than once", value.Value)
			continue
		}
		f.Enum, f.Choices = append(f.Enum, expression), append(f.Choices, value.Value)
	}
	if len(f.Enum) == 0 {
		b.refuse(schema.Line, at, "enum is empty")
		return nil
	}
	return f
}

func (b *builder) integer(schema *document.Node, at string) *field {
	b.allow(schema, at, "an integer")
	bits := b.format(schema, at)
	f := &field{Kind: kindInteger, Format: document.Text(document.Get(schema, "format")), Min: b.bound(schema, "minimum", bits, at), Max: b.bound(schema, "maximum", bits, at)}
	f.ExclusiveMin = document.Text(document.Get(schema, "exclusiveMinimum")) == "true"
	if f.ExclusiveMin && f.Min == nil {
		b.refuse(schema.Line, at, "exclusiveMinimum needs minimum")
	}
	if f.Min != nil && f.Max != nil && f.Min.Cmp(f.Max) > 0 {
		b.refuse(schema.Line, at, "minimum is above maximum")
	}
	return f
}

// format returns the width of an integer in bits. Without one the types of the languages differ.
func (b *builder) format(schema *document.Node, at string) int {
	switch format := document.Get(schema, "format"); document.Text(format) {
	case "int32":
		return 32
	case "int64":
		return 64
	case "":
		b.refuse(schema.Line, at, "an integer needs format: int32 or int64")
	default:
		b.refuse(format.Line, at, "format %s is not supported in an integer", format.Value)
	}
	return 64
}

// bound reads a limit of an integer of so many bits. One that other validators round, because they compare in 64-bit
// floating point, is refused.
func (b *builder) bound(schema *document.Node, keyword string, bits int, at string) *big.Int {
	node := document.Get(schema, keyword)
	if node == nil {
		return nil
	}
	n, err := strconv.ParseInt(node.Value, 10, 64)
	switch {
	case err != nil:
		b.refuse(node.Line, at, "%s %s is not a whole number", keyword, node.Value)
		return nil
	case bits == 32 && (n < math.MinInt32 || n > math.MaxInt32):
		b.refuse(node.Line, at, "%s %d does not fit in 32 bits", keyword, n)
	case n < -1<<53 || n > 1<<53:
		b.refuse(node.Line, at, "%s %d is beyond 2^53, where JSON Schema validators round", keyword, n)
	}
	return big.NewInt(n)
}

// count reads a limit that counts characters or elements.
func (b *builder) count(schema *document.Node, keyword, at string) (n uint64, ok bool) {
	node := document.Get(schema, keyword)
	if node == nil {
		return 0, false
	}
	n, err := strconv.ParseUint(node.Value, 10, 31)
	if err != nil {
		b.refuse(node.Line, at, "%s %s is not a count", keyword, node.Value)
	}
	return n, true
}

// defaults sets the value that stands for an absent field, which must keep the field's own constraints.
func (b *builder) defaults(f *field, said *document.Node, at string) {
	if f.Kind == kindObject || f.Kind == kindArray {
		b.refuse(said.Line, at, "default is not supported in an %s", f.Kind)
		return
	}
	f.Default = b.literal(f.Kind, said, at+" default")
	kept := f.Enum == nil || slices.Contains(f.Enum, f.Default)
	if n, ok := new(big.Int).SetString(said.Value, 10); ok && f.Kind == kindInteger {
		kept = kept && (f.Min == nil || n.Cmp(f.Min) >= 0) && (f.Max == nil || n.Cmp(f.Max) <= 0) &&
			(!f.ExclusiveMin || n.Cmp(f.Min) != 0)
	}
	if f.Kind == kindString && f.Enum == nil {
		length := uint64(utf8.RuneCountInString(said.Value))
		pattern, err := regexp.Compile(f.Pattern)
		kept = length >= f.MinLen && (f.MaxLen == nil || length <= *f.MaxLen) && (err != nil || pattern.MatchString(said.Value))
	}
	if !kept {
		b.refuse(said.Line, at, "default %s breaks the constraints beside it", said.Value)
	}
}

// literal writes a value of the document as Go.
func (b *builder) literal(kind kind, node *document.Node, at string) string {
	tag := map[string]string{"!!str": "string", "!!int": "integer", "!!bool": "boolean"}[node.ShortTag()]
	if tag != string(kind) {
		b.refuse(node.Line, at, "%s is no %s", node.Value, kind)
		return "0"
	}
	if kind == kindString {
		return strconv.Quote(node.Value)
	}
	return node.Value
}
