package api

import (
	"fmt"
	"strings"
	"time"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen"
	"github.com/vod-reproduction/vod/service/asset"
	"github.com/vod-reproduction/vod/service/config"
)

// plan turns what a request asks for into what will be done, with its template
// group or workflow looked up. What this service cannot do is refused here, so
// that nothing is accepted and then left undone.
func (s *Server) plan(request *gen.DumpRequest) (p asset.Plan, publish bool, err error) {
	publish = request.GetAutoPublish() == gen.AutoPublishOn
	if request.Thumbnail != nil {
		p.Thumbnail = thumbnailOf(request.Thumbnail)
	}
	group := deref(request.TemplateGroupName)
	if group == "" && request.WorkflowName != nil { // the template wins when both are given
		flow, ok := s.service.FindWorkflow(*request.WorkflowName)
		if !ok {
			return p, false, unknownName("workflow_name", *request.WorkflowName, s.service.Workflows, func(w config.Workflow) string { return w.Name })
		}
		group = flow.TemplateGroup
		if p.Thumbnail == nil && flow.Thumbnail != nil {
			p.Thumbnail = thumbnailOf(configured(*flow.Thumbnail))
		}
		if request.Review == nil && flow.ReviewTemplate != "" {
			p.Review = &asset.ReviewJob{TemplateID: flow.ReviewTemplate}
		}
		if flow.Publish != nil && request.AutoPublish == nil {
			publish = *flow.Publish
		}
	}
	if group != "" {
		template, ok := s.service.FindTemplateGroup(group)
		if !ok {
			return p, false, unknownName("template_group_name", group, s.service.TemplateGroups, func(g config.TemplateGroup) string { return g.Name })
		}
		p.Transcode = transcodeFrom(template)
	}
	if request.GetAutoEncrypt() == gen.AutoEncryptOn {
		if p.Transcode == nil || p.Transcode.Format != asset.FormatHLS {
			return p, false, illegal(contract.Violations{{Field: "auto_encrypt", Rule: "encryption-needs-hls",
				Message: "needs a template group whose output is HLS"}})
		}
		p.Transcode.Encrypt = true
	}
	if request.Review != nil {
		p.Review = &asset.ReviewJob{TemplateID: deref(request.Review.TemplateID)}
	}
	p.Preheat = request.GetAutoPreheat() == gen.AutoPreheatOn
	return p, publish, s.able(p)
}

// able refuses what the configuration leaves out.
func (s *Server) able(p asset.Plan) error {
	switch {
	case p.Makes() && s.service.Media.Disabled:
		return refuse(contract.CodeOffline, "snapshots, transcoding and review are switched off in this service")
	case p.Thumbnail != nil && len(p.Thumbnail.Dots) > asset.MaxSnapshots:
		return illegal(contract.Violations{{Field: "thumbnail.dots", Rule: "max-snapshots",
			Message: fmt.Sprintf("names %d moments; this service takes at most %d", len(p.Thumbnail.Dots), asset.MaxSnapshots)}})
	case p.Review != nil && s.service.Review.URL == "":
		return refuse(contract.CodeOffline, "no reviewer is set up in this service")
	case p.Preheat && len(s.service.Edges) == 0:
		return refuse(contract.CodeNoEdge, "auto_preheat: no edge is set up in this service")
	}
	return nil
}

// unknownName refuses a name that is not configured, and tells those that are.
func unknownName[T any](field, name string, known []T, nameOf func(T) string) error {
	message := "this service has none called " + quoted(name) + "; none is configured"
	if len(known) > 0 {
		names := make([]string, len(known))
		for i, k := range known {
			names[i] = nameOf(k)
		}
		message = "this service has none called " + quoted(name) + "; there is " + strings.Join(names, ", ")
	}
	return illegal(contract.Violations{{Field: field, Rule: "known-name", Message: message}})
}

func thumbnailOf(t *gen.Thumbnail) *asset.Thumbnail {
	out := &asset.Thumbnail{
		Type: string(t.Type), Cover: int(t.GetCoverPosition()), Wide: t.GetAspectRatio() == gen.AspectRatioWidescreen, MaxLength: int(t.GetMaxLength()),
	}
	switch t.Type {
	case gen.ThumbnailTypeTime:
		out.Every = interval(t.GetTime())
	case gen.ThumbnailTypeDots:
		for _, at := range t.Dots {
			out.Dots = append(out.Dots, time.Duration(at)*time.Second)
		}
	case gen.ThumbnailTypeQuantity:
		out.Quantity = int(*t.Quantity)
		if t.QuantityTime != nil {
			out.Every = time.Duration(*t.QuantityTime) * time.Second
		}
	}
	return out
}

// configured is a workflow's thumbnail as a request would say it.
func configured(t config.Thumbnail) *gen.Thumbnail {
	out := &gen.Thumbnail{Type: gen.ThumbnailType(t.Type), Dots: t.Dots, Quantity: &t.Quantity, QuantityTime: &t.QuantityTime,
		Time: &t.Time, AspectRatio: new(gen.AspectRatio(t.AspectRatio))}
	if t.CoverPosition > 0 {
		out.CoverPosition = &t.CoverPosition
	}
	if t.MaxLength > 0 {
		out.MaxLength = &t.MaxLength
	}
	return out
}

// interval reads the page's time: 0 asks for no interval of its own.
func interval(seconds int32) time.Duration {
	if seconds == 0 {
		seconds = new(gen.Thumbnail).GetTime()
	}
	return time.Duration(seconds) * time.Second
}

func transcodeFrom(g config.TemplateGroup) *asset.Transcode {
	t := &asset.Transcode{Group: g.Name, Format: g.Format, Segment: time.Duration(g.SegmentSeconds) * time.Second, Remux: g.Remux}
	for _, r := range g.Renditions {
		t.Renditions = append(t.Renditions, asset.Rendition{
			Name: r.Name, Height: r.Height, VideoBitRate: int64(r.VideoKbps) * 1000, AudioBitRate: int64(r.AudioKbps) * 1000,
		})
	}
	return t
}
