package ui

import (
	"net/url"
	"regexp"
	"strings"

	"github.com/vod-reproduction/vod/service/asset"
)

// player is the element that plays a published asset.
type player struct {
	URL   string
	Audio bool
	// Origin is the only place that the page may load media from.
	Origin string
}

// plainHost keeps out the hosts that would end a directive of a content policy.
var plainHost = regexp.MustCompile(`^[0-9A-Za-z.\-:\[\]]+$`)

// newPlayer gives nil for an asset whose file cannot be fetched.
func (u *ui) newPlayer(a asset.Asset) *player {
	if a.State != asset.Published || a.Media == nil {
		return nil
	}
	address := u.MediaURL(a)
	parsed, err := url.Parse(address)
	if err != nil || parsed.Scheme != "http" && parsed.Scheme != "https" || !plainHost.MatchString(parsed.Host) {
		return nil
	}
	return &player{
		URL:    address,
		Audio:  strings.HasPrefix(a.Media.ContentType, "audio/"),
		Origin: parsed.Scheme + "://" + parsed.Host,
	}
}
