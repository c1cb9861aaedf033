package contract

import (
	"github.com/vod-reproduction/vod/gen"
	related "github.com/vod-reproduction/vod/gen/companions/strict"
	"github.com/vod-reproduction/vod/gen/strict"
)

// MaxBodyBytes is the largest request body that any server of this contract reads: the cloud's gateway responds with 413
// above 12 MB. A server may accept less: "vod serve" accepts 1 MiB.
const MaxBodyBytes = 12 << 20

// Decode decodes the body of a dump request, which it neither keeps nor changes. It refuses what lenient parsers accept:
// unknown fields, fields that are specified more than once or in other letter case, null, numbers with fraction or
// exponent, text that is not UTF-8, and anything behind the object.
//
// The request is never nil and holds every field that could be read, even beside violations, so that Validate can go on
// with the rest. Values are not checked; use Parse for both steps. Decode is safe for concurrent use.
func Decode(body []byte) (*gen.DumpRequest, Violations) {
	request, faults, _ := strict.DumpRequest(body)
	return request, violationsOf(faults)
}

// DecodeInto decodes the body of any request, or a part of one, as [Decode] does: DecodeInto[companions.PreheatRequest], or
// DecodeInto[gen.Thumbnail]. Where it reports nothing, check the values with [Check], and those of a preheat request with
// [ValidatePreheat].
func DecodeInto[T strict.Type | related.Type](body []byte) (*T, Violations) {
	value := new(T)
	faults, _, known := strict.Into(body, value)
	if !known {
		faults, _, _ = related.Into(body, value)
	}
	return value, violationsOf(faults)
}

func violationsOf(faults []strict.Fault) Violations {
	if faults == nil {
		return nil
	}
	violations := make(Violations, len(faults))
	for i, f := range faults {
		violations[i] = Violation{Field: f.Field, Rule: f.Rule, Message: f.Message}
	}
	return violations
}

// Parse decodes and validates the body of a dump request and reports everything that is wrong with it at once. Text that
// ends or breaks before the object does is not judged further. The request is meant to be used only when there is no
// violation.
func Parse(body []byte) (*gen.DumpRequest, Violations) {
	request, faults, complete := strict.DumpRequest(body)
	if !complete {
		return request, violationsOf(faults)
	}
	return request, validate(request, violationsOf(faults))
}
