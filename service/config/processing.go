package config

import (
	"fmt"
	"slices"

	"github.com/vod-reproduction/vod/contract"
)

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
			fault("%s.name: %q is empty, or specified more than once", where, g.Name)
		}
		seen[g.Name] = true
		g.check(where, fault)
	}
	flows := map[string]bool{}
	for i, w := range c.Workflows {
		where := fmt.Sprintf("workflows[%d]", i)
		if w.Name == "" || flows[w.Name] {
			fault("%s.name: %q is empty, or specified more than once", where, w.Name)
		}
		flows[w.Name] = true
		if w.TemplateGroup != "" && !seen[w.TemplateGroup] {
			fault("%s.template_group: %q is not the name of one of template_groups", where, w.TemplateGroup)
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
			fault("edges[%d]: want http://host or https://host, without a slash at the end", i)
		}
	}
}

func find[T any](list []T, is func(T) bool) (found T, ok bool) {
	i := slices.IndexFunc(list, is)
	if i < 0 {
		return found, false
	}
	return list[i], true
}
