package ui

import "github.com/vod-reproduction/vod/service/asset"

// stripLength is how many snapshots a page shows at most; an asset can have thousands.
const stripLength = 12

// strip is the snapshots of an asset, or some of them spread over its length.
type strip struct {
	Shots  []shot
	Total  int
	Remark string
	// Hidden reports that the pictures cannot be fetched.
	Hidden bool
}

// shot is one snapshot.
type shot struct {
	URL   string
	At    string // from the start
	Cover bool
}

// newStrip gives nil for an asset without snapshots.
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
			v.Shots = append(v.Shots, shot{URL: address, At: clock(picture.Offset), Cover: picture.File == s.Cover})
		}
	}
	return v
}
