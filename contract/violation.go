package contract

import (
	"strings"
)

// Violation is one constraint of the contract that a request breaks.
type Violation struct {
	// Field is the path of the field to change, such as "input.object" or "thumbnail.dots[2]". It is empty when the
	// body itself is at fault, and "Idempotency-Key" or the like for a header.
	Field string `json:"field"`
	// Rule is the JSON Schema keyword (required, type, enum, maxLength, ...), "json" for text that is not strict JSON,
	// "encoding" for text that is not UTF-8, or the name of a cross-field rule as the document's x-rule gives it.
	Rule string `json:"rule"`
	// Message says what to change. It never repeats the value.
	Message string `json:"message"`
}

// String returns "field: message (rule)".
func (v Violation) String() string {
	field := v.Field
	if field == "" {
		field = "body"
	}
	return field + ": " + v.Message + " (" + v.Rule + ")"
}

// Violations are all the constraints that one request breaks: first what could not be read, then values, then
// cross-field rules. As an error it lists every one; a nil or empty Violations means that the request keeps the contract.
type Violations []Violation

// Error lists every violation, separated by semicolons.
func (vs Violations) Error() string {
	all := make([]string, len(vs))
	for i, v := range vs {
		all[i] = v.String()
	}
	return strings.Join(all, "; ")
}

// Err returns vs as an error, nil when there is no violation.
func (vs Violations) Err() error {
	if len(vs) == 0 {
		return nil
	}
	return vs
}

// covers reports whether a violation of decoding left field, or something above or below it, unread. Fields that do not
// belong there, and what follows the object, leave nothing unread.
func (vs Violations) covers(field string) bool {
	for _, v := range vs {
		if v.Field == "" || v.Rule == "additionalProperties" {
			continue
		}
		if within(v.Field, field) || within(field, v.Field) {
			return true
		}
	}
	return false
}

// within reports whether field is path or lies below it.
func within(field, path string) bool {
	rest, ok := strings.CutPrefix(field, path)
	return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
}
