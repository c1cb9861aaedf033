package contract_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/openapi"
	"github.com/vod-reproduction/vod/tools/oracle"
)

// TestErrorExamplesFollowTheCatalog holds the examples of error responses against the catalog: each code exists, belongs to
// the status that it is an example of, and has its message.
func TestErrorExamplesFollowTheCatalog(t *testing.T) {
	t.Parallel()
	for name, text := range map[string][]byte{"vod-reproduction.yaml": openapi.Reproduction, "vod-companions.yaml": openapi.Companions} {
		document, err := oracle.Load(text)
		if err != nil {
			t.Fatal(err)
		}
		for path, item := range document.Paths.Map() {
			for method, operation := range item.Operations() {
				found := 0
				for status, response := range operation.Responses.Map() {
					for _, example := range errorExamples(response.Value) {
						found++
						code, _ := example["error_code"].(string)
						message, _ := example["error_msg"].(string)
						problem, ok := contract.Lookup(contract.Code(code))
						at := name + ": " + method + " " + path + ", response " + status
						switch {
						case !ok:
							t.Errorf("%s: the error_code of the example, %q, is not in the catalog", at, code)
						case strconv.Itoa(problem.Status) != status && (status != "409" || problem.Code != contract.CodeIllegalParameter): // that of a key which was used before
							t.Errorf("%s: the example has %s, the code of a response %d", at, code, problem.Status)
						case !strings.HasPrefix(message, strings.TrimSuffix(problem.Message, ".")):
							t.Errorf("%s: the error_msg of the example is %q; that of %s begins with %q", at, message, code, problem.Message)
						}
					}
				}
				if found == 0 {
					t.Errorf("%s: %s %s has no example of an error", name, method, path)
				}
			}
		}
	}
}

// errorExamples returns the examples of a response whose body is an Error.
func errorExamples(response *openapi3.Response) (all []map[string]any) {
	media := response.Content.Get("application/json")
	if media == nil || !strings.HasSuffix(media.Schema.Ref, "/Error") {
		return nil
	}
	values := []any{media.Example}
	for _, example := range media.Examples {
		values = append(values, example.Value.Value)
	}
	for _, value := range values {
		if example, ok := value.(map[string]any); ok {
			all = append(all, example)
		}
	}
	return all
}
