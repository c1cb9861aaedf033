package contract_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/contract/contracttest"
	"github.com/vod-reproduction/vod/contract_test/page"
)

// TestPageIsTested follows every statement of the page to a case that keeps it and one that breaks it.
func TestPageIsTested(t *testing.T) {
	t.Parallel()
	cases := map[string]bool{} // name, whether accepted
	for _, c := range contracttest.Cases(contracttest.Example) {
		cases[c.Name] = c.Accepted()
	}
	for _, name := range contracttest.HTTPProbes() {
		cases[name] = strings.HasPrefix(name, "http/JSON ")
	}
	for _, r := range page.Rows() {
		if accepted, ok := cases[r.Accept]; r.Accept != "" && (!ok || !accepted) {
			t.Errorf("%s: no accepted case is called %q", r, r.Accept)
		}
		if accepted, ok := cases[r.Reject]; r.Reject != "" && (!ok || accepted) {
			t.Errorf("%s: no refused case is called %q", r, r.Reject)
		}
		if (r.Accept == "" || r.Reject == "") && r.Why == "" {
			t.Errorf("%s: a case is missing, and the row does not say why", r)
		}
	}
}

// TestPageExamples sends the page's example requests, as the document has them, through Parse.
func TestPageExamples(t *testing.T) {
	t.Parallel()
	content := reproduction().Paths.Value("/v1.0/{project_id}/asset/reproduction").Post.RequestBody.Value.Content
	examples := content.Get("application/json").Examples
	if len(examples) != 2 {
		t.Errorf("the document has %d example requests", len(examples))
	}
	for name, example := range examples {
		if _, violations := contract.Parse(must(json.Marshal(example.Value.Value))); violations != nil {
			t.Errorf("%s: %v", name, violations)
		}
	}
}
