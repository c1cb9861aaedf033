package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"
)

// document is what the templates need to know of one OpenAPI document.
type document struct {
	Package string
	Objects []*object
	Params  []*object
	Rules   []rule
}

// object is one struct that oapi-codegen made from the document.
type object struct {
	Name   string
	Fields []*field
}

// field is one member of an object or, for a parameter, one value of the request.
type field struct {
	JSON, Go, Type string
	Kind           string // string, integer, object, array
	Required       bool
	Pointer        bool
	Object         *object
	Items          *field
	Default        any

	Enum    []any
	MinLen  uint64
	MaxLen  *uint64
	Pattern string
	// PatternMessage says the pattern to a person: x-pattern-message of the document.
	PatternMessage string
	Min, Max       *float64
	ExclusiveMin   bool
	MinItems       uint64
	MaxItems       *uint64
	order          float64
}

// rule is one constraint between members.
type rule struct {
	Name, Field, Message, Page, Enforced string
	Reads                                []string
}

type builder struct {
	structs map[string]map[string]goField
	objects map[string]*object
	out     document
}

func build(doc *openapi3.T, pkg string, structs map[string]map[string]goField) (document, error) {
	b := builder{structs: structs, objects: map[string]*object{}}
	b.out.Package = pkg
	for _, path := range doc.Paths.InMatchingOrder() {
		item := doc.Paths.Value(path)
		for _, method := range slices.Sorted(maps.Keys(item.Operations())) {
			if err := b.operation(item, item.Operations()[method]); err != nil {
				return document{}, fmt.Errorf("%s %s: %w", method, path, err)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(b.objects)) {
		b.out.Objects = append(b.out.Objects, b.objects[name])
	}
	return b.out, nil
}

func (b *builder) operation(item *openapi3.PathItem, op *openapi3.Operation) error {
	params := &object{Name: codegen.ToCamelCase(op.OperationID) + "Params"}
	for _, p := range slices.Concat(item.Parameters, op.Parameters) {
		if p.Value.In == "path" {
			continue // held against what exists by whoever has the path
		}
		f, err := b.member(params, p.Value.Name, p.Value.Schema, p.Value.Required)
		if err != nil {
			return err
		}
		params.Fields = append(params.Fields, f)
	}
	if len(params.Fields) > 0 {
		b.out.Params = append(b.out.Params, params)
	}
	if op.RequestBody == nil {
		return nil
	}
	media := op.RequestBody.Value.Content.Get("application/json")
	if media == nil {
		return fmt.Errorf("only application/json bodies are understood")
	}
	_, err := b.object(media.Schema)
	return err
}

// object describes a component schema; b.objects holds each once.
func (b *builder) object(ref *openapi3.SchemaRef) (*object, error) {
	if ref.Ref == "" {
		return nil, fmt.Errorf("an object must be a component of its own, so that it has a name")
	}
	name := ref.Ref[strings.LastIndexByte(ref.Ref, '/')+1:]
	if o := b.objects[name]; o != nil {
		return o, nil
	}
	o := &object{Name: codegen.SchemaNameToTypeName(name)}
	b.objects[name] = o
	parts := []*openapi3.Schema{ref.Value}
	for _, member := range ref.Value.AllOf {
		if _, isRule := member.Value.Extensions["x-rule"]; isRule {
			b.out.Rules = append(b.out.Rules, ruleOf(member.Value.Extensions, "schema"))
			continue
		}
		parts = append(parts, member.Value)
	}
	for _, ext := range list(ref.Value.Extensions["x-rules"]) {
		r := ext.(map[string]any)
		b.out.Rules = append(b.out.Rules, ruleOf(r, r["enforced-by"].(string)))
	}
	for _, part := range parts {
		if err := unknownKeywords(part); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		closed := part.AdditionalProperties.Has != nil && !*part.AdditionalProperties.Has
		if len(part.Properties) > 0 && !closed {
			return nil, fmt.Errorf("%s: a request object must refuse unknown members (additionalProperties: false)", name)
		}
		for _, json := range slices.Sorted(maps.Keys(part.Properties)) {
			f, err := b.member(o, json, part.Properties[json], slices.Contains(part.Required, json))
			if err != nil {
				return nil, fmt.Errorf("%s.%w", name, err)
			}
			o.Fields = append(o.Fields, f)
		}
	}
	slices.SortStableFunc(o.Fields, func(x, y *field) int { return cmp.Compare(x.order, y.order) })
	return o, nil
}

// member describes one member of o as the document and the generated struct have it.
func (b *builder) member(o *object, json string, ref *openapi3.SchemaRef, required bool) (*field, error) {
	generated, ok := b.structs[o.Name][json]
	if !ok {
		return nil, fmt.Errorf("%s: the generated struct %s has no such member", json, o.Name)
	}
	f, err := b.value(json, ref)
	if err != nil {
		return nil, err
	}
	f.Required, f.Go = required, generated.Name
	f.Type, f.Pointer = strings.CutPrefix(generated.Type, "*")
	if element, ok := strings.CutPrefix(f.Type, "[]"); ok && f.Items != nil {
		f.Items.Type = element
	}
	return f, nil
}

// value describes the constraints of one value.
func (b *builder) value(json string, ref *openapi3.SchemaRef) (*field, error) {
	s := ref.Value
	f := &field{JSON: json, Enum: s.Enum, Default: s.Default}
	f.order, _ = s.Extensions["x-order"].(float64)
	if len(s.AllOf) == 1 && s.AllOf[0].Ref != "" { // a $ref that carries its own description
		ref = s.AllOf[0]
		s = ref.Value
	}
	if err := unknownKeywords(s); err != nil {
		return nil, fmt.Errorf("%s: %w", json, err)
	}
	switch {
	case s.Type.Is("object") || len(s.AllOf) > 0:
		o, err := b.object(ref)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", json, err)
		}
		f.Kind, f.Object = "object", o
	case s.Type.Is("array"):
		items, err := b.value(json, s.Items)
		if err != nil {
			return nil, err
		}
		f.Kind, f.Items, f.MinItems, f.MaxItems = "array", items, s.MinItems, s.MaxItems
	case s.Type.Is("string"):
		f.Kind = "string"
		f.MinLen, f.MaxLen, f.Pattern = s.MinLength, s.MaxLength, s.Pattern
		f.PatternMessage, _ = s.Extensions["x-pattern-message"].(string)
		if f.PatternMessage == "" {
			f.PatternMessage = "must match " + s.Pattern
		}
	case s.Type.Is("integer"):
		f.Kind = "integer"
		f.Min, f.Max, f.ExclusiveMin = s.Min, s.Max, s.ExclusiveMin.IsTrue()
	default:
		return nil, fmt.Errorf("%s: type %v is not understood", json, s.Type)
	}
	return f, nil
}

// unknownKeywords refuses a constraint that the templates would silently leave out.
func unknownKeywords(s *openapi3.Schema) error {
	switch {
	case s.MultipleOf != nil, s.UniqueItems, s.MinProps != 0, s.MaxProps != nil, len(s.OneOf) > 0, len(s.AnyOf) > 0,
		s.Not != nil, s.Nullable, s.ExclusiveMax.IsTrue(), s.Type.Is("string") && s.Format != "":
		return fmt.Errorf("uses a keyword that checkgen does not know")
	}
	return nil
}

func ruleOf(ext map[string]any, enforced string) rule {
	r := rule{Enforced: enforced}
	r.Name, _ = ext["x-rule"].(string)
	r.Field, _ = ext["x-rule-field"].(string)
	r.Message, _ = ext["x-rule-message"].(string)
	r.Page, _ = ext["x-page"].(string)
	for _, member := range list(ext["x-rule-reads"]) {
		r.Reads = append(r.Reads, member.(string))
	}
	return r
}

func list(v any) []any {
	l, _ := v.([]any)
	return l
}
