package config

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/vod-reproduction/vod/contract"
)

// Media sets up ffmpeg. A limit of 0 is the default of package media.
type Media struct {
	// Disabled leaves all work on media out: nothing is probed, and snapshots and transcoding are refused.
	Disabled bool `yaml:"disabled,omitempty"`
	// FFmpeg and FFprobe are paths; empty means from PATH.
	FFmpeg  string `yaml:"ffmpeg,omitempty"`
	FFprobe string `yaml:"ffprobe,omitempty"`
	// MemoryMB bounds the memory of one run, in MiB.
	MemoryMB int `yaml:"memory_mb,omitempty"`
	// MaxPixels bounds one frame.
	MaxPixels int `yaml:"max_pixels,omitempty"`
	// MaxHours bounds the length of the media.
	MaxHours int `yaml:"max_hours,omitempty"`
	// MaxStreams bounds the streams of one file.
	MaxStreams int `yaml:"max_streams,omitempty"`
	// MaxOutputMB bounds what one run may write, in MiB.
	MaxOutputMB int `yaml:"max_output_mb,omitempty"`
	// MaxSourceMB bounds the media that is looked into, in MiB; 0 is 65536. Larger media is taken as it is.
	MaxSourceMB int `yaml:"max_source_mb,omitempty"`
	// Threads is how many threads one run has.
	Threads int `yaml:"threads,omitempty"`
}

// The formats of a template group.
const (
	FormatHLS = "HLS"
	FormatMP4 = "MP4"
)

// defaultSegment is the length of HLS segments in seconds where none is given.
const defaultSegment = 6

// TemplateGroup is a set of outputs that template_group_name of a request names.
type TemplateGroup struct {
	Name   string `yaml:"name"`
	Format string `yaml:"format"` // HLS or MP4
	// SegmentSeconds is the length of HLS segments, 1 to 30; 0 is 6.
	SegmentSeconds int `yaml:"segment_seconds,omitempty"`
	// Remux takes a video as it is where it fits a rendition, instead of encoding it again.
	Remux      bool        `yaml:"remux,omitempty"`
	Renditions []Rendition `yaml:"renditions"` // 1 to 8
}

// Rendition is one output of a template group. A rate of 0 leaves it to the encoder.
type Rendition struct {
	Name      string `yaml:"name"`   // part of file names: 1 to 32 letters, digits, dashes, underscores
	Height    int    `yaml:"height"` // pixels, even, 32 to 4320
	VideoKbps int    `yaml:"video_kbps,omitempty"`
	AudioKbps int    `yaml:"audio_kbps,omitempty"`
}

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

// Thumbnail has the members and ranges of the page's Table 4; left out, they have its defaults.
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

// FindTemplateGroup gives the template group of a name.
func (c *Config) FindTemplateGroup(name string) (TemplateGroup, bool) {
	return find(c.TemplateGroups, func(g TemplateGroup) bool { return g.Name == name })
}

// FindWorkflow gives the workflow of a name.
func (c *Config) FindWorkflow(name string) (Workflow, bool) {
	return find(c.Workflows, func(w Workflow) bool { return w.Name == name })
}

func find[T any](list []T, is func(T) bool) (found T, ok bool) {
	i := slices.IndexFunc(list, is)
	if i < 0 {
		return found, false
	}
	return list[i], true
}

var fileName = regexp.MustCompile(`^[0-9A-Za-z_-]{1,32}$`)

// checkProcessing checks what concerns media, and fills in defaults.
func (c *Config) checkProcessing(fault func(format string, args ...any)) {
	if m := c.Media; min(m.MemoryMB, m.MaxPixels, m.MaxHours, m.MaxStreams, m.MaxOutputMB, m.MaxSourceMB, m.Threads) < 0 {
		fault("media: limits must not be negative")
	}
	seen := map[string]bool{}
	for i := range c.TemplateGroups {
		g := &c.TemplateGroups[i]
		where := fmt.Sprintf("template_groups[%d]", i)
		if g.Name == "" || seen[g.Name] {
			fault("%s.name: %q is empty, or there twice", where, g.Name)
		}
		seen[g.Name] = true
		g.check(where, fault)
	}
	flows := map[string]bool{}
	for i, w := range c.Workflows {
		where := fmt.Sprintf("workflows[%d]", i)
		if w.Name == "" || flows[w.Name] {
			fault("%s.name: %q is empty, or there twice", where, w.Name)
		}
		flows[w.Name] = true
		if w.TemplateGroup != "" && !seen[w.TemplateGroup] {
			fault("%s.template_group: there is none called %q", where, w.TemplateGroup)
		}
		if w.Thumbnail != nil {
			w.Thumbnail.check(where+".thumbnail", fault)
		}
		if w.ReviewTemplate != "" && (c.Region != contract.ReviewRegion || c.Review.URL == "") {
			fault("%s.review_template: needs review.url, and region %s", where, contract.ReviewRegion)
		}
	}
	if c.Review.URL != "" && c.Region != contract.ReviewRegion {
		fault("review: only region %s has it", contract.ReviewRegion)
	}
	c.Review.check(fault)
	if len(c.Edges) > 10 {
		fault("edges: has %d, at most 10 are possible", len(c.Edges))
	}
	for i, e := range c.Edges {
		if !isBase(e) {
			fault("edges[%d]: want http(s)://host without a slash at the end", i)
		}
	}
}

func (g *TemplateGroup) check(where string, fault func(format string, args ...any)) {
	switch {
	case g.Format != FormatHLS && g.Format != FormatMP4:
		fault("%s.format: want HLS or MP4", where)
	case g.Format == FormatMP4 && g.SegmentSeconds != 0:
		fault("%s.segment_seconds: MP4 has no segments", where)
	case g.SegmentSeconds < 0 || g.SegmentSeconds > 30:
		fault("%s.segment_seconds: want 1 to 30", where)
	case g.Format == FormatHLS && g.SegmentSeconds == 0:
		g.SegmentSeconds = defaultSegment
	}
	if n := len(g.Renditions); n < 1 || n > 8 {
		fault("%s.renditions: has %d, want 1 to 8", where, n)
	}
	names := map[string]bool{}
	for i, r := range g.Renditions {
		if !fileName.MatchString(r.Name) || names[strings.ToLower(r.Name)] {
			fault("%s.renditions[%d].name: %q is not usable, or there twice", where, i, r.Name)
		}
		names[strings.ToLower(r.Name)] = true // file systems differ in what they tell apart
		if r.Height < 32 || r.Height > 4320 || r.Height%2 != 0 {
			fault("%s.renditions[%d].height: want an even number from 32 to 4320", where, i)
		}
		if r.VideoKbps < 0 || r.VideoKbps > 200_000 || r.AudioKbps < 0 || r.AudioKbps > 512 {
			fault("%s.renditions[%d]: want video_kbps up to 200000 and audio_kbps up to 512", where, i)
		}
	}
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
			fault("%s.dots: want moments in seconds, from 0", where)
		}
	case "quantity":
		within("quantity", t.Quantity, 1, 10)
		within("quantity_time", t.QuantityTime, 0, 1<<31-1)
	default:
		fault("%s.type: want time, dots or quantity", where)
	}
	if t.Type != "time" && t.Time != 0 || t.Type != "dots" && len(t.Dots) > 0 || t.Type != "quantity" && (t.Quantity != 0 || t.QuantityTime != 0) {
		fault("%s: has members of another type", where)
	}
	within("cover_position", t.CoverPosition, 0, 1<<31-1)
	within("aspect_ratio", t.AspectRatio, 0, 1)
	within("max_length", t.MaxLength, 0, 1<<31-1)
}
