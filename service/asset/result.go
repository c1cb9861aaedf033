package asset

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"
)

// Results is what the done stages of an asset returned. A nil field means that
// its stage is not done, or was not asked for.
type Results struct {
	Probe     *MediaInfo
	Attached  *Attached
	Thumbnail *Snapshots
	Transcode *Transcoded
	Review    *Verdict
}

// MediaInfo is the technical data of a media file. What a file does not have is zero.
type MediaInfo struct {
	Container  string        `json:"container"` // in the vendor's words, such as "MP4"
	Duration   time.Duration `json:"duration"`
	Size       int64         `json:"size"`     // bytes
	BitRate    int64         `json:"bit_rate"` // bit/s
	VideoCodec string        `json:"video_codec,omitempty"`
	Width      int           `json:"width,omitempty"`  // pixels, as shown
	Height     int           `json:"height,omitempty"` // pixels, as shown
	FrameRate  float64       `json:"frame_rate,omitempty"`
	Rotation   int           `json:"rotation,omitempty"` // degrees clockwise that the picture is shown turned by
	// Mirrored says that the picture is shown mirrored left to right, before it is turned.
	Mirrored bool `json:"mirrored,omitempty"`
	// TurnInFrames says that frames say so, not the container.
	TurnInFrames bool `json:"turn_in_frames,omitempty"`
	// Fields says whether the picture is interlaced, and Color how its samples become light; empty is progressive, and unknown.
	Fields string `json:"fields,omitempty"`
	Color  Color  `json:"color,omitzero"`
	// Lead is what an edit list hides before the beginning, and players have to skip.
	Lead time.Duration `json:"lead,omitempty"`
	// Delay is how much earlier frames are shown than decoders say.
	Delay time.Duration `json:"delay,omitempty"`
	// Restarts reports whether timestamps begin anew midway.
	Restarts bool `json:"restarts,omitempty"`
	// VideoIndex and AudioIndex say which streams of the file these are.
	VideoIndex int `json:"video_index,omitempty"`
	AudioIndex int `json:"audio_index,omitempty"`
	// PixelFormat is ffmpeg's name of it, and VideoBitRate that of the picture alone in bit/s.
	PixelFormat  string `json:"pixel_format,omitempty"`
	VideoBitRate int64  `json:"video_bit_rate,omitempty"`
	AudioCodec   string `json:"audio_codec,omitempty"`
	Channels     int    `json:"channels,omitempty"`
	AudioBitRate int64  `json:"audio_bit_rate,omitempty"` // bit/s, of the sound alone
	SampleRate   int    `json:"sample_rate,omitempty"`    // Hz
}

// Color has ffmpeg's names of the color of a picture; what is unknown is empty.
type Color struct {
	Matrix    string `json:"matrix,omitempty"`
	Range     string `json:"range,omitempty"`
	Transfer  string `json:"transfer,omitempty"`
	Primaries string `json:"primaries,omitempty"`
}

// Seconds is the duration as the cloud reports it: whole seconds, and one for what is shorter.
func (m MediaInfo) Seconds() int64 {
	if m.Duration <= 0 {
		return 0
	}
	return max(1, int64(m.Duration/time.Second))
}

// Recording is what the playlist of an HLS source names.
type Recording struct {
	// Playlist is the name of the one whose segments are worked on; "" is the source itself.
	Playlist string `json:"playlist,omitempty"`
	Size     int64  `json:"size"` // bytes of its segments
}

// Snapshots are the pictures of one asset.
type Snapshots struct {
	Type string     `json:"type"` // of the request
	List []Snapshot `json:"list"`
	// Cover is the name of the file that stands for the asset; "" when there is none.
	Cover string `json:"cover,omitempty"`
	// Remark says what was not done as asked, for people.
	Remark string `json:"remark,omitempty"`
}

// Snapshot is one picture.
type Snapshot struct {
	Offset time.Duration `json:"offset"` // from the start of the media
	File   string        `json:"file"`   // a [File]'s name
}

// Attached is what was uploaded beside the media.
type Attached struct {
	Cover     string     `json:"cover,omitempty"` // a [File]'s name; "" when there is none
	Subtitles []Subtitle `json:"subtitles,omitempty"`
}

// Subtitle is one file of subtitles.
type Subtitle struct {
	Attachment
	File string `json:"file"` // a [File]'s name
}

// Transcoded is what a template group made.
type Transcoded struct {
	Outputs []Output `json:"outputs"`
	Tool    string   `json:"tool"` // with its version
}

// Output is one result of transcoding. A master playlist has no Name and no Info.
type Output struct {
	Name    string    `json:"name,omitempty"` // of the rendition
	File    string    `json:"file"`           // a [File]'s name: the playlist or the media itself
	Info    MediaInfo `json:"info,omitzero"`
	Remuxed bool      `json:"remuxed,omitempty"` // taken as it was, not encoded again
}

// Suggestion is what review says of something.
type Suggestion string

// From best to worst.
const (
	Pass   Suggestion = "pass"
	Doubt  Suggestion = "review" // needs manual review
	Reject Suggestion = "block"
)

// Verdict is the outcome of review.
type Verdict struct {
	Suggestion Suggestion        `json:"suggestion"` // over everything
	Text       ReviewedText      `json:"text"`
	Pictures   []ReviewedPicture `json:"pictures,omitempty"`
}

// ReviewedText is what review says of title, description and tags, with the words that it found.
type ReviewedText struct {
	Suggestion Suggestion `json:"suggestion"`
	Politics   string     `json:"politics,omitempty"`
	Porn       string     `json:"porn,omitempty"`
	Abuse      string     `json:"abuse,omitempty"`
}

// ReviewedPicture is what review says of one frame.
type ReviewedPicture struct {
	Snapshot
	Suggestion Suggestion `json:"suggestion"`
	Cover      bool       `json:"cover,omitempty"` // it is the asset's cover
	Politics   []Label    `json:"politics,omitempty"`
	Terrorism  []Label    `json:"terrorism,omitempty"`
	Porn       []Label    `json:"porn,omitempty"`
}

// Label is one thing that review saw in a frame.
type Label struct {
	Confidence float64 `json:"confidence"` // 0 to 1
	Label      string  `json:"label"`
}

// ConfidenceText is the confidence as the cloud writes it.
func (l Label) ConfidenceText() string { return strconv.FormatFloat(l.Confidence, 'f', -1, 64) }

// Collect reads the results out of the stages.
func (r *Results) Collect(stages []Stage) error {
	for _, st := range stages {
		if st.State != StageDone || len(st.Result) == 0 {
			continue
		}
		var to any
		switch st.Name {
		case StageProbe:
			to = &r.Probe
		case StageAttach:
			to = &r.Attached
		case StageThumbnail:
			to = &r.Thumbnail
		case StageTranscode:
			to = &r.Transcode
		case StageReview:
			to = &r.Review
		default:
			continue
		}
		if err := json.Unmarshal(st.Result, to); err != nil {
			return fmt.Errorf("read the result of stage %s: %w", st.Name, err)
		}
	}
	return nil
}
