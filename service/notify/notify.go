// Package notify reports to the endpoints of tenants what became of their assets: it
// turns events of the database into the cloud's notifications.
package notify

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"time"

	"github.com/vod-reproduction/vod/service/asset"
	"github.com/vod-reproduction/vod/service/config"
	"github.com/vod-reproduction/vod/service/endpoint"
	"github.com/vod-reproduction/vod/webhook"
)

// Notifier is the jobs.Notifier of the service. It is safe for concurrent use.
type Notifier struct {
	senders map[string]*sender
	fileURL func(a asset.Asset, name string) string
}

// New returns the Notifier of the projects that have a callback. fileURL is where
// the file of an asset can be fetched once it is published.
func New(projects []config.Project, fileURL func(a asset.Asset, name string) string) (*Notifier, error) {
	n := &Notifier{senders: map[string]*sender{}, fileURL: fileURL}
	for _, p := range projects {
		if p.Callback == nil {
			continue
		}
		s, err := newSender(endpoint.Config{URL: p.Callback.URL.Reveal()}, p.Callback.Key.Reveal())
		if err != nil {
			return nil, fmt.Errorf("callback of project %s: %w", p.ID, err)
		}
		n.senders[p.ID] = s
	}
	return n, nil
}

// Wants returns what reports whether a project has a callback for events of a type.
func Wants(projects []config.Project) func(project string, t asset.EventType) bool {
	callbacks := map[string]*config.Callback{}
	for _, p := range projects {
		callbacks[p.ID] = p.Callback
	}
	return func(project string, t asset.EventType) bool { return callbacks[project].Wants(t) }
}

// Notify implements jobs.Notifier.
func (n *Notifier) Notify(ctx context.Context, e asset.Event, a asset.Asset) error {
	s, ok := n.senders[a.ProjectID]
	if !ok {
		return asset.Permanent("", "the project has no callback any more", nil)
	}
	err := s.Send(ctx, n.event(e, a))
	fault, ok := errors.AsType[*endpoint.Error](err)
	switch {
	case ok && (fault.Status == http.StatusGone || fault.Status == 0 && !fault.Temporary): // or the event itself cannot be sent
		return asset.Permanent("", "", err)
	case ok && fault.RetryAfter > 0:
		return asset.Deferred("", "", max(leastPause, fault.RetryAfter), err)
	}
	return err
}

// leastPause keeps a receiver from being asked all the time by its own wish.
const leastPause = 10 * time.Second

// CloseIdleConnections closes the connections that are kept for later events.
func (n *Notifier) CloseIdleConnections() {
	for _, s := range n.senders {
		s.CloseIdleConnections()
	}
}

func (n *Notifier) event(e asset.Event, a asset.Asset) webhook.Event {
	out := webhook.Event{ID: e.ID, Type: webhook.Type(e.Type), AssetID: a.ID, Status: webhook.Succeeded}
	if !e.Succeeded {
		out.Status, out.ErrorCode, out.ErrorMsg = webhook.Failed, a.ErrorCode, a.Reason
	}
	switch e.Type {
	case asset.EventCreated:
		out.Title = a.Title
		if e.Succeeded {
			out.MetaData = metaData(a.Results.Probe)
			if a.ServesMedia() && a.State == asset.Published {
				out.URL = n.fileURL(a, a.MediaName())
			}
		}
	case asset.EventTranscoded:
		if p := a.Plan.Transcode; p != nil {
			out.TemplateGroupName = p.Group
		}
		out.Outputs = n.outputs(a)
	case asset.EventThumbnails:
		n.snapshots(&out, a)
	case asset.EventReviewed:
		n.review(&out, a)
	}
	return out
}

func metaData(m *asset.MediaInfo) *webhook.MetaData {
	if m == nil {
		return nil
	}
	return &webhook.MetaData{
		PackType: m.Container, Codec: cmp.Or(m.VideoCodec, m.AudioCodec), Duration: m.Seconds(), VideoSize: m.Size,
		Width: int64(m.Width), Height: int64(m.Height), BitRate: m.BitRate / 1000, FrameRate: int64(math.Round(m.FrameRate)),
	}
}

func (n *Notifier) outputs(a asset.Asset) (list []webhook.Output) {
	if a.Results.Transcode == nil {
		return nil
	}
	encrypted := 0
	if a.Plan.Transcode.Encrypt {
		encrypted = 1
	}
	for _, o := range a.Results.Transcode.Outputs {
		out := webhook.Output{PlayType: a.Plan.Transcode.Format, URL: n.fileURL(a, o.File), Encrypted: encrypted}
		if o.Name != "" { // a master playlist is no media itself
			out.MetaData = metaData(&o.Info)
		}
		list = append(list, out)
	}
	return list
}

func (n *Notifier) snapshots(out *webhook.Event, a asset.Asset) {
	if a.Results.Thumbnail == nil {
		return
	}
	var list []webhook.Snapshot
	for _, s := range a.Results.Thumbnail.List {
		list = append(list, webhook.Snapshot{Offset: int64(s.Offset.Seconds()), URL: n.fileURL(a, s.File)})
	}
	switch a.Results.Thumbnail.Type {
	case asset.ThumbnailDots:
		out.Dots = list
	case asset.ThumbnailQuantity:
		out.Quantity = list
	default:
		out.Sample = list
	}
}

// suggestions are the verdicts as notifications write them.
var suggestions = map[asset.Suggestion]webhook.Suggestion{
	asset.Pass: webhook.Pass, asset.Doubt: webhook.Review, asset.Reject: webhook.Block,
}

func (n *Notifier) review(out *webhook.Event, a asset.Asset) {
	v := a.Results.Review
	if v == nil {
		return
	}
	out.Suggestion = suggestions[v.Suggestion]
	out.Text = &webhook.TextReview{Suggestion: suggestions[v.Text.Suggestion], Politics: v.Text.Politics, Porn: v.Text.Porn, Abuse: v.Text.Abuse}
	for _, p := range v.Pictures {
		picture := webhook.PictureReview{Suggestion: suggestions[p.Suggestion], URL: n.fileURL(a, p.File),
			Politics: labels(p.Politics), Terrorism: labels(p.Terrorism), Porn: labels(p.Porn)}
		if p.Cover {
			out.Cover = append(out.Cover, picture)
			continue
		}
		picture.Offset = int64(p.Offset.Seconds())
		out.Video = append(out.Video, picture)
	}
}

func labels(list []asset.Label) (out []webhook.ReviewLabel) {
	for _, l := range list {
		out = append(out, webhook.ReviewLabel{Label: l.Label, Confidence: l.ConfidenceText()})
	}
	return out
}
