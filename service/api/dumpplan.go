package api

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen"
	"github.com/vod-reproduction/vod/service/asset"
	"github.com/vod-reproduction/vod/service/config"
)

// resolve turns a valid request into what will be recorded: its buckets held against those of the project, its template
// group or workflow looked up. What this service cannot do is refused here, so that nothing is accepted and then left
// undone. It is the one place where the wire's types end.
func (s *Server) resolve(request *gen.DumpRequest, projectID string) (asset.New, error) {
	n, err := describe(request, projectID)
	if err != nil {
		return n, err
	}
	if n.Source.Region != s.service.Region {
		return n, refuse(contract.CodeWrongAddress, "input.location is %q, and this service takes buckets of %s only",
			n.Source.Region, s.service.Region).at("input.location")
	}
	// Another tenant's bucket looks like one that nobody authorized, so that names cannot be tried out.
	if err := n.CheckBuckets(func(bucket string) (bool, error) { return s.tenants.owns(projectID, bucket), nil }); err != nil {
		return n, recordProblem(err)
	}
	return n, s.process(&n, request)
}

// describe returns what a request says of its asset. It refuses text that cannot be kept.
func describe(request *gen.DumpRequest, projectID string) (asset.New, error) {
	if err := checkText(
		keptText{"title", request.GetTitle(), true},
		keptText{"description", request.GetDescription(), false},
		keptText{"tags", request.GetTags(), false},
		keptText{"output_path", request.GetOutputPath(), false},
		keptText{"input.object", request.GetInput().GetObject(), false},
	); err != nil {
		return asset.New{}, err
	}
	n := asset.New{
		ProjectID:    projectID,
		Title:        request.GetTitle(),
		Description:  request.GetDescription(),
		CategoryID:   asset.OtherCategory,
		Tags:         request.GetTags(),
		VideoType:    string(contract.Canonical(request.GetVideoType())),
		Source:       asset.Location{Bucket: request.GetInput().GetBucket(), Key: request.GetInput().GetObject(), Region: request.GetInput().GetLocation()},
		StorageMode:  int(request.GetStorageMode()),
		OutputBucket: request.GetOutputBucket(),
		OutputPath:   request.GetOutputPath(),
		AutoPublish:  request.GetAutoPublish() == gen.AutoPublishOn,
	}
	if request.CategoryID != nil && *request.CategoryID > 0 {
		n.CategoryID = int64(*request.CategoryID)
	}
	return n, nil
}

// process fills in the processing of n, which this service must be able to do.
func (s *Server) process(n *asset.New, request *gen.DumpRequest) error {
	if err := s.plan(n, request); err != nil {
		return err
	}
	return s.able(n.Plan)
}

// plan fills in the processing of n; what the request says itself takes precedence over its workflow.
func (s *Server) plan(n *asset.New, request *gen.DumpRequest) error {
	p := &n.Plan
	p.Preheat = request.GetAutoPreheat() == gen.AutoPreheatOn
	if request.Thumbnail != nil {
		p.Thumbnail = requestedThumbnail(request.Thumbnail)
	}
	if request.Review != nil {
		p.Review = &asset.ReviewJob{TemplateID: request.GetReview().GetTemplateID()}
	}
	group := request.GetTemplateGroupName()
	if group == "" && request.WorkflowName != nil { // the template group takes precedence over the workflow
		flow, ok := s.service.FindWorkflow(*request.WorkflowName)
		if !ok {
			return unknownName("workflow_name", *request.WorkflowName, s.service.Workflows, func(w config.Workflow) string { return w.Name })
		}
		group = flow.TemplateGroup
		if p.Thumbnail == nil && flow.Thumbnail != nil {
			p.Thumbnail = configuredThumbnail(*flow.Thumbnail)
		}
		if p.Review == nil && flow.ReviewTemplate != "" {
			p.Review = &asset.ReviewJob{TemplateID: flow.ReviewTemplate}
		}
		if request.AutoPublish == nil && flow.Publish != nil {
			n.AutoPublish = *flow.Publish
		}
	}
	if group != "" {
		template, ok := s.service.FindTemplateGroup(group)
		if !ok {
			return unknownName("template_group_name", group, s.service.TemplateGroups, func(g config.TemplateGroup) string { return g.Name })
		}
		p.Transcode = transcodeFrom(template)
	}
	if request.GetAutoEncrypt() == gen.AutoEncryptOn {
		if p.Transcode == nil || p.Transcode.Format != asset.FormatHLS {
			return illegal(contract.Violations{{Field: "auto_encrypt", Rule: "encryption-needs-hls",
				Message: "needs a template group whose output is HLS"}})
		}
		p.Transcode.Encrypt = true
	}
	return nil
}

