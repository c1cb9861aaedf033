// Package documents_test holds the OpenAPI documents against themselves, against the page and against what is generated
// from them. It builds neither the contract nor the service, so the documents can be worked on while those do not
// compile.
package documents_test

import (
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/vod-reproduction/vod/openapi"
	"github.com/vod-reproduction/vod/tools/oracle"
)

// tools is the module that pins the generators and the linter of documents.
const tools = "../../tools"

// reproduction is the page's document, for tests that do not change it.
var reproduction = sync.OnceValue(func() *openapi3.T { return must(oracle.Load(openapi.Reproduction)) })

// must is for what cannot be tested without.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// documents are both documents by file name.
var documents = map[string][]byte{
	"vod-reproduction.yaml": openapi.Reproduction,
	"vod-companions.yaml":   openapi.Companions,
}

// TestDocumentsAreValid also holds every example against its schema.
func TestDocumentsAreValid(t *testing.T) {
	t.Parallel()
	for name, document := range documents {
		if _, err := oracle.Load(document); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestBadExampleIsFound checks that the examples are looked at.
func TestBadExampleIsFound(t *testing.T) {
	t.Parallel()
	bad := strings.Replace(string(openapi.Reproduction), "asset_id: f488337c31c8e4622f1590735b134c65", "asset_id: 5", 1)
	if _, err := oracle.Load([]byte(bad)); err == nil {
		t.Error("a wrong example passes")
	}
}

func TestDocumentsAreLintClean(t *testing.T) {
	t.Parallel()
	for name := range documents {
		out, err := exec.CommandContext(t.Context(), "go", "-C", tools, "tool", "oasdiff", "validate", "--fail-on", "INFO", "../openapi/"+name).CombinedOutput()
		if err != nil {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
}

// TestDocumentsExplainThemselves looks at what the generators and readers need and no validator asks for.
func TestDocumentsExplainThemselves(t *testing.T) {
	t.Parallel()
	for name, document := range documents {
		doc := must(oracle.Load(document))
		ids := map[string]bool{}
		for path, item := range doc.Paths.Map() {
			for method, op := range item.Operations() {
				if op.OperationID == "" || ids[op.OperationID] || op.Summary == "" || op.Description == "" || len(op.Tags) == 0 {
					t.Errorf("%s: %s %s needs an operationId of its own, a summary, a description and a tag", name, method, path)
				}
				ids[op.OperationID] = true
				if op.Security == nil {
					t.Errorf("%s: %s %s does not say who may call it", name, method, path)
				}
			}
		}
		for schema, ref := range doc.Components.Schemas {
			oracle.EachProperty(ref.Value, func(property string, value *openapi3.Schema) {
				if value.Description == "" {
					t.Errorf("%s: %s.%s has no description", name, schema, property)
				}
				if name == "vod-reproduction.yaml" && value.Extensions["x-page"] == nil && value.Extensions["x-addition"] == nil {
					t.Errorf("%s: %s.%s says neither where the page has it nor why it was added", name, schema, property)
				}
			})
		}
	}
}

// TestDocumentsShareTheirDoor holds that what both documents have is the same in both.
func TestDocumentsShareTheirDoor(t *testing.T) {
	t.Parallel()
	page, companions := reproduction(), must(oracle.Load(openapi.Companions))
	for name, scheme := range page.Components.SecuritySchemes {
		other := companions.Components.SecuritySchemes[name]
		if other == nil || other.Value.Name != scheme.Value.Name || other.Value.In != scheme.Value.In {
			t.Errorf("the security scheme %s differs between the documents", name)
		}
	}
	for _, field := range []string{"error_code", "error_msg", "request_id"} {
		mine, other := page.Components.Schemas["Error"].Value.Properties[field], companions.Components.Schemas["Error"].Value.Properties[field]
		if mine == nil || other == nil || !mine.Value.Type.Is("string") || !other.Value.Type.Is("string") {
			t.Errorf("Error.%s differs between the documents", field)
		}
	}
}
