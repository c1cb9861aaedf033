package ui

import (
	"cmp"

	"github.com/vod-reproduction/vod/service/asset"
)

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

// adaptive is the name of the output that leads to all others.
const adaptive = "Adaptive (all renditions)"

// newOutputs returns nil for an asset without outputs.
func newOutputs(a asset.Asset, l links) *outputsView {
	made := a.Results.Transcode
	if made == nil || a.Plan.Transcode == nil {
		return nil
	}
	v := &outputsView{Transcode: *a.Plan.Transcode, Tool: made.Tool}
	for _, o := range made.Outputs {
		row := outputView{
			Name: cmp.Or(o.Name, adaptive), URL: l.to(o.File), Picture: joined(pixels(o.Info), frames(o.Info.FrameRate)),
			Codecs: joined(o.Info.VideoCodec, o.Info.AudioCodec), Rate: rate(o.Info.BitRate), Size: o.Info.Size, Remuxed: o.Remuxed,
		}
		v.Rows = append(v.Rows, row)
	}
	return v
}

// stripLength is how many snapshots a page shows at most; an asset can have thousands.
const stripLength = 12

// strip is the snapshots of an asset, or some of them spread over its length.
type strip struct {
	Snapshots []snapshotView
	Total     int
	Remark    string
	// Hidden reports that the pictures cannot be fetched.
	Hidden bool
}

// snapshotView is one snapshot.
type snapshotView struct {
	URL   string
	At    string // from the start
	Cover bool
}

// newStrip returns nil for an asset without snapshots.
func newStrip(s *asset.Snapshots, l links) *strip {
	if s == nil || len(s.List) == 0 {
		return nil
	}
	v := &strip{Total: len(s.List), Remark: s.Remark, Hidden: l.Origin == ""}
	if v.Hidden {
		return v
	}
	shown := min(v.Total, stripLength)
	for i := range shown {
		picture := s.List[i*v.Total/shown]
		if address := l.to(picture.File); address != "" {
			v.Snapshots = append(v.Snapshots, snapshotView{URL: address, At: clock(picture.Offset), Cover: picture.File == s.Cover})
		}
	}
	return v
}
