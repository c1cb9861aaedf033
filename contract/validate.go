package contract

import "github.com/vod-reproduction/vod/gen"

// Validate checks a request against every constraint of the document that can be told without the server: the field
// checks generated from it and the rules between members (gen.Rules enforced by schema or contract). It reports all of
// them. A nil request is one violation. Validate is safe for concurrent use.
func Validate(request *gen.DumpRequest) Violations {
	if request == nil {
		return Violations{{Rule: "required", Message: "is mandatory"}}
	}
	return validate(request, nil)
}

// validate adds to the violations known from decoding. A member that could not be read is not judged a second time,
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
		if r := &rules[i]; r.broken(request) && !decoded.coversAny(r.Reads) {
			violations = append(violations, Violation{Field: r.Field, Rule: r.Name, Message: r.Message})
		}
	}
	return violations
}

func (vs Violations) coversAny(fields []string) bool {
	if len(vs) == 0 {
		return false
	}
	for _, f := range fields {
		if vs.covers(f) {
			return true
		}
	}
	return false
}
