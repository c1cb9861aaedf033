package callback

import (
	"encoding/json"
	"errors"
	"fmt"
)

// Type says what has ended.
type Type string

// The types of events.
const (
	CreateComplete    Type = "createComplete"
	TranscodeComplete Type = "transcodeComplete"
	ThumbnailComplete Type = "thumbnailComplete"
	ReviewComplete    Type = "reviewComplete"
)

// Status says how it has ended.
type Status string

// The statuses of events.
const (
	Succeeded Status = "SUCCEED"
	Failed    Status = "FAILED"
)

// Event is one thing that happened to an asset. Members that are empty are not sent, except lists that are empty and not
// nil: those are sent as such.
type Event struct {
	Type Type `json:"-"` // required
	// ID is required, and the same whenever this event is sent. A receiver drops what it has seen.
	ID      string `json:"-"`
	AssetID string `json:"asset_id"` // required
	Status  Status `json:"status"`   // required

	// Of CreateComplete.
	Title    string    `json:"title,omitempty"`
	URL      string    `json:"url,omitempty"`
	UserName string    `json:"user_name,omitempty"`
	MetaData *MetaData `json:"meta_data,omitempty"`

	// Of TranscodeComplete.
	TemplateGroupName string   `json:"template_group_name,omitempty"`
	Outputs           []Output `json:"output,omitzero"`

	// Of ThumbnailComplete, by the way their moments were chosen.
	Sample   []Snapshot `json:"sample,omitzero"`
	Dots     []Snapshot `json:"dots,omitzero"`
	Quantity []Snapshot `json:"quantity,omitzero"`

	// Of ReviewComplete.
	Suggestion Suggestion      `json:"suggestion,omitempty"`
	Text       *TextReview     `json:"text,omitempty"`
	Cover      []PictureReview `json:"cover,omitzero"`
	Video      []PictureReview `json:"video,omitzero"`

	// Of Failed: the cloud's error code, such as VOD.10013, and plain words.
	ErrorCode string `json:"error_code,omitempty"`
	ErrorMsg  string `json:"error_msg,omitempty"`
}

// MetaData describes one media file.
type MetaData struct {
	PackType  string `json:"pack_type,omitempty"`
	Codec     string `json:"codec,omitempty"`
	Duration  int64  `json:"duration"`   // whole seconds
	VideoSize int64  `json:"video_size"` // bytes
	Width     int64  `json:"width"`      // pixels
	Height    int64  `json:"height"`     // pixels
	BitRate   int64  `json:"bit_rate"`   // kbit/s
	FrameRate int64  `json:"frame_rate"` // frames a second
	Quality   string `json:"quality,omitempty"`
}

// MarshalJSON writes the height twice: the cloud misspells its name.
func (m MetaData) MarshalJSON() ([]byte, error) {
	type plain MetaData
	return json.Marshal(struct {
		plain
		Hight int64 `json:"hight"`
	}{plain(m), m.Height})
}

// Output is one result of transcoding.
type Output struct {
	PlayType  string    `json:"play_type"` // HLS, DASH, MP4, MP3 or AAC
	URL       string    `json:"url"`
	Encrypted int       `json:"encrypted"` // 0 or 1
	Quality   string    `json:"quality,omitempty"`
	MetaData  *MetaData `json:"meta_data,omitempty"`
}

// Snapshot is one image of a video.
type Snapshot struct {
	Offset int64  `json:"offset"` // seconds from the start
	URL    string `json:"url"`
}

// Suggestion is the verdict of a review. Notifications write it in capitals, unlike the calls that query an asset.
type Suggestion string

// The verdicts.
const (
	Block  Suggestion = "BLOCK"
	Review Suggestion = "REVIEW"
	Pass   Suggestion = "PASS"
)

// TextReview is the verdict on the texts of an asset.
type TextReview struct {
	Suggestion Suggestion `json:"suggestion"`
	Politics   string     `json:"politics,omitempty"`
	Porn       string     `json:"porn,omitempty"`
	Abuse      string     `json:"abuse,omitempty"`
}

// PictureReview is the verdict on a cover or a frame.
type PictureReview struct {
	Suggestion Suggestion    `json:"suggestion"`
	Offset     int64         `json:"offset"` // seconds from the start; 0 for covers
	URL        string        `json:"url"`
	Politics   []ReviewLabel `json:"politics,omitzero"`
	Terrorism  []ReviewLabel `json:"terrorism,omitzero"`
	Porn       []ReviewLabel `json:"porn,omitzero"`
}

// ReviewLabel is one thing that a review found.
type ReviewLabel struct {
	Confidence string `json:"confidence"` // a number from 0 to 1 as text
	Label      string `json:"label"`
}

// message is the text that is signed.
func (e *Event) message() (string, error) {
	switch {
	case e.ID == "":
		return "", errors.New("it has no ID")
	case e.AssetID == "":
		return "", errors.New("it names no asset")
	case e.Status != Succeeded && e.Status != Failed:
		return "", fmt.Errorf("its status %.40q is neither %s nor %s", e.Status, Succeeded, Failed)
	}
	m := struct {
		Type      Type   `json:"event_type"`
		ID        string `json:"event_id"`
		Create    *Event `json:"create_info,omitempty"`
		Transcode *Event `json:"transcode_info,omitempty"`
		Thumbnail *Event `json:"thumbnail_info,omitempty"`
		Review    *Event `json:"review_info,omitempty"`
	}{Type: e.Type, ID: e.ID}
	switch e.Type {
	case CreateComplete:
		m.Create = e
	case TranscodeComplete:
		m.Transcode = e
	case ThumbnailComplete:
		m.Thumbnail = e
	case ReviewComplete:
		m.Review = e
	default:
		return "", fmt.Errorf("its type %.40q is unknown", e.Type)
	}
	text, err := json.Marshal(m)
	return string(text), err
}
