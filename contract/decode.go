package contract

import (
	"sync"

	"github.com/vod-reproduction/vod/gen"
	"github.com/vod-reproduction/vod/gen/strict"
	"github.com/vod-reproduction/vod/internal/strictjson"
)

// MaxBodyBytes is the largest request body that any server of this contract reads: the cloud's gateway answers 413
// above 12 MB. A server may take less; "vod serve" takes 1 MiB.
const MaxBodyBytes = 12 << 20

var readers = sync.Pool{New: func() any { return new(strictjson.Reader) }}

// Decode reads the body of a dump request, which it neither keeps nor changes. It refuses what lenient parsers let
// through: unknown members, members given twice or in other letter case, null, numbers with fraction or exponent, text
// that is not UTF-8, and anything behind the object.
//
// The request is never nil and holds every member that could be read, even beside violations, so that Validate can go
// on with the rest. Values are not checked; use Parse for both steps. Decode is safe for concurrent use.
func Decode(body []byte) (*gen.DumpRequest, Violations) {
	request, violations, _ := decode(body)
	return request, violations
}

func decode(body []byte) (request *gen.DumpRequest, violations Violations, whole bool) {
	request = new(gen.DumpRequest)
	violations, whole = read(body, func(r *strictjson.Reader) { strict.DumpRequest(r, request) })
	return request, violations, whole
}

// Read runs one generated decoder of gen/strict or gen/companions/strict over body, with Decode's strictness.
func Read(body []byte, decode func(*strictjson.Reader)) Violations {
	violations, _ := read(body, decode)
	return violations
}

func read(body []byte, decode func(*strictjson.Reader)) (violations Violations, whole bool) {
	r := readers.Get().(*strictjson.Reader)
	defer readers.Put(r)
	r.Reset(body)
	decode(r)
	faults, whole := r.Finish()
	if faults == nil {
		return nil, whole
	}
	violations = make(Violations, len(faults))
	for i, f := range faults {
		violations[i] = Violation{Field: f.Field, Rule: f.Rule, Message: f.Message}
	}
	return violations, whole
}

// Parse decodes and validates the body of a dump request and reports everything that is wrong with it at once. Text that
// ends or breaks before the object does is not judged further. The request is meant to be used only when there is no
// violation.
func Parse(body []byte) (*gen.DumpRequest, Violations) {
	request, violations, whole := decode(body)
	if !whole {
		return request, violations
	}
	return request, validate(request, violations)
}
