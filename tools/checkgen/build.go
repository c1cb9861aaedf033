package main

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/oapi-codegen/oapi-codegen/v2/pkg/codegen"

	"github.com/vod-reproduction/vod/tools/document"
)

// builder makes the model of what requests of a document can hold. It goes on behind a fault, so that all are reported
// at once.
type builder struct {
	file    string
	root    *document.Node
	structs map[string]map[string]goField
	objects map[string]*object
	out     model
	faults  []error
}

func build(file string, root *document.Node, pkg string, structs map[string]map[string]goField) (model, error) {
	b := builder{file: file, root: root, structs: structs, objects: map[string]*object{}}
	b.out.Package = pkg
	for path := range document.Entries(document.Get(root, "paths")) {
		for operation := range document.Entries(path.Value) {
			if document.Get(operation.Value, "operationId") != nil {
				b.operation(path, operation)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(b.objects)) {
		b.out.Objects = append(b.out.Objects, b.objects[name])
	}
	slices.SortFunc(b.out.Params, func(x, y *object) int { return cmp.Compare(x.Name, y.Name) })
	namePatterns(b.out)
	return b.out, errors.Join(b.faults...)
}

// refuse reports one place where the document asks for what the templates cannot do.
func (b *builder) refuse(line int, at, format string, values ...any) {
	b.faults = append(b.faults, fmt.Errorf("%s:%d: %s: %s", b.file, line, at, fmt.Sprintf(format, values...)))
}

// resolve follows a reference; a broken one is refused, and target is then nil.
func (b *builder) resolve(node *document.Node, at string) (target *document.Node, name string) {
	target, name, err := document.Resolve(b.root, node)
	if err != nil {
		b.refuse(node.Line, at, "%v", err)
	}
	return target, name
}

func (b *builder) operation(path, operation document.Entry) {
	id := document.Text(document.Get(operation.Value, "operationId"))
	params := &object{Name: codegen.ToCamelCase(id) + "Params"}
	shared, own := document.Items(document.Get(path.Value, "parameters")), document.Items(document.Get(operation.Value, "parameters"))
	for _, reference := range slices.Concat(shared, own) {
		parameter, _ := b.resolve(reference, id)
		if parameter == nil || document.Text(document.Get(parameter, "in")) == "path" {
			continue // a path is held against what exists by whoever has it
		}
		name, schema := document.Text(document.Get(parameter, "name")), document.Get(parameter, "schema")
		if schema == nil {
			b.refuse(parameter.Line, id+"."+name, "has no schema")
			continue
		}
		required := document.Text(document.Get(parameter, "required")) == "true"
		if f := b.property(params, id, name, schema, required); f != nil {
			params.Fields = append(params.Fields, f)
		}
	}
	if len(params.Fields) > 0 {
		b.names(params, id)
		b.out.Params = append(b.out.Params, params)
	}
	body, _ := b.resolve(document.Get(operation.Value, "requestBody"), id)
	if body == nil {
		return
	}
	schema := document.Get(body, "content", "application/json", "schema")
	switch {
	case schema == nil:
		b.refuse(body.Line, id, "its body has no application/json; no other body is supported")
	case document.Get(schema, "$ref") == nil:
		b.refuse(schema.Line, id, "its body must be a $ref to a schema with a name")
	default:
		if target, name := b.resolve(schema, id); target != nil {
			b.object(target, name)
		}
	}
}

// object describes a component schema; b.objects holds each once, also one that holds itself.
func (b *builder) object(schema *document.Node, name string) *object {
	if o := b.objects[name]; o != nil {
		return o
	}
	o := &object{Name: codegen.SchemaNameToTypeName(name)}
	b.objects[name] = o
	if t := document.Text(document.Get(schema, "type")); t != "object" && (t != "" || document.Get(schema, "allOf") == nil) {
		b.refuse(schema.Line, name, "must be an object")
		return o
	}
	parts := document.Get(schema, "allOf")
	if parts == nil {
		b.properties(o, name, schema)
		b.beyond(schema, name)
		return o
	}
	b.allow(schema, name, "an object with rules")
	holders := 0
	for _, part := range document.Items(parts) {
		switch {
		case document.Get(part, "x-rule") != nil:
			b.allow(part, name, "a rule")
			b.rule(part, name, "schema")
		case document.Get(part, "properties") != nil && holders == 0:
			holders++
			b.properties(o, name, part)
		default:
			b.refuse(part.Line, name, "a part of allOf must be a rule (x-rule), and one of them must hold the properties")
		}
	}
	b.beyond(schema, name)
	return o
}

// beyond reads the rules that no schema can say.
func (b *builder) beyond(schema *document.Node, name string) {
	for _, r := range document.Items(document.Get(schema, "x-rules")) {
		b.rule(r, name, document.Text(document.Get(r, "enforced-by")))
	}
}

func (b *builder) rule(node *document.Node, at, enforced string) {
	said := func(key string) string { return document.Text(document.Get(node, key)) }
	r := rule{
		Name: said("x-rule"), Field: said("x-rule-field"), Message: said("x-rule-message"), Page: said("x-page"),
		Enforced: enforced, Reads: document.Texts(document.Get(node, "x-rule-reads")),
	}
	if len(r.Reads) > 0 {
		r.When = document.Texts(document.Get(node, "not", "properties", r.Reads[0], "enum"))
	}
	if r.Name == "" || r.Field == "" || r.Message == "" || len(r.Reads) == 0 {
		b.refuse(node.Line, at, "rule %q needs x-rule-field, x-rule-reads and x-rule-message", r.Name)
	}
	if !slices.Contains([]string{"schema", "contract", "service"}, enforced) {
		b.refuse(node.Line, at, "rule %q: enforced-by must be contract or service", r.Name)
	}
	if slices.ContainsFunc(b.out.Rules, func(other rule) bool { return other.Name == r.Name }) {
		b.refuse(node.Line, at, "rule %q is specified more than once", r.Name)
	}
	b.out.Rules = append(b.out.Rules, r)
}

// properties adds the fields of one object schema to o.
func (b *builder) properties(o *object, name string, schema *document.Node) {
	b.allow(schema, name, "an object")
	if document.Text(document.Get(schema, "additionalProperties")) != "false" {
		b.refuse(schema.Line, name, "an object of a request must refuse unknown fields (additionalProperties: false)")
	}
	properties, required := document.Get(schema, "properties"), document.Texts(document.Get(schema, "required"))
	for _, mandatory := range required {
		if document.Get(properties, mandatory) == nil {
			b.refuse(document.Get(schema, "required").Line, name, "required names %s, which is no property", mandatory)
		}
	}
	for property := range document.Entries(properties) {
		if f := b.property(o, name, property.Key, property.Value, slices.Contains(required, property.Key)); f != nil {
			o.Fields = append(o.Fields, f)
		}
	}
	b.names(o, name)
	if len(o.Fields) > 64 {
		b.refuse(schema.Line, name, "has more than 64 properties")
	}
}

// names refuses fields that Go cannot tell from each other, from their getters or from the method that checks them.
func (b *builder) names(o *object, at string) {
	taken := map[string]string{"Check": "is the method that checks the object"}
	for _, f := range o.Fields {
		taken["Get"+f.Go] = "is the getter of " + f.JSON
	}
	for _, f := range o.Fields {
		if by := taken[f.Go]; by != "" {
			b.refuse(f.Line, at+"."+f.JSON, "its Go name %s %s; choose another, that of a property by field in names.yaml", f.Go, by)
		}
		taken[f.Go] = "is that of " + f.JSON
	}
}

// property describes one field of o as the document and the generated struct have it; nil where they do not fit.
func (b *builder) property(o *object, at, json string, schema *document.Node, required bool) *field {
	at += "." + json
	f := b.value(schema, at)
	if f == nil {
		return nil
	}
	generated, ok := b.structs[o.Name][json]
	if !ok {
		b.refuse(schema.Line, at, "the generated struct %s has no such field", o.Name)
		return nil
	}
	f.JSON, f.Required, f.Go, f.Line = json, required, generated.Name, schema.Line
	f.Description = strings.Join(strings.Fields(document.Text(document.Get(schema, "description"))), " ")
	f.Page = document.Text(document.Get(schema, "x-page"))
	f.Ignored = document.Text(document.Get(schema, "x-ignored"))
	f.Type, f.Pointer = strings.CutPrefix(generated.Type, "*")
	if f.Items != nil {
		f.Items.JSON, f.Items.Go = json, generated.Name
		f.Items.Type = strings.TrimPrefix(f.Type, "[]")
	}
	return f
}
