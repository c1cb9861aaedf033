package main

import (
	"slices"
	"strings"

	"github.com/vod-reproduction/vod/tools/document"
)

// annotations say something to people or to other tools; nothing has to be checked for them.
var annotations = []string{"title", "description", "example", "deprecated", "externalDocs"}

// keywords are those that the templates implement, for each kind of schema. Whatever stands beside them is refused, so that
// no constraint is lost on the way from the document to the code.
var keywords = map[string][]string{
	"a reference":                  {"$ref"},
	"a reference with annotations": {"allOf", "default"},
	"an object":                    {"type", "properties", "required", "additionalProperties"},
	"an object with rules":         {"type", "allOf"},
	"an array":                     {"type", "items", "minItems", "maxItems"},
	"a string":                     {"type", "minLength", "maxLength", "pattern", "default"},
	"an enumeration":               {"type", "format", "enum", "default"},
	"an integer":                   {"type", "format", "minimum", "maximum", "exclusiveMinimum", "default"},
	"a boolean":                    {"type", "default"},
	"a rule":                       {"not"},
}

// allow refuses every keyword of schema that its kind does not implement.
func (b *builder) allow(schema *document.Node, at, what string) {
	for entry := range document.Entries(schema) {
		known := slices.Contains(keywords[what], entry.Key) || strings.HasPrefix(entry.Key, "x-") ||
			what != "a reference" && slices.Contains(annotations, entry.Key)
		if !known {
			b.refuse(entry.Line, at, "%s is not supported in %s", entry.Key, what)
		}
	}
}
