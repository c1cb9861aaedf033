package api

import (
	"net/url"
	"strings"

	"github.com/vod-reproduction/vod/service/asset"
)

// FileURL is where a file of a published asset can be fetched.
func (s *Server) FileURL(a asset.Asset, name string) string {
	return s.publicURL + MediaPath(asset.Address{AssetID: a.ID, Name: name})
}

// MediaURL is where the media of a published asset can be fetched.
func (s *Server) MediaURL(a asset.Asset) string { return s.FileURL(a, a.MediaName()) }

// MediaPath is the path of a file's URL, behind the public URL and that of every CDN cache.
func MediaPath(file asset.Address) string {
	parts := strings.Split(file.Name, "/")
	for i, part := range parts {
		parts[i] = url.PathEscape(part)
	}
	return "/media/" + file.AssetID + "/" + strings.Join(parts, "/")
}

// addressOf is the inverse of FileURL; ok is false for a URL of something else.
func (s *Server) addressOf(fileURL string) (file asset.Address, ok bool) {
	path, ours := strings.CutPrefix(fileURL, s.publicURL+"/media/")
	id, escaped, split := strings.Cut(path, "/")
	name, err := url.PathUnescape(escaped)
	return asset.Address{AssetID: id, Name: name}, ours && split && err == nil
}
