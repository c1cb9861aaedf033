package config

import (
	"regexp"
	"strings"

	"github.com/vod-reproduction/vod/service/asset"
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

// FindTemplateGroup returns the template group of a name.
func (c *Config) FindTemplateGroup(name string) (TemplateGroup, bool) {
	return find(c.TemplateGroups, func(g TemplateGroup) bool { return g.Name == name })
}

var fileName = regexp.MustCompile(`^[0-9A-Za-z_-]{1,32}$`)

// check fills in defaults and reports what cannot be done.
func (g *TemplateGroup) check(where string, fault func(format string, args ...any)) {
	switch {
	case g.Format != asset.FormatHLS && g.Format != asset.FormatMP4:
		fault("%s.format: want HLS or MP4", where)
	case g.Format == asset.FormatMP4 && g.SegmentSeconds != 0:
		fault("%s.segment_seconds: MP4 has no segments", where)
	case g.SegmentSeconds < 0 || g.SegmentSeconds > 30:
		fault("%s.segment_seconds: want 1 to 30", where)
	case g.Format == asset.FormatHLS && g.SegmentSeconds == 0:
		g.SegmentSeconds = defaultSegment
	}
	if n := len(g.Renditions); n < 1 || n > 8 {
		fault("%s.renditions: has %d, want 1 to 8", where, n)
	}
	names := map[string]bool{}
	for i, r := range g.Renditions {
		if !fileName.MatchString(r.Name) || names[strings.ToLower(r.Name)] {
			fault("%s.renditions[%d].name: %q is specified more than once, or is not 1 to 32 letters, digits, - and _", where, i, r.Name)
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
