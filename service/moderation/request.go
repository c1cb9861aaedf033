package moderation

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"mime/multipart"
	"net/textproto"
	"time"
)

// What one request may carry at most.
const (
	MaxFrames    = 1000
	MaxFrameSize = 4 << 20  // bytes of one frame
	MaxSize      = 64 << 20 // bytes of all frames
)

// Request is what is to be judged. The asset's ID and title are required.
type Request struct {
	AssetID     string
	TemplateID  string // the review template that the asset's owner named; the endpoint defines its meaning
	Title       string
	Description string
	Tags        []string
	Frames      []Frame // up to MaxFrames; none for an asset without a picture
}

// Frame is one picture of the video.
type Frame struct {
	Offset time.Duration // from the start, sent in whole milliseconds; not negative
	JPEG   []byte        // 1 to MaxFrameSize bytes
}

var jpegMark = []byte{0xff, 0xd8, 0xff}

func (r *Request) check() error {
	switch {
	case r.AssetID == "":
		return errors.New("it has no ID")
	case r.Title == "":
		return errors.New("it has no title")
	case len(r.Frames) > MaxFrames:
		return fmt.Errorf("it has %d frames, at most %d are sent", len(r.Frames), MaxFrames)
	}
	size := 0
	for i, f := range r.Frames {
		size += len(f.JPEG)
		switch {
		case f.Offset < 0:
			return fmt.Errorf("frame %d lies before the start", i)
		case len(f.JPEG) > MaxFrameSize || size > MaxSize:
			return fmt.Errorf("frame %d is too large: a frame may have %d bytes and all together %d", i, MaxFrameSize, MaxSize)
		case !bytes.HasPrefix(f.JPEG, jpegMark):
			return fmt.Errorf("frame %d is no JPEG", i)
		}
	}
	return nil
}

// encode writes the form that the package's comment shows.
func (r *Request) encode() (body []byte, contentType string, err error) {
	if err := r.check(); err != nil {
		return nil, "", err
	}
	type frame struct {
		File     string `json:"file"`
		OffsetMS int64  `json:"offset_ms"`
	}
	frames := make([]frame, len(r.Frames))
	for i, f := range r.Frames {
		frames[i] = frame{File: fmt.Sprintf("%d.jpg", i), OffsetMS: f.Offset.Milliseconds()}
	}
	text, err := json.Marshal(struct {
		AssetID     string   `json:"asset_id"`
		TemplateID  string   `json:"template_id"`
		Title       string   `json:"title"`
		Description string   `json:"description"`
		Tags        []string `json:"tags"`
		Frames      []frame  `json:"frames"`
	}{r.AssetID, r.TemplateID, r.Title, r.Description, append([]string{}, r.Tags...), frames})
	if err != nil {
		return nil, "", err
	}
	var form bytes.Buffer // writing to it cannot fail
	parts := multipart.NewWriter(&form)
	write := func(disposition, kind string, content []byte) {
		part, _ := parts.CreatePart(textproto.MIMEHeader{"Content-Disposition": {disposition}, "Content-Type": {kind}})
		_, _ = part.Write(content)
	}
	write(`form-data; name="request"`, "application/json", text)
	for i, f := range r.Frames {
		write(fmt.Sprintf(`form-data; name="frame"; filename="%s"`, frames[i].File), "image/jpeg", f.JPEG)
	}
	_ = parts.Close()
	return form.Bytes(), parts.FormDataContentType(), nil
}
