package documents_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/vod-reproduction/vod/tools/oracle"
)

// ofTheirOwn are the names that stand for different values in different requests, with the reason.
var ofTheirOwn = map[string]string{
	"status string":     "that of a template group is no state of an asset, and an upload has fewer ends than an asset has states",
	"video_type string": "a playlist is several files, and is not uploaded; the API reference has no RMVB and no WebM for uploads",
	"id integer":        "0 stands for the root where categories are listed, and cannot be renamed",
}

// TestRequestsAgreeOnTheirFields holds that fields and parameters with one name and type have the same limits, values and
// default in every request of both documents: one that was changed in one place only is a slip.
func TestRequestsAgreeOnTheirFields(t *testing.T) {
	t.Parallel()
	places := map[string]map[string][]string{} // name and type, constraints, where they stand
	var add func(where, name string, schema *openapi3.Schema)
	add = func(where, name string, schema *openapi3.Schema) {
		kind := schema.Type.Slice()
		below := func(part string, schema *openapi3.Schema) { add(where, name+"."+part, schema) }
		for _, part := range schema.AllOf {
			oracle.EachProperty(part.Value, below)
		}
		if len(kind) != 1 || kind[0] == "object" || kind[0] == "array" && !strings.Contains(name, ".") {
			return // properties are held one by one, and each request takes as many values at once as it can
		}
		id := name + " " + kind[0]
		if places[id] == nil {
			places[id] = map[string][]string{}
		}
		said := constraints(schema)
		places[id][said] = append(places[id][said], where)
	}
	for file, text := range documents {
		for path, item := range must(oracle.Load(text)).Paths.Map() {
			for method, operation := range item.Operations() {
				where := file + ": " + method + " " + path
				for _, parameter := range slices.Concat(item.Parameters, operation.Parameters) {
					add(where, parameter.Value.Name, parameter.Value.Schema.Value)
				}
				if operation.RequestBody != nil {
					oracle.EachProperty(operation.RequestBody.Value.Content.Get("application/json").Schema.Value, func(name string, schema *openapi3.Schema) {
						add(where, name, schema)
					})
				}
			}
		}
	}
	for id, said := range places {
		if len(said) > 1 && ofTheirOwn[id] == "" {
			for _, constraint := range slices.Sorted(maps.Keys(said)) {
				t.Errorf("%s differs: %s in %s", id, constraint, strings.Join(said[constraint], ", "))
			}
		}
	}
}

// constraints returns what a schema demands of a value, as JSON.
func constraints(schema *openapi3.Schema) string {
	plain := *schema
	plain.Description, plain.Title, plain.Example, plain.Extensions = "", "", nil, nil
	return string(must(json.Marshal(&plain)))
}
