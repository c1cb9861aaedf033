package pipeline

import (
	"context"
	"errors"
	"time"

	"github.com/vod-reproduction/vod/service/asset"
	"github.com/vod-reproduction/vod/service/media"
)

// Tools looks into and makes media; *media.Tools is one.
type Tools interface {
	Version() string
	Probe(ctx context.Context, in media.Input) (media.Info, error)
	Snapshots(ctx context.Context, in media.Input, info media.Info, moments []time.Duration, p media.Picture, dir string,
		progress func(done, total int)) ([]media.Shot, error)
	Transcode(ctx context.Context, in media.Input, info media.Info, l media.Ladder, dir string, progress func(time.Duration)) ([]media.Output, error)
}

// processingFailure puts an error of the tools into the words of the asset's owner.
func processingFailure(code string, err error) error {
	if refused, ok := errors.AsType[*media.Refusal](err); ok {
		return asset.Permanent(code, refused.Reason, err)
	}
	if errors.Is(err, asset.ErrStale) {
		return err
	}
	return asset.Temporary(codeInternal, "The service could not work on the media.", err)
}

// infoOf is what the record keeps of the tools' words.
func infoOf(m media.Info) asset.MediaInfo {
	info := asset.MediaInfo{Container: m.Container, Duration: m.Duration, Size: m.Size, BitRate: m.BitRate}
	if v := m.Video; v != nil {
		info.VideoCodec, info.Width, info.Height, info.FrameRate, info.PixelFormat, info.VideoBitRate = v.Codec, v.Width, v.Height, v.FrameRate, v.PixelFormat, v.BitRate
		info.Rotation, info.VideoIndex = v.Rotation, v.Index
	}
	if a := m.Audio; a != nil {
		info.AudioCodec, info.Channels, info.SampleRate, info.AudioIndex = a.Codec, a.Channels, a.SampleRate, a.Index
	}
	return info
}

// found is the inverse of infoOf, for the tools.
func (w *attempt) found() media.Info {
	m := media.Info{Container: w.info.Container, Duration: w.info.Duration, Size: w.info.Size, BitRate: w.info.BitRate}
	if w.info.VideoCodec != "" {
		m.Video = &media.Video{Codec: w.info.VideoCodec, Width: w.info.Width, Height: w.info.Height, FrameRate: w.info.FrameRate,
			PixelFormat: w.info.PixelFormat, BitRate: w.info.VideoBitRate, Rotation: w.info.Rotation, Index: w.info.VideoIndex}
	}
	if w.info.AudioCodec != "" {
		m.Audio = &media.Audio{Codec: w.info.AudioCodec, Channels: w.info.Channels, SampleRate: w.info.SampleRate, Index: w.info.AudioIndex}
	}
	return m
}
