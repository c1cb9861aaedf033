package pipeline

import (
	"context"
	"errors"
	"time"

	"github.com/vod-reproduction/vod/service/asset"
	"github.com/vod-reproduction/vod/service/media"
)

// probe finds out what the media is, and refuses what is not what it was called.
func (w *attempt) probe(ctx context.Context) error {
	switch {
	case w.earlier(ctx, asset.StageProbe, &w.info):
		return nil
	case w.cfg.Tools == nil:
		return w.leaveOut(ctx, asset.StageProbe, "this service is set up without ffmpeg")
	case w.large:
		return w.leaveOut(ctx, asset.StageProbe, "the media is larger than what this service looks into")
	}
	line, err := w.begin(ctx, asset.StageProbe, 0)
	if err != nil {
		return err
	}
	in, err := w.input(ctx)
	if err != nil {
		return err
	}
	info, err := w.cfg.Tools.Probe(ctx, in)
	if err != nil {
		return processingFailure(asset.CodeWrongType, err)
	}
	if w.Asset.VideoType != asset.TypeHLS {
		info.Size = w.media.Size // the local file may have fewer bytes: see [media.Splicer]
	}
	w.info = infoOf(info)
	return line.complete(ctx, w.info, nil)
}

// Tools looks into and makes media; *media.Tools is one.
type Tools interface {
	Version() string
	Probe(ctx context.Context, in media.Input) (media.Info, error)
	Snapshots(ctx context.Context, in media.Input, info media.Info, timestamps []time.Duration, p media.Picture, dir string,
		progress func(done, total int)) ([]media.Frame, error)
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
	if media.HostFault(err) {
		return asset.Unavailable(asset.OnDisk, asset.CodeInternal, "The service could not work on the media now.", err)
	}
	return asset.Temporary(asset.CodeInternal, "The service could not work on the media.", err)
}

// infoOf is what the database keeps of what the tools found.
func infoOf(m media.Info) asset.MediaInfo {
	info := asset.MediaInfo{Container: m.Container, Duration: m.Duration, Size: m.Size, BitRate: m.BitRate, Lead: m.Lead, Delay: m.Delay, Restarts: m.Restarts}
	if v := m.Video; v != nil {
		info.VideoCodec, info.Width, info.Height, info.FrameRate, info.PixelFormat, info.VideoBitRate = v.Codec, v.Width, v.Height, v.FrameRate, v.PixelFormat, v.BitRate
		info.Rotation, info.Mirrored, info.TurnInFrames, info.Fields, info.Color, info.VideoIndex = v.Rotation, v.Mirrored, v.TurnInFrames, string(v.Fields), asset.Color(v.Color), v.Index
	}
	if a := m.Audio; a != nil {
		info.AudioCodec, info.Channels, info.SampleRate, info.AudioIndex, info.AudioBitRate = a.Codec, a.Channels, a.SampleRate, a.Index, a.BitRate
	}
	return info
}

// foundOf is the inverse of infoOf, for the tools.
func foundOf(info asset.MediaInfo) media.Info {
	m := media.Info{Container: info.Container, Duration: info.Duration, Size: info.Size, BitRate: info.BitRate, Lead: info.Lead, Delay: info.Delay, Restarts: info.Restarts}
	if info.VideoCodec != "" {
		m.Video = &media.Video{Codec: info.VideoCodec, Width: info.Width, Height: info.Height, FrameRate: info.FrameRate,
			PixelFormat: info.PixelFormat, BitRate: info.VideoBitRate, Rotation: info.Rotation,
			Mirrored: info.Mirrored, TurnInFrames: info.TurnInFrames, Fields: media.Fields(info.Fields), Color: media.Color(info.Color), Index: info.VideoIndex}
	}
	if info.AudioCodec != "" {
		m.Audio = &media.Audio{Codec: info.AudioCodec, Channels: info.Channels, SampleRate: info.SampleRate,
			Index: info.AudioIndex, BitRate: info.AudioBitRate}
	}
	return m
}
