package config

import (
	"strings"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen"
)

// Workflow is a set of settings that workflow_name of a request names. What the request says itself takes precedence.
type Workflow struct {
	Name          string     `yaml:"name"`
	TemplateGroup string     `yaml:"template_group,omitempty"`
	Thumbnail     *Thumbnail `yaml:"thumbnail,omitempty"`
	// ReviewTemplate has the asset reviewed with that template; empty is no review.
	ReviewTemplate string `yaml:"review_template,omitempty"`
	// Publish decides where the request has no auto_publish.
	Publish *bool `yaml:"publish,omitempty"`
}

// Thumbnail has the fields and ranges of the vendor's Table 4; left out, they have its defaults.
type Thumbnail struct {
	Type          string  `yaml:"type"`
	Time          int32   `yaml:"time,omitempty"`
	Dots          []int32 `yaml:"dots,omitempty"`
	Quantity      int32   `yaml:"quantity,omitempty"`
	QuantityTime  int32   `yaml:"quantity_time,omitempty"`
	CoverPosition int32   `yaml:"cover_position,omitempty"`
	AspectRatio   int32   `yaml:"aspect_ratio,omitempty"`
	MaxLength     int32   `yaml:"max_length,omitempty"`
}

// FindWorkflow returns the workflow of a name.
func (c *Config) FindWorkflow(name string) (Workflow, bool) {
	return find(c.Workflows, func(w Workflow) bool { return w.Name == name })
}

// check holds t against the constraints and rules of a request's thumbnail.
func (t *Thumbnail) check(where string, fault func(format string, args ...any)) {
	request := gen.DumpRequest{
		VideoType: gen.VideoTypeMP4, Title: "any", Input: gen.FileAddr{Bucket: "any", Location: "any", Object: "any"},
		Thumbnail: &gen.Thumbnail{
			Type: gen.ThumbnailType(t.Type), Time: given(t.Time), Dots: t.Dots, Quantity: given(t.Quantity), QuantityTime: given(t.QuantityTime),
			CoverPosition: given(t.CoverPosition), AspectRatio: given(gen.AspectRatio(t.AspectRatio)), MaxLength: given(t.MaxLength),
		},
	}
	for _, v := range contract.Validate(&request) {
		fault("%s%s: %s", where, strings.TrimPrefix(v.Field, "thumbnail"), v.Message)
	}
}

// given returns nil for 0, which stands for a setting that is left out.
func given[T ~int32](n T) *T {
	if n == 0 {
		return nil
	}
	return &n
}
