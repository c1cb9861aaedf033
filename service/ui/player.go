package ui

import (
	"net/url"
	"regexp"

	"github.com/vod-reproduction/vod/service/asset"
)

// player is the element that plays a published asset.
type player struct {
	URL   string
	Audio bool
	// Origin is the only place that the page may load media from.
	Origin string
}

// audioTypes are the page's values of video_type that hold sound alone.
var audioTypes = map[string]bool{
	"AAC": true, "AC3": true, "AMR": true, "APE": true, "FLAC": true, "M4A": true, "M4R": true, "MMF": true,
	"MP2": true, "MP3": true, "OGG": true, "WAV": true, "WMA": true, "WV": true,
}

// plainHost keeps out the hosts that would end a directive of a content policy.
var plainHost = regexp.MustCompile(`^[0-9A-Za-z.\-:\[\]]+$`)

// newPlayer gives nil for an asset whose file cannot be fetched.
func (u *ui) newPlayer(a asset.Asset) *player {
	if a.State != asset.Published {
		return nil
	}
	address := u.MediaURL(a)
	parsed, err := url.Parse(address)
	if err != nil || parsed.Scheme != "http" && parsed.Scheme != "https" || !plainHost.MatchString(parsed.Host) {
		return nil
	}
	return &player{URL: address, Audio: audioTypes[a.VideoType], Origin: parsed.Scheme + "://" + parsed.Host}
}
