package contract_test

import (
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"

	"github.com/getkin/kin-openapi/openapi3"
)

// mutant is one small change to a constraint of the document.
type mutant struct {
	name string
	// apply makes the change and returns the function that takes it back.
	apply func() (undo func())
}

// swap is the mutant that gives a keyword another value.
func swap[T any](name string, keyword *T, value T) mutant {
	return mutant{name, func() func() {
		kept := *keyword
		*keyword = value
		return func() { *keyword = kept }
	}}
}

// mutantsOf lists the mutants of a schema and everything below it, but for those that mean the same as before.
func mutantsOf(at string, s *openapi3.Schema) []mutant {
	if rule, ok := s.Extensions["x-rule"].(string); ok {
		at = "x-rule " + rule
	}
	all := slices.Concat(lengths(at, s), ranges(at, s), choices(at, s), shapes(at, s))
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		all = append(all, mutantsOf(at+"."+name, s.Properties[name].Value)...)
	}
	for _, list := range []openapi3.SchemaRefs{s.AllOf, s.AnyOf} {
		for _, part := range list {
			all = append(all, mutantsOf(at, part.Value)...)
		}
	}
	if s.Items != nil {
		all = append(all, mutantsOf(at+"[]", s.Items.Value)...)
	}
	if s.Not != nil {
		all = append(all, swap(at+": no not", &s.Not, nil))
		all = append(all, mutantsOf(at+" not", s.Not.Value)...)
	}
	return all
}

// lengths are the mutants of limits that count.
func lengths(at string, s *openapi3.Schema) []mutant {
	var all []mutant
	for name, limit := range map[string]*uint64{"minLength": &s.MinLength, "minItems": &s.MinItems} {
		if *limit > 0 {
			all = append(all, swap(at+": less "+name, limit, *limit-1), swap(at+": more "+name, limit, *limit+1))
		}
	}
	for name, limit := range map[string]**uint64{"maxLength": &s.MaxLength, "maxItems": &s.MaxItems} {
		if *limit != nil {
			all = append(all, swap(at+": less "+name, limit, new(**limit-1)), swap(at+": more "+name, limit, new(**limit+1)), swap(at+": no "+name, limit, nil))
		}
	}
	return all
}

// ranges are the mutants of numbers.
func ranges(at string, s *openapi3.Schema) []mutant {
	var all []mutant
	for name, limit := range map[string]**float64{"minimum": &s.Min, "maximum": &s.Max} {
		if *limit == nil {
			continue
		}
		all = append(all, swap(at+": less "+name, limit, new(**limit-1)))
		if **limit != math.MaxInt32 { // above it the format refuses the same numbers
			all = append(all, swap(at+": more "+name, limit, new(**limit+1)), swap(at+": no "+name, limit, nil))
		}
	}
	if s.ExclusiveMin.IsTrue() {
		all = append(all, swap(at+": no exclusiveMinimum", &s.ExclusiveMin, openapi3.ExclusiveBound{}))
	}
	if s.Format != "" && s.Max == nil && s.Enum == nil { // else a narrower limit refuses the same numbers
		all = append(all, swap(at+": no format", &s.Format, ""))
	}
	return all
}

var count = regexp.MustCompile(`\d+`)

// choices are the mutants of enumerations, patterns and mandatory fields.
func choices(at string, s *openapi3.Schema) []mutant {
	var all []mutant
	for i, value := range s.Enum {
		all = append(all, swap(fmt.Sprintf("%s: enum without %v", at, value), &s.Enum, slices.Delete(slices.Clone(s.Enum), i, i+1)))
	}
	if n := len(s.Enum); n > 1 {
		all = append(all, swap(at+": no enum", &s.Enum, nil))
	}
	for i, name := range s.Required {
		all = append(all, swap(at+": "+name+" not required", &s.Required, slices.Delete(slices.Clone(s.Required), i, i+1)))
	}
	if s.Pattern == "" {
		return all
	}
	all = append(all, swap(at+": no pattern", &s.Pattern, ""))
	for i, span := range count.FindAllStringIndex(s.Pattern, -1) {
		n, _ := strconv.Atoi(s.Pattern[span[0]:span[1]])
		for _, other := range []int{n - 1, n + 1} {
			if other >= 0 {
				pattern := s.Pattern[:span[0]] + strconv.Itoa(other) + s.Pattern[span[1]:]
				all = append(all, swap(fmt.Sprintf("%s: number %d of the pattern as %d", at, i, other), &s.Pattern, pattern))
			}
		}
	}
	return all
}

// shapes are the mutants of types and objects.
func shapes(at string, s *openapi3.Schema) []mutant {
	var all []mutant
	if s.Type != nil {
		all = append(all, swap(at+": null allowed", &s.Nullable, true))
	}
	if s.Type != nil && s.Enum == nil { // else the listed values have the type
		all = append(all, swap(at+": no type", &s.Type, nil))
	}
	if s.AdditionalProperties.Has != nil {
		all = append(all, swap(at+": unknown fields allowed", &s.AdditionalProperties, openapi3.BoolSchema{Has: new(true)}))
	}
	for i := range s.AnyOf {
		all = append(all, swap(fmt.Sprintf("%s: no alternative %d", at, i), &s.AnyOf, slices.Delete(slices.Clone(s.AnyOf), i, i+1)))
	}
	return all
}
