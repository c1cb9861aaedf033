package oracle

import "github.com/getkin/kin-openapi/openapi3"

// Rules reads the cross-field rules of a document: the name of each, and the extensions that describe it.
func Rules(doc *openapi3.T) map[string]map[string]any {
	rules := map[string]map[string]any{}
	for _, ref := range doc.Components.Schemas {
		for _, part := range ref.Value.AllOf {
			if name, ok := part.Value.Extensions["x-rule"].(string); ok {
				rules[name] = part.Value.Extensions
			}
		}
		beyond, _ := ref.Value.Extensions["x-rules"].([]any)
		for _, rule := range beyond {
			rules[rule.(map[string]any)["x-rule"].(string)] = rule.(map[string]any)
		}
	}
	return rules
}

// EachProperty visits the properties of a schema, also those inside allOf. Rules have none of their own.
func EachProperty(schema *openapi3.Schema, visit func(name string, value *openapi3.Schema)) {
	for name, ref := range schema.Properties {
		visit(name, ref.Value)
	}
	for _, part := range schema.AllOf {
		if part.Ref == "" && part.Value.Extensions["x-rule"] == nil {
			EachProperty(part.Value, visit)
		}
	}
}

// Property returns a property of a schema, also one inside allOf; nil when there is none.
func Property(schema *openapi3.Schema, name string) (found *openapi3.Schema) {
	EachProperty(schema, func(property string, value *openapi3.Schema) {
		if property == name {
			found = value
		}
	})
	return found
}
