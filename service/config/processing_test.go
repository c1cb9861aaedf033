package config

import (
	"os"
	"strings"
	"testing"

	"github.com/vod-reproduction/vod/service/asset"
)

const processing = `
template_groups:
  - {name: hd, format: HLS, renditions: [{name: 720p, height: 720}]}
  - {name: sd, format: MP4, renditions: [{name: 480p, height: 480, video_kbps: 900, audio_kbps: 96}]}
workflows:
  - {name: full, template_group: hd, thumbnail: {type: time, time: 5}, publish: false}
edges: [https://cdn.example.com/vod]
`

func TestProcessing(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, old, new, says string }{
		{"valid", "", "", ""},
		{"format", "format: HLS", "format: DASH", "template_groups[0].format"},
		{"segments of MP4", "format: MP4", "format: MP4, segment_seconds: 4", "template_groups[1].segment_seconds"},
		{"long segments", "format: HLS", "format: HLS, segment_seconds: 31", "template_groups[0].segment_seconds"},
		{"group twice", "name: sd", "name: hd", "template_groups[1].name"},
		{"no renditions", "[{name: 720p, height: 720}]", "[]", "template_groups[0].renditions"},
		{"rendition that is a path", "name: 720p", "name: ../720p", "template_groups[0].renditions[0].name"},
		{"odd height", "height: 720", "height: 721", "template_groups[0].renditions[0].height"},
		{"bit rate", "video_kbps: 900", "video_kbps: 900000", "template_groups[1].renditions[0]"},
		{"workflow of an unknown group", "template_group: hd", "template_group: uhd", "workflows[0].template_group"},
		{"workflow without a name", "name: full", "name: ''", "workflows[0].name"},
		{"snapshots of two types", "time: 5", "time: 5, dots: [1]", "workflows[0].thumbnail"},
		{"snapshots too far apart", "time: 5", "time: 1000000", "workflows[0].thumbnail.time"},
		{"too many snapshots", "type: time, time: 5", "type: quantity, quantity: 1000000", "workflows[0].thumbnail.quantity"},
		{"no moments", "type: time, time: 5", "type: dots", "workflows[0].thumbnail.dots"},
		{"way of snapshots", "type: time, time: 5", "type: frames", "workflows[0].thumbnail.type"},
		{"workflow with review elsewhere", "publish: false", "review_template: strict", "workflows[0].review_template"},
		{"edge with a slash", "cdn.example.com/vod", "cdn.example.com/", "edges[0]"},
		{"edge with a password", "cdn.example.com", "a:canary@cdn.example.com", "edges[0]"},
		{"negative limit", "edges:", "media: {memory_mb: -1}\nedges:", "media:"},
		{"review without a URL", "edges:", "review: {token: canary}\nedges:", "review: needs url"},
		{"review of every frame", "edges:", "review: {url: 'http://127.0.0.1', max_frames: 10000}\nedges:", "review: want"},
		{"callback without a key", "edges:", "projects: [{id: p1, name: x, callback: {url: http://127.0.0.1/canary}}]\nedges:", "projects[0].callback: needs"},
		{"review elsewhere", "edges:", "review: {url: 'http://127.0.0.1'}\nedges:", "review: only region"},
		{"renditions that differ by case", "{name: 720p, height: 720}", "{name: a, height: 720}, {name: A, height: 360}", "template_groups[0].renditions[1].name"},
		{"callback on a port that does not exist", "edges:", "projects: [{id: p1, name: x, callback: {url: 'http://h:99999', key: canary}}]\nedges:", "projects[0].callback.url: want"},
		{"callback without a scheme", "edges:", "projects: [{id: p1, name: x, callback: {url: u/canary, key: canary}}]\nedges:", "projects[0].callback.url: want"},
		{"unknown event", "edges:", "projects: [{id: p1, name: x, callback: {url: http://u, key: canary, events: [born]}}]\nedges:", "projects[0].callback.events"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			text := strings.Replace(processing, c.old, c.new, 1)
			if strings.Contains(c.new, "projects:") {
				text += strings.Replace(valid, "projects: [{id: p1, name: cn-north-4, buckets: [{name: media}]}]\n", "", 1)
			} else {
				text += valid
			}
			expectParse(t, text, c.says)
		})
	}
}

// The example of the documentation holds, and has what it says.
func TestDocumentedExample(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(string(page), "```yaml\n")
	text, _, _ = strings.Cut(text, "```")
	c, faults := parse([]byte(text))
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	flow, ok := c.FindWorkflow("full")
	group, found := c.FindTemplateGroup(flow.TemplateGroup)
	if !ok || !found || len(group.Renditions) != 2 || !c.Projects[0].Callback.Wants(asset.EventCreated) || c.Review.MaxFrames != 60 {
		t.Errorf("the example gives %+v", c)
	}
	if _, ok := c.FindWorkflow("none"); ok {
		t.Error("there is a workflow that nobody configured")
	}
}

// Without events a callback wants all, without a callback nobody wants any.
func TestCallbackWants(t *testing.T) {
	t.Parallel()
	one := &Callback{Events: []asset.EventType{asset.EventReviewed}}
	if !new(Callback).Wants(asset.EventCreated) || one.Wants(asset.EventCreated) || !one.Wants(asset.EventReviewed) || (*Callback)(nil).Wants(asset.EventCreated) {
		t.Error("the wrong events are wanted")
	}
}
