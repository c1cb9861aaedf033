package main

import (
	"fmt"
	"math"
	"strings"
	"text/template"
)

var functions = template.FuncMap{
	"literals":    literals,
	"oneOf":       oneOf,
	"span":        span,
	"below":       below,
	"above":       above,
	"bit":         func(i int) string { return fmt.Sprintf("1<<%d", i) },
	"patterns":    patterns,
	"patternName": patternName,
	"needs":       needs,
	"constrained": constrained,
	"list":        func(values ...any) []any { return values },
	"args":        args,
}

// args gives a nested template several values by name.
func args(pairs ...any) map[string]any {
	out := map[string]any{}
	for i := 0; i < len(pairs); i += 2 {
		out[pairs[i].(string)] = pairs[i+1]
	}
	return out
}

// literals writes enum values as Go expressions for a case clause.
func literals(values []any) string {
	var out []string
	for _, v := range values {
		out = append(out, fmt.Sprintf("%#v", v))
	}
	return strings.Join(out, ", ")
}

// oneOf says an enum to a person.
func oneOf(values []any) string {
	var out []string
	for _, v := range values {
		out = append(out, fmt.Sprint(v))
	}
	if len(out) == 1 {
		return "must be " + out[0]
	}
	return "must be one of " + strings.Join(out, ", ")
}

// span says a number's range to a person.
func span(f *field) string {
	low := math.Inf(-1)
	if f.Min != nil {
		low = *f.Min
		if f.ExclusiveMin {
			low++
		}
	}
	switch {
	case f.Max == nil:
		return fmt.Sprintf("must be at least %.0f", low)
	case math.IsInf(low, -1):
		return fmt.Sprintf("must be at most %.0f", *f.Max)
	default:
		return fmt.Sprintf("must lie between %.0f and %.0f", low, *f.Max)
	}
}

// below is the comparison that breaks the minimum, or nothing where the type already keeps it.
func below(f *field, value string) string {
	if f.Min == nil {
		return ""
	}
	if f.ExclusiveMin {
		return fmt.Sprintf("%s <= %.0f", value, *f.Min)
	}
	return fmt.Sprintf("%s < %.0f", value, *f.Min)
}

// above is the comparison that breaks the maximum, or nothing where the type already keeps it.
func above(f *field, value string) string {
	if f.Max == nil || f.Type == "int32" && *f.Max >= math.MaxInt32 {
		return ""
	}
	return fmt.Sprintf("%s > %.0f", value, *f.Max)
}

// patterns lists every field with a pattern, keyed by the variable that holds its expression.
func patterns(doc document) map[string]string {
	out := map[string]string{}
	for _, objects := range [][]*object{doc.Objects, doc.Params} {
		for _, o := range objects {
			for _, f := range o.Fields {
				if f.Pattern != "" {
					out[patternName(o, f)] = f.Pattern
				}
				if f.Items != nil && f.Items.Pattern != "" {
					out[patternName(o, f)] = f.Items.Pattern
				}
			}
		}
	}
	return out
}

func patternName(o *object, f *field) string {
	return strings.ToLower(o.Name[:1]) + o.Name[1:] + f.Go + "Pattern"
}

// needs reports whether the checks use the named standard package.
func needs(doc document, pkg any) bool {
	some := func(test func(*field) bool) bool {
		for _, objects := range [][]*object{doc.Objects, doc.Params} {
			for _, o := range objects {
				for _, f := range o.Fields {
					if test(f) || f.Items != nil && test(f.Items) {
						return true
					}
				}
			}
		}
		return false
	}
	switch pkg {
	case "unicode/utf8":
		return some(func(f *field) bool { return f.Kind == "string" && f.Enum == nil })
	case "strconv":
		return some(func(f *field) bool { return f.Items != nil && constrained(f.Items) })
	default: // regexp, sync
		return some(func(f *field) bool { return f.Pattern != "" })
	}
}

// constrained reports whether a single value has anything to check.
func constrained(f *field) bool {
	return f.Kind == "string" || f.Kind == "object" || f.Enum != nil || f.Min != nil || f.Max != nil
}
