package api

import (
	"cmp"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	diff "github.com/google/go-cmp/cmp"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen"
	"github.com/vod-reproduction/vod/service/config"
)

// changes has a change to every field of the request of the test for which another value alone is not enough.
var changes = map[string]func(*gen.DumpRequest){
	"video_type":     func(r *gen.DumpRequest) { r.VideoType = gen.VideoTypeMOV },
	"workflow_name":  func(r *gen.DumpRequest) { r.WorkflowName = new("second") },
	"input.bucket":   func(r *gen.DumpRequest) { r.Input.Bucket = "second" },
	"input.location": func(r *gen.DumpRequest) { r.Input.Location = "cn-east-3" },
	"storage_mode": func(r *gen.DumpRequest) {
		r.StorageMode, r.OutputBucket, r.OutputPath = new(gen.StorageModeVOD), nil, nil
	},
	"output_bucket": func(r *gen.DumpRequest) { r.OutputBucket = new("second") },
	"thumbnail.type": func(r *gen.DumpRequest) {
		r.Thumbnail = &gen.Thumbnail{Type: gen.ThumbnailTypeQuantity, Quantity: new(int32(3))}
	},
	"thumbnail.dots": func(r *gen.DumpRequest) {
		r.Thumbnail = &gen.Thumbnail{Type: gen.ThumbnailTypeDots, Dots: []int32{1, 3}}
	},
}

// another returns a change that sets a field to another value than the request of the test has; nil for an object or an
// array of objects.
func another(path string, p gen.Property) func(*gen.DumpRequest) {
	var value any
	switch {
	case p.Type == "object" || p.Items == "object" || p.Type == "array" && len(p.Enum) > 0:
		return nil
	case len(p.Enum) > 0: // one that is not the default, where there is one
		choice := p.Enum[len(p.Enum)-1]
		if choice == p.Default {
			choice = p.Enum[0]
		}
		if value = choice; p.Type == "integer" {
			value = json.Number(choice)
		}
	case p.Type == "string":
		value = "other"
	case p.Type == "integer":
		value = max(p.Minimum, min(p.Maximum, 9))
	case p.Type == "boolean":
		value = p.Default != "true"
	case p.Type == "array":
		value = []any{map[string]any{"string": "other", "integer": p.Minimum, "boolean": true}[p.Items]}
	}
	return set(path, value)
}

// set returns a change that sets a field by way of JSON, whatever its type.
func set(path string, value any) func(*gen.DumpRequest) {
	for _, name := range slices.Backward(strings.Split(path, ".")) {
		value = map[string]any{name: value}
	}
	return func(r *gen.DumpRequest) {
		body, err := json.Marshal(value)
		if err == nil {
			err = json.Unmarshal(body, r)
		}
		if err != nil {
			panic(err)
		}
	}
}

// bases has what a request must be before the change means something, where that is not what the test's request is.
var bases = map[string]func(*gen.DumpRequest){
	"input.location":          func(r *gen.DumpRequest) { r.Review = nil }, // its rules depend on the region
	"thumbnail.quantity":      quantity,
	"thumbnail.quantity_time": quantity,
	"thumbnail.dots": func(r *gen.DumpRequest) {
		r.Thumbnail = &gen.Thumbnail{Type: gen.ThumbnailTypeDots, Dots: []int32{1, 2}}
	},
	"workflow_name": func(r *gen.DumpRequest) { r.TemplateGroupName, r.WorkflowName = nil, new("flow") },
}

func quantity(r *gen.DumpRequest) {
	r.Thumbnail = &gen.Thumbnail{Type: gen.ThumbnailTypeQuantity, Quantity: new(int32(3))}
}

