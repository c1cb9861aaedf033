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

// FuzzValidate holds that no rule panics on a request that code has put together: any pointer in it may be nil, and any
// value may be one that the document does not have.
func FuzzValidate(f *testing.F) {
	for choice := range 256 {
		f.Add(bytes.Repeat([]byte{byte(choice)}, 8))
	}
	f.Add([]byte{1, 0, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 1, 0, 0, 0, 1})
	f.Fuzz(func(t *testing.T, choices []byte) {
		next := func() byte {
			if len(choices) == 0 {
				return 0
			}
			choice := choices[0]
			choices = choices[1:]
			return choice
		}
		var request gen.DumpRequest
		fill(reflect.ValueOf(&request).Elem(), next)
		for _, v := range contract.Validate(&request) {
			if v.Rule == "" || v.Message == "" {
				t.Errorf("violation without rule or message: %+v", v)
			}
		}
	})
}

// texts are values that the rules look at, and one that no field has.
var texts = []string{"", "HLS", "MP3", "MP4", "time", "dots", "quantity", contract.ReviewRegion, "films/film.mp4", "\xff"}

// fill sets v by choice: even choices leave a pointer nil.
func fill(v reflect.Value, next func() byte) {
	switch v.Kind() {
	case reflect.Pointer:
		if next()%2 == 1 {
			v.Set(reflect.New(v.Type().Elem()))
			fill(v.Elem(), next)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), next)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), int(next()%3), 3))
		for i := range v.Len() {
			fill(v.Index(i), next)
		}
	case reflect.String:
		v.SetString(texts[int(next())%len(texts)])
	case reflect.Int32, reflect.Int64:
		v.SetInt(int64(int8(next())))
	case reflect.Bool:
		v.SetBool(next()%2 == 1)
	default:
		panic("a request has a " + v.Kind().String())
	}
}
