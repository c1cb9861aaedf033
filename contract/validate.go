package contract

import (
	"slices"

	"github.com/vod-reproduction/vod/gen"
)

// Checker is a type or a set of parameters with a check generated from a document: those of gen and gen/companions.
type Checker interface {
	// Check reports every field that breaks a constraint, by its path behind at.
	Check(at string, report func(field, rule, message string))
}

// Check returns what the generated check of v reports; nil when v keeps every constraint. It knows no cross-field
// rules: a dump request needs Validate, a preheat request ValidatePreheat.
func Check(v Checker) Violations {
	var violations Violations
	v.Check("", func(field, rule, message string) {
		violations = append(violations, Violation{Field: field, Rule: rule, Message: message})
	})
	return violations
}

// Validate checks a request against every constraint of the document that can be checked without the server: the field
// checks generated from it and the cross-field rules (gen.Rules enforced by schema or contract). It reports all of
// them. A nil request is one violation. Validate is safe for concurrent use.
func Validate(request *gen.DumpRequest) Violations {
	if request == nil {
		return Violations{{Rule: "required", Message: "is mandatory"}}
	}
	return validate(request, nil)
}

// validate adds to the violations known from decoding. A field that could not be read is not judged a second time,
// and neither is a rule that looks at it.
func validate(request *gen.DumpRequest, violations Violations) Violations {
	decoded := violations
	report := func(field, rule, message string) {
		if !decoded.covers(field) {
			violations = append(violations, Violation{Field: field, Rule: rule, Message: message})
		}
	}
	request.Check("", report)
	for i := range rules {
		if r := &rules[i]; r.broken(request) && !slices.ContainsFunc(r.Reads, decoded.covers) {
			violations = append(violations, Violation{Field: r.Field, Rule: r.Name, Message: r.Message})
		}
	}
	return violations
}
