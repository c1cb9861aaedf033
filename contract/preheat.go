package contract

import (
	"github.com/vod-reproduction/vod/gen"
	"github.com/vod-reproduction/vod/gen/companions"
)

var preheatRules = func() []rule[companions.PreheatRequest] {
	documented := make([]gen.Rule, len(companions.Rules))
	for i, said := range companions.Rules {
		documented[i] = gen.Rule(said)
	}
	return joinRules(documented, map[string]func(*companions.PreheatRequest) bool{
		"preheat-one-target": func(r *companions.PreheatRequest) bool { return (r.AssetID == nil) == (len(r.URLs) == 0) },
	})
}()

// ValidatePreheat checks a preheat request against every constraint of the document: the generated field checks and
// the rule that it names one kind of target. It reports all of them. A nil request is one violation. It is safe for
// concurrent use.
func ValidatePreheat(request *companions.PreheatRequest) Violations {
	if request == nil {
		return Violations{{Rule: "required", Message: "is mandatory"}}
	}
	violations := Check(request)
	for i := range preheatRules {
		if r := &preheatRules[i]; r.broken(request) {
			violations = append(violations, Violation{Field: r.Field, Rule: r.Name, Message: r.Message})
		}
	}
	return violations
}
