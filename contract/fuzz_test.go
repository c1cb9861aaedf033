package contract_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"testing"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/contract/contracttest"
	"github.com/vod-reproduction/vod/gen"
)

// FuzzParse holds that no body makes Parse panic, that every violation names a rule and a message, and that encoding/json
// reads from an accepted body the very same request.
func FuzzParse(f *testing.F) {
	for _, c := range contracttest.Cases(contracttest.Example) {
		f.Add(c.Body)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		request, violations := contract.Parse(body)
		for _, v := range violations {
			if v.Rule == "" || v.Message == "" {
				t.Errorf("violation without rule or message: %+v", v)
			}
		}
		if violations != nil {
			return
		}
		var other gen.DumpRequest
		decoder := json.NewDecoder(bytes.NewReader(body))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&other); err != nil {
			t.Fatalf("accepted, but encoding/json refuses it: %v", err)
		}
		if !reflect.DeepEqual(request, &other) {
			t.Errorf("read\n%+v\nbut encoding/json reads\n%+v", request, &other)
		}
	})
}
