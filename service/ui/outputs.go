package ui

import "github.com/vod-reproduction/vod/service/asset"

// outputsView is what transcoding made.
type outputsView struct {
	asset.Transcode
	Tool string
	Rows []outputView
}

// outputView is one output. URL is "" while it cannot be fetched.
type outputView struct {
	Name, URL string
	Picture   string
	Codecs    string
	Rate      string
	Size      int64 // bytes; 0 for a playlist of playlists
	Remuxed   bool
}

// newOutputs gives nil for an asset without outputs.
func newOutputs(a asset.Asset, l links) *outputsView {
	made := a.Results.Transcode
	if made == nil || a.Plan.Transcode == nil {
		return nil
	}
	v := &outputsView{Transcode: *a.Plan.Transcode, Tool: made.Tool}
	for _, o := range made.Outputs {
		row := outputView{
			Name: o.Name, URL: l.to(o.File), Picture: joined(pixels(o.Info), frames(o.Info.FrameRate)),
			Codecs: joined(o.Info.VideoCodec, o.Info.AudioCodec), Rate: rate(o.Info.BitRate), Size: o.Info.Size, Remuxed: o.Remuxed,
		}
		if row.Name == "" {
			row.Name = "Adaptive (all renditions)"
		}
		v.Rows = append(v.Rows, row)
	}
	return v
}
