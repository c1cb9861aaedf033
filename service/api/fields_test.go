package api

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen"
	"github.com/vod-reproduction/vod/service/config"
)

// ignored are the fields that the service accepts and does nothing with, each with the reason.
var ignored = map[string]string{
	"thumbnail.format": "JPG is the only value that there is",
	"review.interval":  "the vendor's API reference says that the review template decides (Table 5)",
	"review.politics":  "as review.interval",
	"review.terrorism": "as review.interval",
	"review.porn":      "as review.interval",
}

// changes has a change to every field of a request that fieldRequest returns.
var changes = map[string]func(*gen.DumpRequest){
	"video_type":          func(r *gen.DumpRequest) { r.VideoType = gen.VideoTypeMOV },
	"title":               func(r *gen.DumpRequest) { r.Title += "!" },
	"description":         func(r *gen.DumpRequest) { r.Description = new("other") },
	"category_id":         func(r *gen.DumpRequest) { r.CategoryID = new(int32(8)) },
	"tags":                func(r *gen.DumpRequest) { r.Tags = new("other") },
	"auto_publish":        func(r *gen.DumpRequest) { r.AutoPublish = new(gen.AutoPublishOff) },
	"template_group_name": func(r *gen.DumpRequest) { r.TemplateGroupName = new("other") },
	"auto_encrypt":        func(r *gen.DumpRequest) { r.AutoEncrypt = new(gen.AutoEncryptOn) },
	"auto_preheat":        func(r *gen.DumpRequest) { r.AutoPreheat = new(gen.AutoPreheatOn) },
	"workflow_name":       func(r *gen.DumpRequest) { r.WorkflowName = new("second") },
	"input.bucket":        func(r *gen.DumpRequest) { r.Input.Bucket = "second" },
	"input.location":      func(r *gen.DumpRequest) { r.Input.Location = "cn-east-3" },
	"input.object":        func(r *gen.DumpRequest) { r.Input.Object = "other.mp4" },
	"storage_mode": func(r *gen.DumpRequest) {
		r.StorageMode, r.OutputBucket, r.OutputPath = new(gen.StorageModeVOD), nil, nil
	},
	"output_bucket":      func(r *gen.DumpRequest) { r.OutputBucket = new("second") },
	"output_path":        func(r *gen.DumpRequest) { r.OutputPath = new("other") },
	"review.template_id": func(r *gen.DumpRequest) { r.Review.TemplateID = new("other") },
	"review.interval":    func(r *gen.DumpRequest) { r.Review.Interval = new(int32(9)) },
	"review.politics":    func(r *gen.DumpRequest) { r.Review.Politics = new(int32(9)) },
	"review.terrorism":   func(r *gen.DumpRequest) { r.Review.Terrorism = new(int32(9)) },
	"review.porn":        func(r *gen.DumpRequest) { r.Review.Porn = new(int32(9)) },
	"thumbnail.type": func(r *gen.DumpRequest) {
		r.Thumbnail = &gen.Thumbnail{Type: gen.ThumbnailTypeQuantity, Quantity: new(int32(3))}
	},
	"thumbnail.quantity":      func(r *gen.DumpRequest) { r.Thumbnail.Quantity = new(int32(4)) },
	"thumbnail.quantity_time": func(r *gen.DumpRequest) { r.Thumbnail.QuantityTime = new(int32(4)) },
	"thumbnail.time":          func(r *gen.DumpRequest) { r.Thumbnail.Time = new(int32(4)) },
	"thumbnail.dots": func(r *gen.DumpRequest) {
		r.Thumbnail = &gen.Thumbnail{Type: gen.ThumbnailTypeDots, Dots: []int32{1, 3}}
	},
	"thumbnail.cover_position": func(r *gen.DumpRequest) { r.Thumbnail.CoverPosition = new(int32(4)) },
	"thumbnail.format":         func(r *gen.DumpRequest) { r.Thumbnail.Format = new(gen.ThumbnailFormatJPG) },
	"thumbnail.aspect_ratio":   func(r *gen.DumpRequest) { r.Thumbnail.AspectRatio = new(gen.AspectRatioWidescreen) },
	"thumbnail.max_length":     func(r *gen.DumpRequest) { r.Thumbnail.MaxLength = new(int32(4)) },
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

// A field that the contract has is acted on, or ignored for a stated reason: nothing is accepted and then forgotten.
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
		return &gen.DumpRequest{
			VideoType: gen.VideoTypeMP4, Title: "a film", TemplateGroupName: new("group"),
			Input:       gen.FileAddr{Bucket: "first", Location: "ap-southeast-3", Object: "film.mp4"},
			StorageMode: new(gen.StorageModeTenant), OutputBucket: new("first"), OutputPath: new("out"),
			Thumbnail: &gen.Thumbnail{Type: gen.ThumbnailTypeTime}, Review: &gen.Review{TemplateID: new("template")},
		}
	}
	paths := leaves(reflect.TypeFor[gen.DumpRequest](), "")
	for _, path := range paths {
		change, ok := changes[path]
		if !ok {
			t.Errorf("%s is not in changes: act on it, or give a reason in ignored", path)
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
		acted := err != nil || cmp.Diff(plain, changed) != ""
		if reason, listed := ignored[path]; acted == listed {
			t.Errorf("%s: acted on: %v; reason to ignore it: %q", path, acted, reason)
		}
	}
	for _, path := range slices.Sorted(maps.Keys(changes)) {
		if !slices.Contains(paths, path) {
			t.Errorf("%s is not a field of the request", path)
		}
	}
}

// leaves returns the JSON paths of the fields below a type that have no fields of their own.
func leaves(t reflect.Type, prefix string) (paths []string) {
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		kind := f.Type
		if kind.Kind() == reflect.Pointer {
			kind = kind.Elem()
		}
		if kind.Kind() == reflect.Struct {
			paths = append(paths, leaves(kind, prefix+name+".")...)
			continue
		}
		paths = append(paths, prefix+name)
	}
	return paths
}