// A field that the contract has is acted on, or the document says why it is ignored (x-ignored): nothing is accepted and then
// forgotten.
func TestEveryFieldIsActedOn(t *testing.T) {
	t.Parallel()
	group := config.TemplateGroup{Format: "HLS", Renditions: []config.Rendition{{Name: "low", Height: 240}}}
	first, second := group, group
	first.Name, second.Name = "group", "other"
	s := New(Config{Now: time.Now, Service: config.Config{
		Region:         "ap-southeast-3",
		Projects:       []config.Project{{ID: project, Buckets: []config.Bucket{{Name: "first"}, {Name: "second"}}}},
		TemplateGroups: []config.TemplateGroup{first, second},
		Workflows:      []config.Workflow{{Name: "flow", TemplateGroup: "group"}, {Name: "second", TemplateGroup: "other"}},
		Edges:          []string{"http://127.0.0.1:1"},
		Review:         config.Review{URL: "http://127.0.0.1:1"},
	}})
	request := func() *gen.DumpRequest {
		r := &gen.DumpRequest{
			VideoType: gen.VideoTypeMP4, Title: "a film", TemplateGroupName: new("group"),
			Input:       gen.FileAddr{Bucket: "first", Location: "ap-southeast-3", Object: "film.mp4"},
			StorageMode: new(gen.StorageModeTenant), OutputBucket: new("first"), OutputPath: new("out"),
			Thumbnail: &gen.Thumbnail{Type: gen.ThumbnailTypeTime},
		}
		set("review.template_id", "template")(r)
		return r
	}
	for path, property := range contract.Fields() {
		change, ok := changes[path]
		if !ok {
			change = another(path, property)
		}
		if change == nil {
			if property.Type != "object" {
				t.Errorf("%s needs a change of its own in changes", path)
			}
			continue
		}
		before, r := request(), request()
		if base, ok := bases[path]; ok {
			base(before)
			base(r)
		}
		change(r)
		if violations := contract.Validate(r); len(violations) > 0 {
			t.Errorf("%s: the change is not valid: %v", path, violations)
		}
		plain, err := s.resolve(before, project)
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		changed, err := s.resolve(r, project)
		acted := err != nil || diff.Diff(plain, changed) != ""
		if acted == (property.Ignored != "") {
			t.Errorf("%s: acted on: %v; reason to ignore it: %q; act on it in dumpplan.go, or give its x-ignored in the document a reason",
				path, acted, property.Ignored)
		}
	}
	for path := range changes {
		if _, ok := contract.Field(path); !ok {
			t.Errorf("%s is not a field of the request", path)
		}
	}
}

// The service acts on every header parameter of the call, which is told by hand: nothing shows what a header changes.
func TestEveryParameterIsActedOn(t *testing.T) {
	t.Parallel()
	acted := []string{"IdempotencyKey"} // dump.go
	params := reflect.TypeFor[gen.PublishAssetFromObsParams]()
	for i := range params.NumField() {
		if name := params.Field(i).Name; !slices.Contains(acted, name) {
			t.Errorf("nothing in dump.go acts on %s", name)
		}
	}
}

// values are the values of the enumerations of a request that the service knows, and where it acts on them.
var values = map[string]struct {
	known []string
	where string
}{
	"auto_publish":           {[]string{"0", "1"}, "dumpplan.go"},
	"auto_encrypt":           {[]string{"0", "1"}, "dumpplan.go"},
	"auto_preheat":           {[]string{"0", "1"}, "dumpplan.go"},
	"storage_mode":           {[]string{"0", "1"}, "service/asset/stage.go, and file.go, remove.go and runner.go of service/pipeline"},
	"thumbnail.type":         {[]string{"time", "dots", "quantity"}, "dumpplan.go and details.go, service/asset/plan.go, service/pipeline/thumbnail.go, service/notify/notify.go"},
	"thumbnail.aspect_ratio": {[]string{"0", "1"}, "dumpplan.go"},
}

// A value that an enumeration of the contract gains is acted on: the service would accept it and treat it as another. The
// media types have a table of their own.
func TestEveryValueIsActedOn(t *testing.T) {
	t.Parallel()
	for path, property := range contract.Fields() {
		if len(property.Enum) == 0 || property.Ignored != "" || path == "video_type" {
			continue
		}
		for _, value := range property.Enum {
			if !slices.Contains(values[path].known, value) {
				t.Errorf("%s: nothing acts on %s; act on it in %s, and add it to values", path, value, cmp.Or(values[path].where, "dumpplan.go"))
			}
		}
	}
	for path, v := range values {
		property, _ := contract.Field(path)
		for _, value := range v.known {
			if !slices.Contains(property.Enum, value) {
				t.Errorf("%s: %s is not a value of the document any more; remove it from %s and from values", path, value, v.where)
			}
		}
	}
}
