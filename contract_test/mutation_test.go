package contract_test

import (
	"encoding/json"
	"testing"

	"github.com/vod-reproduction/vod/contract/contracttest"
	"github.com/vod-reproduction/vod/openapi"
	"github.com/vod-reproduction/vod/tools/oracle"
)

// TestCorpusSeesEveryConstraint changes each constraint of the document by a little, and holds that some case of the
// corpus is then judged otherwise. A constraint whose change nobody sees is one that the corpus does not test.
func TestCorpusSeesEveryConstraint(t *testing.T) {
	t.Parallel()
	schema := must(oracle.Load(openapi.Reproduction)).Components.Schemas["DumpRequest"].Value
	var bodies []any
	var answers []bool
	var reasons []string
	for _, c := range contracttest.Cases(contracttest.Example) {
		var body any
		if json.Unmarshal(c.Body, &body) == nil {
			bodies = append(bodies, body)
			answers = append(answers, schema.IsMatching(body))
			reasons = append(reasons, oracle.Body(schema, body).String())
		}
	}
	// Most mutants change whether a body is accepted; those of a rule's own condition may only change what is said of it.
	otherAnswer := func() bool {
		for i, body := range bodies {
			if schema.IsMatching(body) != answers[i] {
				return true
			}
		}
		return false
	}
	otherReason := func() bool {
		for i, body := range bodies {
			if oracle.Body(schema, body).String() != reasons[i] {
				return true
			}
		}
		return false
	}
	mutants := mutantsOf("request", schema)
	byAnswer, byReason := 0, 0
	for _, m := range mutants {
		undo := m.apply()
		switch {
		case otherAnswer():
			byAnswer++
		case otherReason():
			byReason++
		default:
			t.Errorf("no case sees it: %s", m.name)
		}
		undo()
	}
	t.Logf("%d mutants over %d bodies: %d change an answer, %d a reason", len(mutants), len(bodies), byAnswer, byReason)
}
