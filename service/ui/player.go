package ui

import (
	"cmp"
	"errors"
	"html"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/vod-reproduction/vod/service/api"
	"github.com/vod-reproduction/vod/service/asset"
)

// player is the element that plays a published asset.
type player struct {
	Audio  bool
	Poster string
	// Width and Height are those of the element, in the proportions of the picture; 0 where these are not known.
	Width, Height int
	// Sources are tried in their order, the media itself being among them.
	Sources []source
	// Stream reports that the first source is a playlist, which most browsers play by script only.
	Stream bool
	// File is the address of the media itself; "" where only outputs are handed out.
	File string
}

// source is one address that a player can take the media from. Type is "" where
// the browser had better look for itself.
type source struct{ URL, Type string }

// playerHeight is how high a picture is shown, in pixels, where the page is wide enough.
const playerHeight = 448

// typeHLS is what the script finds a playlist by.
const typeHLS = "application/vnd.apple.mpegurl"

// newPlayer returns nil for an asset whose files cannot be fetched.
func newPlayer(a asset.Asset, l links) *player {
	if l.Origin == "" {
		return nil
	}
	p := &player{Audio: strings.HasPrefix(a.Media.ContentType, "audio/")}
	if a.ServesMedia() {
		p.File = l.to(a.MediaName())
		p.Sources = []source{{URL: p.File}}
	}
	if probe := a.Results.Probe; probe != nil && probe.Width > 0 && probe.Height > 0 {
		p.Height = playerHeight
		p.Width = max(1, int(int64(playerHeight)*int64(probe.Width)/int64(probe.Height)))
	}
	if frames := a.Results.Thumbnail; frames != nil {
		p.Poster = l.to(frames.Cover)
	}
	if stream := l.to(playlistOf(a)); stream != "" {
		p.Stream = true
		p.Sources = slices.DeleteFunc(p.Sources, func(s source) bool { return s.URL == stream })
		p.Sources = slices.Insert(p.Sources, 0, source{stream, typeHLS})
		return p
	}
	if made := a.Results.Transcode; made != nil {
		for _, o := range slices.Backward(made.Outputs) { // the best one is the last
			if address := l.to(o.File); address != "" {
				p.Sources = append(p.Sources, source{URL: address})
			}
		}
	}
	return p
}

// addresses are where the media of an asset and its outputs can be played, best first.
func addresses(a asset.Asset, l links) (list []fact) {
	add := func(name, file string) {
		if address := l.to(file); address != "" {
			list = append(list, fact{name, address})
		}
	}
	if made := a.Results.Transcode; made != nil {
		for _, o := range made.Outputs {
			add(cmp.Or(o.Name, adaptive), o.File)
		}
	}
	if a.ServesMedia() {
		add("Original", a.MediaName())
	}
	return list
}

// embed returns the HTML that plays the media on another site; "" for media that cannot be fetched. Where it is
// encrypted, only visitors get the key.
func (p *player) embed() string {
	if p == nil || len(p.Sources) == 0 {
		return ""
	}
	element := "video"
	if p.Audio {
		element = "audio"
	}
	line := "<" + element + ` controls src="` + html.EscapeString(p.Sources[0].URL) + `"`
	if p.Poster != "" {
		line += ` poster="` + html.EscapeString(p.Poster) + `"`
	}
	return line + "></" + element + ">"
}

// playlistOf names the file that leads to all segments of an asset: what
// transcoding made, or the media itself. It is "" where there is none.
func playlistOf(a asset.Asset) string {
	if made := a.Results.Transcode; made != nil && a.Plan.Transcode != nil && a.Plan.Transcode.Format == asset.FormatHLS {
		for _, o := range made.Outputs {
			if o.Name == "" {
				return o.File
			}
		}
	}
	if a.VideoType == asset.TypeHLS {
		return a.MediaName()
	}
	return ""
}

// KeyPath is where players get the key of an asset's encrypted outputs, as the
// playlists name it: 16 bytes, for signed-in users of its project only.
func KeyPath(prefix, id string) string { return prefix + "/assets/" + id + "/key" }

func (u *ui) key(w http.ResponseWriter, r *http.Request, v api.Visitor) error {
	id := r.PathValue("id")
	if !assetID.MatchString(id) {
		return errNotFound
	}
	key, err := u.Service.PlayerKey(r.Context(), v, id)
	if errors.Is(err, asset.ErrNotFound) {
		return errNotFound
	}
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "application/octet-stream")
	h.Set("Content-Length", strconv.Itoa(len(key)))
	_, _ = w.Write(key) // the player may have left
	return nil
}
