package api

import (
	"cmp"
	"math"
	"strconv"

	"github.com/vod-reproduction/vod/gen/companions"
	"github.com/vod-reproduction/vod/service/asset"
)

// metaData is what the cloud reports of a file.
func metaData(m asset.MediaInfo) companions.MetaData {
	data := companions.MetaData{PackType: &m.Container, VideoSize: positive(m.Size), BitRate: positive(m.BitRate / 1000)}
	data.Duration, data.DurationMs = positive(m.Seconds()), positive(m.Duration.Milliseconds())
	data.Codec = codec(cmp.Or(m.VideoCodec, m.AudioCodec))
	data.Width, data.Height, data.Hight = positive(int64(m.Width)), positive(int64(m.Height)), positive(int64(m.Height))
	data.FrameRate = positive(int64(math.Round(m.FrameRate)))
	if m.Channels > 0 {
		data.AudioChannels = new(int32(m.Channels))
	}
	return data
}

// outputData is metaData for an output of a format; a master playlist is no media itself.
func outputData(o asset.Output, format string) companions.MetaData {
	if o.Name == "" {
		return companions.MetaData{PackType: &format}
	}
	return metaData(o.Info)
}

// codec is the cloud's word for a codec; it has none for many.
func codec(name string) *companions.Codec {
	c := companions.Codec(name)
	switch {
	case name == "":
		return nil
	case !c.Valid():
		c = companions.CodecUnknown
	}
	return &c
}

// positive leaves out what is not known.
func positive(n int64) *int64 {
	if n <= 0 {
		return nil
	}
	return &n
}

func (s *Server) transcodeInfo(a asset.Asset) *companions.TranscodeInfo {
	info := &companions.TranscodeInfo{Output: []companions.TranscodeOutput{}, TranscodeStatus: new(companions.TranscodeStatusNone)}
	plan := a.Plan.Transcode
	if plan == nil {
		return info
	}
	info.TemplateGroupName = plan.Group
	st, _ := a.Stage(asset.StageTranscode)
	info.TranscodeStatus = new(byState(st.State, companions.TranscodeStatusWaiting, companions.TranscodeStatusRunning,
		companions.TranscodeStatusSucceeded, companions.TranscodeStatusFailed, companions.TranscodeStatusNone))
	info.ExecDesc = remark(st.Error)
	if a.Results.Transcode == nil {
		return info
	}
	for _, o := range a.Results.Transcode.Outputs {
		info.Output = append(info.Output, companions.TranscodeOutput{
			PlayType: companions.OutputPlayType(plan.Format), URL: s.FileURL(a, o.File), GroupName: &plan.Group,
			Encrypted: encrypted(plan.Encrypt), Quality: quality(o.Info.Height), MetaData: outputData(o, plan.Format),
		})
	}
	return info
}

func encrypted(on bool) *companions.Encrypted {
	if on {
		return new(companions.EncryptedYes)
	}
	return new(companions.EncryptedNo)
}

// quality classes a picture by its height, as the cloud does.
func quality(height int) *companions.OutputQuality {
	switch {
	case height <= 0:
		return nil
	case height < 480:
		return new(companions.OutputQualityFluent)
	case height < 720:
		return new(companions.OutputQualitySD)
	case height < 1080:
		return new(companions.OutputQualityHD)
	}
	return new(companions.OutputQualityFullHD)
}

func (s *Server) thumbnailInfo(a asset.Asset) *companions.ThumbnailInfo {
	info := &companions.ThumbnailInfo{ThumbnailStatus: new(companions.ThumbnailStatusNone)}
	if a.Plan.Thumbnail == nil {
		return info
	}
	st, _ := a.Stage(asset.StageThumbnail)
	info.ThumbnailStatus = new(byState(st.State, companions.ThumbnailStatusNone, companions.ThumbnailStatusRunning,
		companions.ThumbnailStatusSucceeded, companions.ThumbnailStatusFailed, companions.ThumbnailStatusNone))
	info.ExecDesc = remark(st.Error)
	frames := a.Results.Thumbnail
	if frames == nil {
		return info
	}
	info.ExecDesc = remark(frames.Remark)
	var list []companions.Snapshot
	for _, frame := range frames.List {
		list = append(list, companions.Snapshot{Offset: int32(frame.Offset.Seconds()), URL: s.FileURL(a, frame.File)})
	}
	switch frames.Type {
	case asset.ThumbnailDots:
		info.Dots = list
	case asset.ThumbnailQuantity:
		info.Quantity = list
	default:
		info.Sample = list
	}
	return info
}

// covers are the pictures that stand for the asset.
func (s *Server) covers(a asset.Asset) []companions.CoverInfo {
	if a.Results.Attached != nil && a.Results.Attached.Cover != "" {
		return []companions.CoverInfo{{CoverURL: new(s.FileURL(a, a.Results.Attached.Cover))}}
	}
	if a.Results.Thumbnail == nil || a.Results.Thumbnail.Cover == "" {
		return nil
	}
	return []companions.CoverInfo{{CoverURL: new(s.FileURL(a, a.Results.Thumbnail.Cover))}}
}

func (s *Server) subtitles(a asset.Asset) (list []companions.SubtitleInfo) {
	if a.Results.Attached == nil {
		return nil
	}
	for _, t := range a.Results.Attached.Subtitles {
		list = append(list, companions.SubtitleInfo{URL: new(s.FileURL(a, t.File)), ID: new(int32(t.ID)), Type: &t.Type, Language: &t.Language})
	}
	return list
}

// byState chooses the cloud's word for a stage's state.
func byState[T any](state asset.StageState, waiting, running, done, failed, none T) T {
	switch state {
	case asset.StageWaiting:
		return waiting
	case asset.StageRunning:
		return running
	case asset.StageDone:
		return done
	case asset.StageFailed:
		return failed
	case asset.StageNotDone:
	}
	return none
}

func remark(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// quoted shows a name from outside in a response.
func quoted(name string) string { return strconv.Quote(name) }
