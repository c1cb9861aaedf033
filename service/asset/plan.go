package asset

import (
	"time"
)

// Plan is the processing that a request asks for beyond the copy, with
// template groups and workflows resolved when it was accepted: a later change
// of the configuration does not reach it. It is kept as JSON, whose fields are never
// renamed, removed or given another type: a process that does not know a field of an
// asset's plan leaves the work on it to those of a newer version.
type Plan struct {
	Thumbnail *Thumbnail `json:"thumbnail,omitempty"`
	Transcode *Transcode `json:"transcode,omitempty"`
	Review    *ReviewJob `json:"review,omitempty"`
	// Preheat loads the files into the CDN caches as soon as the asset is published.
	Preheat bool `json:"preheat,omitempty"`
	// Attachments are files that were to be uploaded beside the media.
	Attachments []Attachment `json:"attachments,omitempty"`
}

// What an Attachment can be.
const (
	AttachmentJPG = "JPG"
	AttachmentPNG = "PNG"
	AttachmentSRT = "SRT"
)

// Attachment is a cover, or subtitles.
type Attachment struct {
	Name string `json:"name"` // of the file, unique in the asset
	Type string `json:"type"` // AttachmentJPG and AttachmentPNG are covers
	// ID and Language are of subtitles, as the request has them.
	ID       int    `json:"id,omitempty"`
	Language string `json:"language,omitempty"`
}

// ProducesFiles reports whether there will be files beside the media.
func (p Plan) ProducesFiles() bool {
	return p.Thumbnail != nil || p.Transcode != nil || p.Review != nil
}

// MaxSnapshots bounds what one request can ask for: a day of film, one every nine seconds.
const MaxSnapshots = 10_000

// How the timestamps of snapshots are chosen, in the vendor's words (Table 4, type).
const (
	ThumbnailTime     = "time"
	ThumbnailDots     = "dots"
	ThumbnailQuantity = "quantity"
)

// Thumbnail asks for snapshots; its fields are those of the vendor's Table 4 with the defaults filled in.
type Thumbnail struct {
	Type     string          `json:"type"`
	Every    time.Duration   `json:"every,omitempty"`    // type time, and quantity where it sets an interval; 0 spreads evenly
	Quantity int             `json:"quantity,omitempty"` // type quantity
	Dots     []time.Duration `json:"dots,omitempty"`     // type dots
	// Cover is which snapshot becomes the cover, from 1.
	Cover     int  `json:"cover"`
	Wide      bool `json:"wide,omitempty"` // 16:9 instead of the video's own shape
	MaxLength int  `json:"max_length"`     // pixels of the longest side
}

// The formats that outputs can have.
const (
	FormatHLS = "HLS"
	FormatMP4 = "MP4"
)

// Transcode asks for the outputs of one template group.
type Transcode struct {
	Group      string        `json:"group"` // its name
	Format     string        `json:"format"`
	Segment    time.Duration `json:"segment,omitempty"` // HLS only
	Remux      bool          `json:"remux,omitempty"`   // take streams as they are where they fit
	Renditions []Rendition   `json:"renditions"`
	Encrypt    bool          `json:"encrypt,omitempty"` // HLS only
}

// Rendition is one output of a template group. A bit rate of 0 leaves it to the encoder.
type Rendition struct {
	Name         string `json:"name"`
	Height       int    `json:"height"`                   // pixels
	VideoBitRate int64  `json:"video_bit_rate,omitempty"` // bit/s
	AudioBitRate int64  `json:"audio_bit_rate,omitempty"` // bit/s
}

// ReviewJob asks for content review.
type ReviewJob struct {
	TemplateID string `json:"template_id,omitempty"`
}