// able refuses what the configuration leaves out.
func (s *Server) able(p asset.Plan) error {
	switch {
	case p.ProducesFiles() && s.service.Media.Disabled:
		return refuse(contract.CodeOffline, "snapshots, transcoding and review are switched off in this service")
	case p.Thumbnail != nil && len(p.Thumbnail.Dots) > asset.MaxSnapshots:
		return illegal(contract.Violations{{Field: "thumbnail.dots", Rule: "max-snapshots",
			Message: fmt.Sprintf("names %d timestamps; at most %d are supported", len(p.Thumbnail.Dots), asset.MaxSnapshots)}})
	case p.Review != nil && s.service.Review.URL == "":
		return refuse(contract.CodeOffline, "no reviewer is set up in this service")
	case p.Preheat && len(s.service.Edges) == 0:
		return refuse(contract.CodeNoEdge, "auto_preheat: no CDN cache is set up in this service")
	}
	return nil
}

// unknownName refuses a name that is not configured, and names those that are.
func unknownName[T any](field, name string, known []T, nameOf func(T) string) error {
	message := "unknown name " + quoted(name) + "; none is configured"
	if len(known) > 0 {
		names := make([]string, len(known))
		for i, k := range known {
			names[i] = nameOf(k)
		}
		message = "unknown name " + quoted(name) + "; configured: " + strings.Join(names, ", ")
	}
	return illegal(contract.Violations{{Field: field, Rule: "known-name", Message: message}})
}

// requestedThumbnail is what a request asks for, with the defaults of the vendor's API reference (Table 4).
func requestedThumbnail(t *gen.Thumbnail) *asset.Thumbnail {
	out := &asset.Thumbnail{
		Type: string(t.Type), Cover: int(t.GetCoverPosition()), Wide: t.GetAspectRatio() == gen.AspectRatioWidescreen, MaxLength: int(t.GetMaxLength()),
	}
	switch t.Type {
	case gen.ThumbnailTypeTime:
		out.Every = interval(t.GetTime())
	case gen.ThumbnailTypeDots:
		out.Dots = seconds(t.Dots)
	case gen.ThumbnailTypeQuantity:
		out.Quantity = int(*t.Quantity)
		if t.QuantityTime != nil {
			out.Every = time.Duration(*t.QuantityTime) * time.Second
		}
	}
	return out
}

// configuredThumbnail is what a workflow asks for; what it leaves out has the same defaults as in a request.
func configuredThumbnail(t config.Thumbnail) *asset.Thumbnail {
	unset := new(gen.Thumbnail)
	out := &asset.Thumbnail{
		Type: t.Type, Cover: int(cmp.Or(t.CoverPosition, unset.GetCoverPosition())),
		Wide: gen.AspectRatio(t.AspectRatio) == gen.AspectRatioWidescreen, MaxLength: int(cmp.Or(t.MaxLength, unset.GetMaxLength())),
	}
	switch t.Type {
	case asset.ThumbnailTime:
		out.Every = interval(t.Time)
	case asset.ThumbnailDots:
		out.Dots = seconds(t.Dots)
	case asset.ThumbnailQuantity:
		out.Quantity, out.Every = int(t.Quantity), time.Duration(t.QuantityTime)*time.Second
	}
	return out
}

// interval reads Table 4's time: 0 asks for no interval of its own.
func interval(seconds int32) time.Duration {
	if seconds == 0 {
		seconds = new(gen.Thumbnail).GetTime()
	}
	return time.Duration(seconds) * time.Second
}

func seconds(list []int32) (out []time.Duration) {
	for _, n := range list {
		out = append(out, time.Duration(n)*time.Second)
	}
	return out
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
