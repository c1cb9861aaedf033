package pipeline

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/vod-reproduction/vod/service/asset"
	"github.com/vod-reproduction/vod/service/object"
	"github.com/vod-reproduction/vod/service/playlist"
)

// join writes the segments of the best playlist one after the other: MPEG-TS
// can be joined so, and no tool gets to see a playlist.
func (w *attempt) join(ctx context.Context, to io.Writer) error {
	files, err := w.record.Files(ctx, w.Asset.ID)
	if err != nil {
		return err
	}
	known := map[string]object.Info{}
	for _, f := range files {
		known[f.Name] = object.Info{Bucket: f.Bucket, Key: f.Key, Size: f.Size, ETag: f.ETag, ModTime: f.ModTime}
	}
	list := w.verified()
	if w.recording.Playlist != "" {
		list = known[w.recording.Playlist]
	}
	text, err := w.text(ctx, list)
	if err != nil {
		return w.again(ctx, err)
	}
	media, err := playlist.ParseMedia(bytes.NewReader(text))
	if err != nil {
		return playlistFailure(list.Key, err)
	}
	for _, s := range media.Segments {
		info, ok := known[s.Name]
		err := fmt.Errorf("segment %q: %w", s.Name, object.ErrChanged)
		if ok {
			_, err = w.sum(ctx, info, to, uncounted)
		}
		if err != nil {
			return w.again(ctx, sourceFailure(asset.Location{Bucket: list.Bucket, Key: beside(list.Key, s.Name)}, err))
		}
	}
	return nil
}

// again makes the next attempt look at the whole recording when a part of it was replaced.
func (w *attempt) again(ctx context.Context, err error) error {
	if errors.Is(err, object.ErrChanged) {
		err = errors.Join(err, w.record.Restart(ctx, w.Attempt))
	}
	return err
}
