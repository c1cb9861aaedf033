package pipeline

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	_ "image/jpeg" // covers are decoded
	_ "image/png"
	"io"

	"golang.org/x/text/encoding/unicode"

	"github.com/vod-reproduction/vod/service/asset"
	"github.com/vod-reproduction/vod/service/object"
)

// maxAttachment bounds a file beside the media, in bytes: it is held in memory.
const maxAttachment = 10 << 20

// attach takes the covers and subtitles that were uploaded beside the media. Those that are not there are left out.
func (w *attempt) attach(ctx context.Context) error {
	plan := w.Asset.Plan.Attachments
	var result asset.Attached
	if len(plan) == 0 || w.earlier(ctx, asset.StageAttach, &result) {
		return nil
	}
	line, err := w.begin(ctx, asset.StageAttach, 0)
	if err != nil {
		return err
	}
	var files []asset.File
	for _, a := range plan {
		content, err := w.attached(ctx, a)
		if errors.Is(err, object.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		if w.cfg.Embedded {
			if err := w.reserve(int64(len(content))); err != nil {
				return err
			}
		}
		file, err := w.put(ctx, "attached/"+a.Name, bytes.NewReader(content))
		if err != nil {
			return err
		}
		files = append(files, file)
		if a.Type == asset.AttachmentSRT {
			result.Subtitles = append(result.Subtitles, asset.Subtitle{Attachment: a, File: file.Name})
		} else {
			result.Cover = file.Name
		}
	}
	if len(files) == 0 {
		return w.leaveOut(ctx, asset.StageAttach, "no cover or subtitles were uploaded")
	}
	return line.complete(ctx, result, files)
}

// attached reads an attachment and holds it against its type. It returns object.ErrNotFound when it was not uploaded.
func (w *attempt) attached(ctx context.Context, a asset.Attachment) ([]byte, error) {
	body, info, err := w.objects.Open(ctx, w.Asset.Source.Bucket, asset.AttachmentKey(w.Asset.ID, a), object.Range{}, "")
	switch {
	case errors.Is(err, object.ErrNotFound):
		return nil, err
	case err != nil:
		return nil, ownFailure(err)
	}
	defer func() { _ = body.Close() }() // only read
	if info.Size > maxAttachment {
		return nil, asset.Permanent(asset.CodeWrongType, fmt.Sprintf("%s has %d bytes; covers and subtitles may have %d.", a.Name, info.Size, maxAttachment), nil)
	}
	content, err := io.ReadAll(body)
	if err != nil {
		return nil, ownFailure(err)
	}
	if a.Type == asset.AttachmentSRT {
		content = inUTF8(content)
	}
	if !fits(content, a.Type) {
		return nil, asset.Permanent(asset.CodeWrongType, fmt.Sprintf("%s is not a file of the type %s.", a.Name, a.Type), nil)
	}
	return content, nil
}

// inUTF8 makes text in UTF-16 or with a byte order mark what players expect, UTF-8 without one. Other text is left as it is.
func inUTF8(text []byte) []byte {
	order, policy := unicode.LittleEndian, unicode.ExpectBOM
	switch {
	case bytes.HasPrefix(text, []byte("\xef\xbb\xbf")):
		return text[3:]
	case bytes.HasPrefix(text, []byte("\xff\xfe")), bytes.HasPrefix(text, []byte("\xfe\xff")):
	default: // an arrow of two bytes each shows the order
		arrow := bytes.Index(text, []byte("-\x00-\x00>"))
		if arrow < 0 {
			return text
		}
		if policy = unicode.IgnoreBOM; arrow%2 != 0 {
			order = unicode.BigEndian
		}
	}
	decoded, err := unicode.UTF16(order, policy).NewDecoder().Bytes(text)
	if err != nil {
		return text
	}
	return decoded
}

// fits reports whether a file looks like one of its type.
func fits(content []byte, kind string) bool {
	if kind == asset.AttachmentSRT {
		return bytes.Contains(content, []byte("-->"))
	}
	_, format, err := image.DecodeConfig(bytes.NewReader(content))
	return err == nil && format == map[string]string{asset.AttachmentJPG: "jpeg", asset.AttachmentPNG: "png"}[kind]
}
