package main

import (
	"fmt"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"text/template"
)

var functions = template.FuncMap{
	"oneOf":       oneOf,
	"span":        span,
	"below":       below,
	"above":       above,
	"bit":         func(i int) string { return fmt.Sprintf("1<<%d", i) },
	"patterns":    patterns,
	"characters":  charactersOf,
	"elements":    elementsOf,
	"needsRegexp": needsRegexp,
	"needs":       needs,
	"constrained": constrained,
	"list":        func(values ...any) []any { return values },
	"join":        strings.Join,
	"qualified":   qualified,
	"zero":        zero,
	"holdsEmpty":  func(f *field) bool { return slices.Contains(f.Choices, "") },
	"property":    property,
	"args":        args,
}

// args passes a nested template several values by name.
func args(pairs ...any) map[string]any {
	out := map[string]any{}
	for i := 0; i < len(pairs); i += 2 {
		out[pairs[i].(string)] = pairs[i+1]
	}
	return out
}

// oneOf says an enumeration to a person.
func oneOf(choices []string) string {
	if len(choices) == 1 {
		return "must be " + choices[0]
	}
	return "must be one of " + strings.Join(choices, ", ")
}

// span says a number's range to a person.
func span(f *field) string {
	low := f.Min
	if low != nil && f.ExclusiveMin {
		low = new(big.Int).Add(low, big.NewInt(1))
	}
	switch {
	case f.Max == nil:
		return fmt.Sprintf("must be at least %s", low)
	case low == nil:
		return fmt.Sprintf("must be at most %s", f.Max)
	default:
		return fmt.Sprintf("must lie between %s and %s", low, f.Max)
	}
}

// below is the comparison that breaks the minimum, or nothing where there is none.
func below(f *field, value string) string {
	if f.Min == nil {
		return ""
	}
	if f.ExclusiveMin {
		return fmt.Sprintf("%s <= %s", value, f.Min)
	}
	return fmt.Sprintf("%s < %s", value, f.Min)
}

// above is the comparison that breaks the maximum, or nothing where the type already keeps it.
func above(f *field, value string) string {
	if f.Max == nil || f.Type == "int32" && f.Max.Cmp(big.NewInt(math.MaxInt32)) >= 0 {
		return ""
	}
	return fmt.Sprintf("%s > %s", value, f.Max)
}

// needs reports whether the checks use the named standard package.
func needs(doc model, pkg any) bool {
	some := func(test func(*field) bool) bool {
		for _, f := range doc.values() {
			if test(f) {
				return true
			}
		}
		return false
	}
	switch pkg {
	case "unicode/utf8":
		return some(func(f *field) bool { return f.Kind == kindString && f.Enum == nil })
	case "strconv":
		return some(func(f *field) bool { return f.Items != nil && constrained(f.Items) })
	case "strings":
		return some(func(f *field) bool { return elementsOf(f.Pattern) != nil })
	default: // regexp, sync
		return some(func(f *field) bool { return f.Pattern != "" && needsRegexp(f.Pattern) })
	}
}

// constrained reports whether a single value has anything to check.
func constrained(f *field) bool {
	return f.Kind == kindString || f.Kind == kindObject || f.Enum != nil || f.Min != nil || f.Max != nil
}

// qualified writes a type as another package than its own sees it.
func qualified(pkg, name string) string {
	prefix := ""
	if element, ok := strings.CutPrefix(name, "[]"); ok {
		prefix, name = "[]", element
	}
	switch name {
	case "string", "int32", "int64", "bool":
		return prefix + name
	}
	return prefix + pkg + "." + name
}

// zero is what stands for an absent field that has no default.
func zero(f *field) string {
	switch {
	case f.Default != "":
		return f.Default
	case f.Kind == kindString:
		return `""`
	case f.Kind == kindInteger:
		return "0"
	case f.Kind == kindBoolean:
		return "false"
	}
	return "nil"
}

// property lists what the document says of a field, as elements of a Go literal.
func property(f *field) string {
	all := fmt.Sprintf("Name: %q, Type: %q", f.JSON, f.Kind)
	add := func(name string, given bool, value any) {
		if given {
			all += fmt.Sprintf(", %s: %#v", name, value)
		}
	}
	held := f // what the limits of single values are about
	if f.Items != nil {
		held = f.Items
		add("Items", true, string(held.Kind))
	}
	if held.Object != nil {
		add("Object", true, held.Object.Name)
	}
	add("Format", held.Format != "", held.Format)
	add("Description", f.Description != "", f.Description)
	add("Page", f.Page != "", f.Page)
	add("Ignored", f.Ignored != "", f.Ignored)
	add("Required", f.Required, true)
	said := f.Default
	if f.Kind == kindString && said != "" {
		said, _ = strconv.Unquote(said) // literal has quoted it
	}
	add("Default", said != "", said)
	add("Enum", len(held.Choices) > 0, held.Choices)
	add("Pattern", held.Pattern != "", held.Pattern)
	add("PatternMessage", held.Pattern != "", held.PatternMessage)
	add("MinLength", held.MinLen > 0, int64(held.MinLen)) //nolint:gosec // count allows 31 bits
	add("MinItems", f.MinItems > 0, int64(f.MinItems))    //nolint:gosec // as above
	if held.MaxLen != nil {
		add("MaxLength", true, int64(*held.MaxLen)) //nolint:gosec // as above
	}
	if f.MaxItems != nil {
		add("MaxItems", true, int64(*f.MaxItems)) //nolint:gosec // as above
	}
	if held.Kind == kindInteger && held.Enum == nil {
		least, greatest := limits(held)
		add("Minimum", true, least)
		add("Maximum", true, greatest)
	}
	return all
}

// limits are the least and the greatest value of an integer.
func limits(f *field) (least, greatest int64) {
	least, greatest = math.MinInt32, math.MaxInt32
	if f.Format == "int64" {
		least, greatest = math.MinInt64, math.MaxInt64
	}
	if f.Min != nil {
		least = f.Min.Int64()
		if f.ExclusiveMin {
			least++
		}
	}
	if f.Max != nil {
		greatest = f.Max.Int64()
	}
	return least, greatest
}
