package contract_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"pgregory.net/rapid"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/contract/contracttest"
	"github.com/vod-reproduction/vod/gen"
	"github.com/vod-reproduction/vod/openapi"
	"github.com/vod-reproduction/vod/openapi/releases"
	"github.com/vod-reproduction/vod/tools/oracle"
)

// judge returns kin-openapi's verdict on a body that is sent as a whole request.
func judge(t testing.TB, router func(*http.Request) *openapi3filter.RequestValidationInput, body []byte) oracle.Verdict {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://vod.example.com/v1.0/p/asset/reproduction", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Auth-Token", "token")
	return oracle.VerdictOf(openapi3filter.ValidateRequest(t.Context(), router(r)))
}

// whole prepares a request for kin-openapi.
func whole(t testing.TB) func(*http.Request) *openapi3filter.RequestValidationInput {
	t.Helper()
	router := must(oracle.Router(must(oracle.Load(openapi.Reproduction))))
	return func(r *http.Request) *openapi3filter.RequestValidationInput {
		_, route, params, err := router.FindRoute(r)
		if err != nil {
			t.Fatal(err)
		}
		return &openapi3filter.RequestValidationInput{Request: r, PathParams: params, Route: route, Options: oracle.Options()}
	}
}

// lenient are the refusals that kin-openapi does not share, by rule, with the reason. Each is a place where two parsers
// can read two different requests.
var lenient = []struct {
	why  string
	here func(contracttest.Case) bool
}{
	{"it reads the first JSON value and leaves what follows", func(c contracttest.Case) bool {
		return slices.Contains([]string{
			"text/second object", "text/second object on a new line", "text/brace behind", "text/comma behind", "text/NUL behind",
		}, c.Name)
	}},
	{"it takes the last of fields given twice", func(c contracttest.Case) bool { return strings.HasPrefix(c.Name, "fields/twice") }},
	{"it takes any number whose value is whole", func(c contracttest.Case) bool {
		return c.Rule == "type" && (strings.HasSuffix(c.Name, "/1.0") || strings.HasSuffix(c.Name, "/1e0") || c.Name == "category_id/-1E0")
	}},
	{"it replaces bytes that are not UTF-8", func(c contracttest.Case) bool {
		return c.Rule == "encoding" && c.Name != "fields/name not UTF-8"
	}},
	{"it replaces surrogates without a partner", func(c contracttest.Case) bool {
		return strings.Contains(c.Name, " surrogate") || strings.Contains(c.Name, "/surrogates ")
	}},
	{"no schema can compare two fields", func(c contracttest.Case) bool { return c.Rule == "hls-same-directory" }},
}

// TestAgreeOnCorpus puts kin-openapi to the corpus, as whole requests.
func TestAgreeOnCorpus(t *testing.T) {
	t.Parallel()
	router := whole(t)
	used := make([]int, len(lenient))
	for _, c := range contracttest.Cases(contracttest.Example) {
		want := c.Accepted() || c.ServerOnly
		for i, hole := range lenient {
			if hole.here(c) {
				used[i]++
				want = true
			}
		}
		verdict := judge(t, router, c.Body)
		if verdict.Accepts() != want {
			t.Errorf("%s: kin-openapi: %v, want accepted = %v", c.Name, verdict, want)
		}
		if !want && isRule(c.Rule) && !slices.Equal(verdict.Rules, []string{c.Rule}) {
			t.Errorf("%s: kin-openapi: %v, want rule %s", c.Name, verdict, c.Rule)
		}
	}
	for i, n := range used {
		if n == 0 {
			t.Errorf("no case shows that %s", lenient[i].why)
		}
	}
}

func isRule(name string) bool {
	return slices.ContainsFunc(gen.Rules, func(r gen.Rule) bool { return r.Name == name })
}

// TestAgreeOnRandomRequests holds that Parse and the document's schema say the same about random requests: accepted or
// not, the fields at fault, and, where all fields could be read, the broken rules.
func TestAgreeOnRandomRequests(t *testing.T) {
	checks(t, 30_000)
	schema := must(oracle.Load(openapi.Reproduction)).Components.Schemas["DumpRequest"].Value
	total, accepted := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		body, value := wire(t, dumpRequest(t))
		ours, theirs := verdict(body), oracle.Body(schema, value)
		if !slices.Equal(ours.Fields, theirs.Fields) || len(ours.Fields) == 0 && !slices.Equal(ours.Rules, theirs.Rules) {
			t.Fatalf("%s\nours:   %v\ntheirs: %v", body, ours, theirs)
		}
		total++
		if theirs.Accepts() {
			accepted++
		}
	})
	t.Logf("%d requests, %d accepted", total, accepted)
	if accepted*10 < total {
		t.Errorf("only %d of %d requests were valid: the generator has lost its aim", accepted, total)
	}
}

