package contract_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/contract/contracttest"
	"github.com/vod-reproduction/vod/gen"
)

// TestCorpus puts Parse to every case: what is refused is refused for one reason, at the field that the case names.
func TestCorpus(t *testing.T) {
	t.Parallel()
	cases := contracttest.Cases(contracttest.Example)
	if len(cases) < 150 {
		t.Errorf("the corpus has %d cases, fewer than 150", len(cases))
	}
	seen := map[string]bool{}
	for _, c := range cases {
		if seen[c.Name] {
			t.Errorf("two cases are called %q", c.Name)
		}
		seen[c.Name] = true
		_, violations := contract.Parse(c.Body)
		switch {
		case c.Accepted() || c.ServerOnly:
			if len(violations) > 0 {
				t.Errorf("%s: refused: %v", c.Name, violations)
			}
		case len(violations) != 1 || violations[0].Field != c.Field || violations[0].Rule != c.Rule:
			t.Errorf("%s: got %v, want one violation of %s at %q", c.Name, violations, c.Rule, c.Field)
		}
	}
}

// TestCorpusReachesEveryRule looks for an accepted and a refused case of each rule, called by the rule's name.
func TestCorpusReachesEveryRule(t *testing.T) {
	t.Parallel()
	cases := contracttest.Cases(contracttest.Example)
	for _, rule := range gen.Rules {
		for _, accepted := range []bool{true, false} {
			if !slices.ContainsFunc(cases, func(c contracttest.Case) bool {
				return strings.HasPrefix(c.Name, rule.Name+"/") && c.Accepted() == accepted && (accepted || c.Rule == rule.Name)
			}) {
				t.Errorf("%s: the corpus has no case with accepted = %v", rule.Name, accepted)
			}
		}
	}
}
