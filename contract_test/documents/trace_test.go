package documents_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/vod-reproduction/vod/contract_test/page"
	"github.com/vod-reproduction/vod/tools/oracle"
)

type object = map[string]any

// unmarked are the parts of the API reference that the document follows without an x-page: prose that no field stands for.
var unmarked = []string{"Function", "Authorization Information", "Error Codes"}

// TestPageIsTraced follows every statement of the API reference to its place in the document, and every x-page of the document
// back to a statement. What a property says of itself needs no row: its limits, values and default are held against those of
// the last release (speccheck), and contracttest derives its cases from them.
func TestPageIsTraced(t *testing.T) {
	t.Parallel()
	document := generic(t)
	traced := map[string]bool{}
	for _, r := range page.Rows() {
		traced[r.Page] = true
		marks, err := find(document, r.Place)
		switch {
		case err != nil:
			t.Errorf("%s: %v", r, err)
		case !slices.Contains(unmarked, r.Page) && !slices.Contains(marks, r.Page):
			t.Errorf("%s: %s comes from %q", r, r.Place, marks)
		}
	}
	for _, schema := range reproduction().Components.Schemas {
		oracle.EachProperty(schema.Value, func(name string, property *openapi3.Schema) {
			for _, mark := range split(property.Extensions["x-page"]) {
				traced[mark] = true
				table, ofTable := schema.Value.Extensions["x-page"].(string)
				if here := table + ", " + name; ofTable && mark != here {
					t.Errorf("%s comes from %q and not from %q", name, mark, here)
				}
			}
		})
	}
	for _, mark := range allMarks(document) {
		if !traced[mark] {
			t.Errorf("the document comes from %q, which no row has", mark)
		}
	}
	t.Logf("%d rows", len(page.Rows()))
}

// generic is the document as plain JSON values.
func generic(t *testing.T) object {
	t.Helper()
	var document object
	if err := json.Unmarshal(must(json.Marshal(reproduction())), &document); err != nil {
		t.Fatal(err)
	}
	return document
}

// find looks up a row's place, and returns the x-page marks that stand there or above it.
func find(document object, place string) (marks []string, err error) {
	if pointer, ok := strings.CutPrefix(place, "#/"); ok {
		return follow(document, strings.Split(pointer, "/"))
	}
	if rule, ok := strings.CutPrefix(place, "rule "); ok {
		ext, ok := oracle.Rules(reproduction())[rule]
		if !ok {
			return nil, fmt.Errorf("there is no rule %s", rule)
		}
		return split(ext["x-page"]), nil
	}
	path, keyword, _ := strings.Cut(place, " ")
	name, property, isProperty := strings.Cut(path, ".")
	schema := fields(fields(fields(document["components"])["schemas"])[name])
	for _, part := range append([]any{schema}, items(schema["allOf"])...) {
		part := fields(part)
		switch found := fields(fields(part["properties"])[property]); {
		case !isProperty && part[keyword] != nil:
			return split(schema["x-page"]), nil
		case isProperty && keyword == "required" && slices.Contains(items(part["required"]), any(property)) && found != nil,
			isProperty && found[keyword] != nil:
			return split(found["x-page"]), nil
		}
	}
	return nil, fmt.Errorf("the document has no %s", place)
}

// follow walks a JSON pointer.
func follow(node any, steps []string) (marks []string, err error) {
	for _, step := range steps {
		step = strings.NewReplacer("~1", "/", "~0", "~").Replace(step)
		switch above := node.(type) {
		case object:
			node = above[step]
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i >= len(above) {
				return nil, fmt.Errorf("the document ends at %s", step)
			}
			node = above[i]
		}
		if node == nil {
			return nil, fmt.Errorf("the document ends at %s", step)
		}
		if here, ok := node.(object); ok {
			marks = append(marks, split(here["x-page"])...)
		}
	}
	return marks, nil
}

// allMarks lists every x-page of the document, each once.
func allMarks(node any) []string {
	found := map[string]bool{}
	var walk func(any)
	walk = func(node any) {
		switch n := node.(type) {
		case object:
			for _, mark := range split(n["x-page"]) {
				found[mark] = true
			}
			for _, below := range n {
				walk(below)
			}
		case []any:
			for _, below := range n {
				walk(below)
			}
		}
	}
	walk(node)
	return slices.Sorted(maps.Keys(found))
}

// split returns the places that one x-page names.
func split(mark any) []string {
	text, ok := mark.(string)
	if !ok {
		return nil
	}
	return strings.Split(text, "; ")
}

// fields and items return what a JSON value holds, nothing when it is of another type.
func fields(v any) object {
	held, _ := v.(object)
	return held
}

func items(v any) []any {
	held, _ := v.([]any)
	return held
}
