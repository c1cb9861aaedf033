package documents_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/vod-reproduction/vod/contract_test/page"
	"github.com/vod-reproduction/vod/tools/oracle"
)

type object = map[string]any

// unmarked are the parts of the API reference that the document follows without an x-page: prose that no field stands for.
var unmarked = []string{"Function", "Authorization Information", "Error Codes"}

// TestPageIsTraced follows every statement of the API reference to its place in the document, and every x-page of the document
// back to a statement.
func TestPageIsTraced(t *testing.T) {
	t.Parallel()
	document := generic(t)
	traced := map[string]bool{}
	for _, r := range page.Rows() {
		traced[r.Page] = true
		marks, value, err := find(document, r.Place)
		switch {
		case err != nil:
			t.Errorf("%s: %v", r, err)
		case !states(r, value):
			t.Errorf("%s: %s is %v", r, r.Place, value)
		case !slices.Contains(unmarked, r.Page) && !slices.Contains(marks, r.Page):
			t.Errorf("%s: %s comes from %q", r, r.Place, marks)
		}
	}
	for _, mark := range allMarks(document) {
		if !traced[mark] {
			t.Errorf("the document comes from %q, which no row has", mark)
		}
	}
	t.Logf("%d rows", len(page.Rows()))
}

// stated are the keywords whose value a row has to repeat in its statement, where the statement has a number at all.
var stated = []string{"minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems"}

var number = regexp.MustCompile(`-?\d+`)

// states reports whether what a row says has the value that the document has at the row's place.
func states(r page.Row, value any) bool {
	_, keyword, _ := strings.Cut(r.Place, " ")
	numbers := number.FindAllString(r.Says, -1)
	switch {
	case keyword == "default":
		return slices.Contains(numbers, fmt.Sprint(value))
	case slices.Contains(stated, keyword) && len(numbers) > 0:
		return slices.Contains(numbers, fmt.Sprintf("%.0f", value))
	}
	return true
}

// TestWrongValueIsFound changes values of the document under the rows that state them.
func TestWrongValueIsFound(t *testing.T) {
	t.Parallel()
	for _, r := range page.Rows() {
		_, keyword, _ := strings.Cut(r.Place, " ")
		if keyword == "default" && states(r, 4711.0) {
			t.Errorf("%s: any value of %s would do", r, r.Place)
		}
	}
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

// find looks up a row's place, and returns the x-page marks that stand there or above it, and the value of its keyword.
func find(document object, place string) (marks []string, value any, err error) {
	if pointer, ok := strings.CutPrefix(place, "#/"); ok {
		marks, err = follow(document, strings.Split(pointer, "/"))
		return marks, nil, err
	}
	if rule, ok := strings.CutPrefix(place, "rule "); ok {
		ext, ok := oracle.Rules(reproduction())[rule]
		if !ok {
			return nil, nil, fmt.Errorf("there is no rule %s", rule)
		}
		return split(ext["x-page"]), nil, nil
	}
	path, keyword, _ := strings.Cut(place, " ")
	name, property, isProperty := strings.Cut(path, ".")
	schema := fields(fields(fields(document["components"])["schemas"])[name])
	for _, part := range append([]any{schema}, items(schema["allOf"])...) {
		part := fields(part)
		switch found := fields(fields(part["properties"])[property]); {
		case !isProperty && part[keyword] != nil:
			return split(schema["x-page"]), part[keyword], nil
		case isProperty && keyword == "required" && slices.Contains(items(part["required"]), any(property)) && found != nil,
			isProperty && found[keyword] != nil:
			return split(found["x-page"]), found[keyword], nil
		}
	}
	return nil, nil, fmt.Errorf("the document has no %s", place)
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
