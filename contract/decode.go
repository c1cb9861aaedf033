package contract

import (
	"github.com/vod-reproduction/vod/gen"
	"github.com/vod-reproduction/vod/gen/companions"
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
	request, violations, _ := decode(body, strict.DumpRequest)
	return request, violations
}

// DecodePreheat decodes the body of a preheat request as Decode does. Check the values with ValidatePreheat.
func DecodePreheat(body []byte) (*companions.PreheatRequest, Violations) {
	request, violations, _ := decode(body, related.PreheatRequest)
	return request, violations
}

// DecodeBucketAuthority decodes the body that authorizes a bucket as Decode does. Check the values with Check.
func DecodeBucketAuthority(body []byte) (*companions.BucketAuthority, Violations) {
	request, violations, _ := decode(body, related.BucketAuthority)
	return request, violations
}

// DecodeCategory decodes the body that creates a category as Decode does. Check the values with Check.
func DecodeCategory(body []byte) (*companions.CategoryRequest, Violations) {
	request, violations, _ := decode(body, related.CategoryRequest)
	return request, violations
}

// DecodeAssetIDs decodes the body that publishes or unpublishes assets as Decode does. Check the values with Check.
func DecodeAssetIDs(body []byte) (*companions.AssetIDs, Violations) {
	request, violations, _ := decode(body, related.AssetIDs)
	return request, violations
}

// decode runs a generated decoder over body and turns its faults into violations.
func decode[T any](body []byte, decoder func([]byte) (*T, []strict.Fault, bool)) (request *T, violations Violations, complete bool) {
	request, faults, complete := decoder(body)
	if faults == nil {
		return request, nil, complete
	}
	violations = make(Violations, len(faults))
	for i, f := range faults {
		violations[i] = Violation{Field: f.Field, Rule: f.Rule, Message: f.Message}
	}
	return request, violations, complete
}

// Parse decodes and validates the body of a dump request and reports everything that is wrong with it at once. Text that
// ends or breaks before the object does is not judged further. The request is meant to be used only when there is no
// violation.
func Parse(body []byte) (*gen.DumpRequest, Violations) {
	request, violations, complete := decode(body, strict.DumpRequest)
	if !complete {
		return request, violations
	}
	return request, validate(request, violations)
}
