package webhook

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
)

// Type is what has ended.
type Type string

// The types of events.
const (
	CreateComplete    Type = "createComplete"
	TranscodeComplete Type = "transcodeComplete"
	ThumbnailComplete Type = "thumbnailComplete"
	ReviewComplete    Type = "reviewComplete"
)

// Status is how it has ended.
type Status string

// The statuses of events.
const (
	Succeeded Status = "SUCCEED"
	Failed    Status = "FAILED"
)

// Event is one thing that happened to an asset. Empty fields are left out of its message, except lists that are empty
// but not nil.
type Event struct {
	Type Type `json:"-"` // required
	// ID is the same whenever this event is sent, so that a receiver can drop what it has seen. [Event.Message] requires
	// it; the cloud itself sends none.
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

	// Of ThumbnailComplete: one of them, by the way in which the timestamps were chosen.
	Sample   []Snapshot `json:"sample,omitzero"`
	Dots     []Snapshot `json:"dots,omitzero"`
	Quantity []Snapshot `json:"quantity,omitzero"`

	// Of ReviewComplete.
	Suggestion Suggestion      `json:"suggestion,omitempty"`
	Text       *TextReview     `json:"text,omitempty"`
	Cover      []PictureReview `json:"cover,omitzero"`
	Video      []PictureReview `json:"video,omitzero"`

	// Of Failed: the error code, such as VOD.10003, and its explanation.
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

// MarshalJSON writes the height under two names, since the cloud misspells it as hight.
func (m MetaData) MarshalJSON() ([]byte, error) {
	type plain MetaData
	return json.Marshal(struct {
		plain
		Hight int64 `json:"hight"`
	}{plain(m), m.Height})
}

// UnmarshalJSON reads the height under either of its names.
func (m *MetaData) UnmarshalJSON(data []byte) error {
	type plain MetaData
	read := struct {
		plain
		Hight int64 `json:"hight"`
	}{}
	if err := json.Unmarshal(data, &read); err != nil {
		return err
	}
	*m = MetaData(read.plain)
	m.Height = cmp.Or(m.Height, read.Hight)
	return nil
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

// Suggestion is the verdict of a review. Notifications write it in capitals, unlike the operations that query an asset.
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

// message is the document that a notification carries as text. Details are under one name by type.
type message struct {
	Type      Type   `json:"event_type"`
	ID        string `json:"event_id"`
	Create    *Event `json:"create_info,omitempty"`
	Transcode *Event `json:"transcode_info,omitempty"`
	Thumbnail *Event `json:"thumbnail_info,omitempty"`
	Review    *Event `json:"review_info,omitempty"`
}

// details returns where m holds the event, or nil for an unknown type.
func (m *message) details() **Event {
	switch m.Type {
	case CreateComplete:
		return &m.Create
	case TranscodeComplete:
		return &m.Transcode
	case ThumbnailComplete:
		return &m.Thumbnail
	case ReviewComplete:
		return &m.Review
	default:
		return nil
	}
}

// Message returns the text that a notification of e carries and that [Sign] covers. It fails unless e has an ID, an asset
// ID, and one of this package's types and statuses.
func (e Event) Message() (string, error) {
	if e.ID == "" {
		return "", errors.New("webhook: the event has no ID")
	}
	m := message{Type: e.Type, ID: e.ID}
	if err := e.check(m.details()); err != nil {
		return "", err
	}
	*m.details() = &e
	text, err := json.Marshal(m)
	if err != nil {
		return "", fmt.Errorf("webhook: %w", err)
	}
	return string(text), nil
}

// Parse decodes the message of a notification, which the caller has verified. Unknown fields are ignored, since the cloud
// may add some; an unknown type or status is an error. The ID is empty if the sender sent none.
func Parse(text string) (Event, error) {
	var m message
	if err := json.Unmarshal([]byte(text), &m); err != nil {
		return Event{}, fmt.Errorf("webhook: the message cannot be decoded: %w", err)
	}
	details := m.details()
	if details != nil && *details == nil {
		return Event{}, fmt.Errorf("webhook: the message has no details of its %s", m.Type)
	}
	e := Event{}
	if details != nil {
		e = **details
	}
	e.Type, e.ID = m.Type, m.ID
	return e, e.check(details)
}

func (e Event) check(details **Event) error {
	switch {
	case details == nil:
		return fmt.Errorf("webhook: the event's type %.40q is unknown", e.Type)
	case e.AssetID == "":
		return errors.New("webhook: the event has no asset ID")
	case e.Status != Succeeded && e.Status != Failed:
		return fmt.Errorf("webhook: the event's status %.40q is neither %s nor %s", e.Status, Succeeded, Failed)
	}
	return nil
}