// TestAgreeOnRandomExchanges does the same through kin-openapi's whole request validation.
func TestAgreeOnRandomExchanges(t *testing.T) {
	checks(t, 3_000)
	router := whole(t)
	rapid.Check(t, func(rt *rapid.T) {
		body, _ := wire(rt, dumpRequest(rt))
		if ours, theirs := verdict(body), judge(t, router, body); ours.Accepts() != theirs.Accepts() {
			rt.Fatalf("%s\nours:   %v\ntheirs: %v", body, ours, theirs)
		}
	})
}

// TestAcceptedStaysAccepted holds that the document accepts every request that its last release accepts, whichever way its
// rules are written by now.
func TestAcceptedStaysAccepted(t *testing.T) {
	checks(t, 20_000)
	versions := releases.Versions("reproduction")
	before, ok := releases.Document("reproduction", versions[len(versions)-1])
	if !ok {
		t.Fatalf("no document of the release %q", versions)
	}
	now := openapi.Reproduction
	for _, name := range lost(before, now) {
		t.Errorf("%s was accepted by the last release, and is not now", name)
	}
	stricter := bytes.Replace(now, []byte("enum: [ap-southeast-3]"), []byte("enum: [ap-southeast-2]"), 1)
	if len(lost(before, stricter)) == 0 {
		t.Error("nothing sees that a rule has become stricter")
	}
	old, current := bodySchema(before), bodySchema(now)
	rapid.Check(t, func(t *rapid.T) {
		body, value := wire(t, dumpRequest(t))
		if old.IsMatching(value) && !current.IsMatching(value) {
			t.Fatalf("%s\nwas accepted by the last release, now: %v", body, oracle.Body(current, value))
		}
	})
}

// lost lists the cases of the corpus that one document accepts and another does not.
func lost(before, now []byte) (names []string) {
	old, current := bodySchema(before), bodySchema(now)
	for _, c := range contracttest.Cases(contracttest.Example) {
		var value any
		if json.Unmarshal(c.Body, &value) == nil && old.IsMatching(value) && !current.IsMatching(value) {
			names = append(names, c.Name)
		}
	}
	return names
}

// bodySchema is the schema of a document's dump request.
func bodySchema(document []byte) *openapi3.Schema {
	return must(oracle.Load(document)).Components.Schemas["DumpRequest"].Value
}

// wire returns a request as bytes, and as what a decoder makes of them.
func wire(t *rapid.T, request object) (body []byte, value any) {
	body, err := json.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(body, &value); err != nil {
		t.Fatal(err)
	}
	return body, value
}

// verdict is what Parse says, in the oracle's terms, without the rules that no schema has.
func verdict(body []byte) oracle.Verdict {
	_, violations := contract.Parse(body)
	var v oracle.Verdict
	for _, found := range violations {
		switch {
		case found.Rule == "hls-same-directory":
		case isRule(found.Rule):
			v.Rules = append(v.Rules, found.Rule)
		case found.Rule == "additionalProperties":
			parent := found.Field[:max(0, strings.LastIndexByte(found.Field, '.'))]
			v.Fields = append(v.Fields, parent)
		default:
			v.Fields = append(v.Fields, found.Field)
		}
	}
	slices.Sort(v.Rules)
	slices.Sort(v.Fields)
	v.Fields = slices.Compact(v.Fields)
	return v
}

// checks sets how many cases rapid tries, a tenth of them under -short, unless -rapid.checks says so. Tests that use it do not run in parallel.
func checks(t *testing.T, n int) {
	t.Helper()
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "rapid.checks" })
	if given {
		return
	}
	if testing.Short() {
		n /= 10
	}
	f := flag.Lookup("rapid.checks")
	before := f.Value.String()
	t.Cleanup(func() { _ = f.Value.Set(before) })
	if err := f.Value.Set(strconv.Itoa(n)); err != nil {
		t.Fatal(err)
	}
}
