package main

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/vod-reproduction/vod/tools/document"
)

// name is what names.yaml chooses for one schema, property or parameter.
type name struct {
	// Field is the name of the property's struct field.
	Field string `yaml:"field"`
	// Type is the name of an inline enumeration's type.
	Type string `yaml:"type"`
	// Values names the constants of values that make no good name themselves.
	Values map[string]string `yaml:"values"`
}

// walker visits every schema that becomes Go.
type walker struct {
	chosen  map[string]name
	used    map[string]bool
	actions []action
}

func (w *walker) document(doc *document.Node) error {
	for schema := range document.Entries(document.Get(doc, "components", "schemas")) {
		if err := w.schema(schema.Value, fmt.Sprintf("$['components']['schemas']['%s']", schema.Key), schema.Key, 0); err != nil {
			return err
		}
	}
	for path := range document.Entries(document.Get(doc, "paths")) {
		for operation := range document.Entries(path.Value) {
			for i, parameter := range document.Items(document.Get(operation.Value, "parameters")) {
				schema := document.Get(parameter, "schema")
				if schema == nil {
					continue
				}
				target := fmt.Sprintf("$['paths']['%s']['%s']['parameters'][%d]['schema']", path.Key, operation.Key, i)
				at := document.Text(document.Get(operation.Value, "operationId")) + "." + document.Text(document.Get(parameter, "name"))
				if err := w.schema(schema, target, at, 0); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// schema adds the hints of one schema and of all below it. Rules and references have none.
func (w *walker) schema(schema *document.Node, target, at string, order int) error {
	hint := hints{Order: order}
	chosen := w.chosen[at]
	if order > 0 {
		hint.Field = chosen.Field
		w.used[at] = true
	}
	if enum := document.Get(schema, "enum"); enum != nil {
		names, err := varNames(enum, document.Get(schema, "x-enum-varnames"), chosen.Values)
		if err != nil {
			return fmt.Errorf("%s: %w", at, err)
		}
		hint.Type, hint.VarNames = chosen.Type, names
		w.used[at] = true
	} else if document.Get(schema, "items", "enum") == nil && document.Get(schema, "allOf") == nil && len(chosen.Values) > 0 {
		return fmt.Errorf("%s: names values, but the schema has no enum", at)
	}
	if hint.Order != 0 || hint.Field != "" || hint.Type != "" || hint.VarNames != nil {
		w.actions = append(w.actions, action{target, hint})
	}
	n := 0
	for property := range document.Entries(document.Get(schema, "properties")) {
		n++
		err := w.schema(property.Value, fmt.Sprintf("%s['properties']['%s']", target, property.Key), at+"."+property.Key, n)
		if err != nil {
			return err
		}
	}
	for i, part := range document.Items(document.Get(schema, "allOf")) {
		if document.Get(part, "x-rule") != nil || document.Get(part, "$ref") != nil {
			continue
		}
		if err := w.schema(part, fmt.Sprintf("%s['allOf'][%d]", target, i), at, 0); err != nil {
			return err
		}
	}
	if items := document.Get(schema, "items"); items != nil && document.Get(items, "$ref") == nil {
		return w.schema(items, target+"['items']", at, 0)
	}
	return nil
}

// meanings are the values of names that can only be those of a switch.
var meanings = map[string]string{"Off": "0", "On": "1", "No": "0", "Yes": "1", "False": "0", "True": "1"}

// varNames names the constants of an enumeration, value by value, so that none can get the name of another. Names that
// the document gives itself are held to that too.
func varNames(enum, given *document.Node, chosen map[string]string) ([]string, error) {
	if given != nil {
		if len(given.Content) != len(enum.Content) {
			return nil, fmt.Errorf("x-enum-varnames has %d names for %d values", len(given.Content), len(enum.Content))
		}
		if len(chosen) > 0 {
			return nil, fmt.Errorf("has names in the document already; choose them there")
		}
		chosen = map[string]string{}
		for i, value := range enum.Content {
			chosen[value.Value] = given.Content[i].Value
		}
	}
	natural := map[string]string{} // value by the name that it makes itself
	for _, value := range enum.Content {
		natural[constant(value.Value)] = value.Value
	}
	var names []string
	taken := map[string]string{}
	for _, value := range enum.Content {
		picked, ok := chosen[value.Value]
		if !ok {
			picked = constant(value.Value)
		} else if owner, is := natural[picked]; is && owner != value.Value {
			return nil, fmt.Errorf("value %s is called %s, which is the name of value %s", value.Value, picked, owner)
		}
		if other, is := taken[picked]; is {
			return nil, fmt.Errorf("values %s and %s are both called %s; choose another name for one", other, value.Value, picked)
		}
		if meant, ok := meanings[picked]; ok && meant != value.Value && (value.Value == "0" || value.Value == "1") {
			return nil, fmt.Errorf("value %s is called %s, which is what %s means", value.Value, picked, meant)
		}
		taken[picked] = value.Value
		names = append(names, picked)
	}
	for value := range chosen {
		if !slices.ContainsFunc(enum.Content, func(n *document.Node) bool { return n.Value == value }) {
			return nil, fmt.Errorf("names a value %s, which the enum does not have", value)
		}
	}
	return names, nil
}

// constant is the name that a value makes itself: its words in camel case, N before a leading digit, Minus for a sign.
func constant(value string) string {
	if rest, negative := strings.CutPrefix(value, "-"); negative {
		value = "Minus " + rest
	}
	var b strings.Builder
	words := strings.FieldsFunc(value, func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) })
	for _, word := range words {
		first, size := utf8.DecodeRuneInString(word)
		b.WriteString(string(unicode.ToUpper(first)) + word[size:])
	}
	made := b.String()
	if made == "" {
		return "Empty"
	}
	if unicode.IsDigit(rune(made[0])) {
		return "N" + made
	}
	return made
}
