package ui

import (
	"testing"

	"github.com/vod-reproduction/vod/service/asset"
)

// published is an asset whose files can be fetched, as far as links know.
var published = asset.Asset{State: asset.Published, Media: &asset.Media{}, Source: asset.Location{Key: "in/film.mp4"}}

func TestUnusableMediaURLs(t *testing.T) {
	t.Parallel()
	for _, address := range []string{
		"javascript:alert(1)", "//host/x", "/media/x", "", "ftp://host/x", "http://", "https://a;script-src *", "http://a;b/x", "http://a,b/x", "http://'self'/", "%zz",
	} {
		u := &ui{Config: Config{FileURL: func(asset.Asset, string) string { return address }}}
		if l := u.newLinks(published); l.Origin != "" || newPlayer(published, l) != nil || l.to("cover.jpg") != "" {
			t.Errorf("%q is used, from %q", address, l.Origin)
		}
	}
	u := &ui{Config: Config{FileURL: func(asset.Asset, string) string { return "http://[::1]:8080/media/x" }}}
	if l := u.newLinks(published); l.Origin != "http://[::1]:8080" {
		t.Errorf("a loopback address has the origin %q", l.Origin)
	}
}

// A page's content policy names one origin, so nothing is taken from another.
func TestFilesLieWithTheMedia(t *testing.T) {
	t.Parallel()
	u := &ui{Config: Config{FileURL: func(_ asset.Asset, name string) string {
		if name == "stray.jpg" {
			return "https://elsewhere.example/stray.jpg"
		}
		return "https://media.example/" + name
	}}}
	l := u.newLinks(published)
	for name, want := range map[string]string{"cover.jpg": "https://media.example/cover.jpg", "stray.jpg": "", "": ""} {
		if got := l.to(name); got != want {
			t.Errorf("the address of %q is %q, want %q", name, got, want)
		}
	}
	for _, state := range []asset.State{asset.Creating, asset.CreateFailed, asset.Created} {
		hidden := published
		hidden.State = state
		if l := u.newLinks(hidden); l.to("cover.jpg") != "" || newPlayer(hidden, l) != nil {
			t.Errorf("files of an asset that is %s have addresses", state)
		}
	}
}
