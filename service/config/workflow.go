package config

import "slices"

// Workflow is a set of settings that workflow_name of a request names. What the request says itself goes first.
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

func (t *Thumbnail) check(where string, fault func(format string, args ...any)) {
	within := func(name string, n, least, most int32) {
		if n < least || n > most {
			fault("%s.%s: want %d to %d", where, name, least, most)
		}
	}
	switch t.Type {
	case "time":
		within("time", t.Time, 0, 100)
	case "dots":
		if len(t.Dots) == 0 || slices.Min(t.Dots) < 0 {
			fault("%s.dots: want timestamps in seconds, from 0", where)
		}
	case "quantity":
		within("quantity", t.Quantity, 1, 10)
		within("quantity_time", t.QuantityTime, 0, 1<<31-1)
	default:
		fault("%s.type: want time, dots or quantity", where)
	}
	if t.Type != "time" && t.Time != 0 || t.Type != "dots" && len(t.Dots) > 0 || t.Type != "quantity" && (t.Quantity != 0 || t.QuantityTime != 0) {
		fault("%s: has fields of another type", where)
	}
	within("cover_position", t.CoverPosition, 0, 1<<31-1)
	within("aspect_ratio", t.AspectRatio, 0, 1)
	within("max_length", t.MaxLength, 0, 1<<31-1)
}
