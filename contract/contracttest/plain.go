package contracttest

import (
	"maps"
	"strings"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen"
)

// plain is the corpus of what follows from the document alone: what is mandatory, and every limit of the fields that no other
// part of the corpus has cases of.
func (c *corpus) plain() {
	tried := map[string]bool{}
	for _, known := range c.cases {
		field, _, _ := strings.Cut(known.Name, "/")
		tried[field] = true
	}
	for path, p := range contract.Fields() {
		if p.Required {
			c.reject(path+"/left out", path, "required", around(path), drop(path))
		}
		if tried[path] || path == "input" {
			continue
		}
		from := len(c.cases)
		c.limits(path, p)
		c.imagine(from) // what the field means to a server is not known here
	}
}

// limits are the edges of every constraint of one field.
func (c *corpus) limits(path string, p gen.Property) {
	with := around(path)
	switch {
	case p.Type == "object":
		c.accept(path+"/only what is mandatory", with, set(path, minimal(p.Object)))
	case p.Type == "array":
		c.elements(path, p, with)
	case len(p.Enum) > 0:
		c.oneOf(path, with)
	case p.Type == "boolean":
		c.accept(path+"/true", with, set(path, true))
		c.accept(path+"/false", with, set(path, false))
	case p.Type == "integer":
		c.between(path, with)
	case p.Pattern == "":
		if p.MaxLength > 0 {
			c.lengths(path, with)
		}
		least := strings.Repeat("x", int(p.MinLength))
		c.accept(path+"/fewest characters", with, set(path, least))
		if p.MinLength > 0 {
			rule := "minLength"
			if p.MinLength == 1 && p.Required {
				rule = "required"
			}
			c.reject(path+"/too few characters", path, rule, with, set(path, least[1:]))
		}
	}
}

// elements are the edges of an array's length.
func (c *corpus) elements(path string, p gen.Property, with edit) {
	list := func(n int64) []any {
		all := make([]any, n)
		for i := range all {
			all[i] = element(p)
		}
		return all
	}
	one := func(value any) edit {
		return func(request object) {
			set(path, append([]any{value}, list(max(p.MinItems-1, 0))...))(request)
		}
	}
	for name, wrong := range map[string]any{"null": nil, "object": object{}, "true": true, "number": 1, "text": "1"} {
		if kind := map[string]string{"object": "object", "true": "boolean", "number": "integer", "text": "string"}[name]; kind != p.Items {
			c.reject(path+"/element "+name, path+"[0]", "type", with, one(wrong))
		}
	}
	switch {
	case len(p.Enum) > 0:
		for _, value := range p.Enum {
			choice := p
			choice.Enum = []string{value}
			c.accept(path+"/element "+value, with, one(element(choice)))
		}
	case p.Items == "string" && p.Pattern == "" && p.MaxLength > 0:
		c.accept(path+"/element of most characters", with, one(strings.Repeat("x", int(p.MaxLength))))
		c.reject(path+"/element of too many characters", path+"[0]", "maxLength", with, one(strings.Repeat("x", int(p.MaxLength)+1)))
	case p.Items == "integer" && p.Minimum > minInt32:
		c.reject(path+"/element too little", path+"[0]", "minimum", with, one(p.Minimum-1))
	}
	c.accept(path+"/fewest elements", with, set(path, list(p.MinItems)))
	if p.MinItems > 0 {
		c.reject(path+"/too few elements", path, "minItems", with, set(path, list(p.MinItems-1)))
	}
	if p.MaxItems > 0 {
		c.accept(path+"/most elements", with, set(path, list(p.MaxItems)))
		c.reject(path+"/too many elements", path, "maxItems", with, set(path, list(p.MaxItems+1)))
	}
}

// element is a value that an array may hold.
func element(p gen.Property) any {
	p.Type, p.Items = p.Items, ""
	return sample(p)
}

// sample is a value that keeps the constraints of a property, but for patterns.
func sample(p gen.Property) any {
	switch {
	case len(p.Enum) > 0 && p.Type == "integer":
		return number(p.Enum[0])
	case len(p.Enum) > 0:
		return p.Enum[0]
	case p.Type == "integer":
		return p.Minimum
	case p.Type == "boolean":
		return true
	case p.Type == "object":
		return minimal(p.Object)
	case p.Type == "array":
		list := []any{}
		for range p.MinItems {
			list = append(list, element(p))
		}
		return list
	}
	return strings.Repeat("x", int(max(p.MinLength, 1)))
}

// minimal is an object with what a schema makes mandatory.
func minimal(schema string) object {
	held := object{}
	for _, p := range gen.Properties {
		if p.Schema == schema && p.Required {
			held[p.Name] = sample(p)
		}
	}
	return held
}

// before is the path of the object that holds a field, empty for one of the request itself.
func before(path string) string {
	return path[:max(0, strings.LastIndexByte(path, '.'))]
}

// around puts the objects that hold a field into a request, and what the field needs beside it.
func around(field string) edit {
	return func(request object) {
		switch {
		case strings.HasPrefix(field, "thumbnail.quantity"):
			request["thumbnail"] = object{"type": "quantity", "quantity": 1}
		case field == "thumbnail.dots":
			request["thumbnail"] = object{"type": "dots"}
		case strings.HasPrefix(field, "thumbnail."):
			request["thumbnail"] = object{"type": "time"}
		case field == "auto_encrypt":
			request["workflow_name"] = "any"
		case field == "storage_mode":
			request["output_bucket"], request["output_path"] = "any", "any"
		default:
			hold(request, before(field))
		}
	}
}

// hold puts the object at a path into a request, unless it is there.
func hold(request object, path string) {
	if path == "" {
		return
	}
	hold(request, before(path))
	above, name := descend(request, path)
	if above[name] == nil {
		above[name] = minimal(property(path).Object)
	}
	if path == "review" {
		request["input"].(object)["location"] = contract.ReviewRegion
	}
}

// fieldsOf lists the fields of a type.
func fieldsOf(kind string) (paths []string) {
	for path, p := range contract.Fields() {
		if p.Type == kind {
			paths = append(paths, path)
		}
	}
	return paths
}

// merged is an object with the fields of both, those of the second first.
func merged(held, over object) object {
	maps.Copy(held, over)
	return held
}
