package contract_test

import (
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/vod-reproduction/vod/gen"
	"github.com/vod-reproduction/vod/signer"
	"github.com/vod-reproduction/vod/tools/oracle"
)

// TestRulesAreTheDocuments holds that the generated table, which package contract refuses to start without checking,
// is the document's.
func TestRulesAreTheDocuments(t *testing.T) {
	t.Parallel()
	documented := oracle.Rules(reproduction())
	if len(documented) != len(gen.Rules) {
		t.Errorf("the document has %d rules, gen.Rules %d", len(documented), len(gen.Rules))
	}
	for _, rule := range gen.Rules {
		ext, ok := documented[rule.Name]
		if !ok {
			t.Errorf("%s is not in the document", rule.Name)
			continue
		}
		var reads []any
		for _, field := range rule.Reads {
			reads = append(reads, field)
		}
		enforced, ok := ext["enforced-by"]
		if !ok {
			enforced = "schema"
		}
		if ext["x-rule-field"] != rule.Field || ext["x-rule-message"] != rule.Message || ext["x-page"] != rule.Page ||
			enforced != rule.Enforced || !reflect.DeepEqual(ext["x-rule-reads"], reads) {
			t.Errorf("%s: the document has %v, gen.Rules %+v", rule.Name, ext, rule)
		}
		field := reproduction().Components.Schemas["DumpRequest"].Value
		for _, name := range append(rule.Reads, strings.Split(rule.Field, ".")[0]) {
			if oracle.Property(field, name) == nil {
				t.Errorf("%s speaks of %s, which DumpRequest does not have", rule.Name, name)
			}
		}
		if !strings.HasSuffix(rule.Message, ".") || rule.Page == "" {
			t.Errorf("%s needs a message in sentences and a place on the page", rule.Name)
		}
	}
}

// TestSecurityHeadersAreTheSigners signs a request and looks for the headers that the document calls by name.
func TestSecurityHeadersAreTheSigners(t *testing.T) {
	t.Parallel()
	signed, err := http.NewRequest(http.MethodPost, "https://vod.example.com/v1.0/p/asset/reproduction", nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := signer.Sign(signed, nil, signer.Credentials{AccessKey: "AK", SecretKey: "SK"}, time.Unix(0, 0)); err != nil {
		t.Fatal(err)
	}
	var withToken http.Header
	transport := &signer.Transport{Auth: signer.StaticToken("token"), Base: seen(func(r *http.Request) { withToken = r.Header })}
	response, err := transport.RoundTrip(must(http.NewRequest(http.MethodGet, "https://vod.example.com/", nil)))
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()

	schemes := reproduction().Components.SecuritySchemes
	for scheme, header := range map[string]http.Header{"signature": signed.Header, "signatureDate": signed.Header, "token": withToken} {
		if name := schemes[scheme].Value.Name; header.Get(name) == "" {
			t.Errorf("the document calls the header of %s %s, which the signer does not set: %v", scheme, name, header)
		}
	}
	if len(schemes) != 3 {
		t.Errorf("the document has %d security schemes", len(schemes))
	}
}

// seen answers every request with an empty 200 after it has looked at it.
type seen func(*http.Request)

func (look seen) RoundTrip(r *http.Request) (*http.Response, error) {
	look(r)
	return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody, Request: r}, nil
}
