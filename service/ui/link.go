package ui

import (
	"net/url"
	"regexp"

	"github.com/vod-reproduction/vod/service/asset"
)

// links gives the addresses of the files of one asset. The zero value, which
// is that of an asset whose files cannot be fetched, gives "" for every file.
type links struct {
	fileURL func(name string) string
	// Origin is the only place that the asset's page may load media from.
	Origin string
}

// newLinks gives the zero value unless the asset is published.
func (u *ui) newLinks(a asset.Asset) links {
	if a.State != asset.Published || a.Media == nil {
		return links{}
	}
	l := links{fileURL: func(name string) string { return u.FileURL(a, name) }}
	if l.Origin = originOf(l.fileURL(a.MediaName())); l.Origin == "" {
		return links{}
	}
	return l
}

// to gives the address of a file: "" for one that lies elsewhere than the media.
func (l links) to(name string) string {
	if l.Origin == "" || name == "" {
		return ""
	}
	address := l.fileURL(name)
	if originOf(address) != l.Origin {
		return ""
	}
	return address
}

// plainHost keeps out the hosts that would end a directive of a content policy.
var plainHost = regexp.MustCompile(`^[0-9A-Za-z.\-:\[\]]+$`)

// originOf gives "" for an address that no page should name.
func originOf(address string) string {
	parsed, err := url.Parse(address)
	if err != nil || parsed.Scheme != "http" && parsed.Scheme != "https" || !plainHost.MatchString(parsed.Host) {
		return ""
	}
	return parsed.Scheme + "://" + parsed.Host
}
