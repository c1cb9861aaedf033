package ui

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/vod-reproduction/vod/service/api"
	"github.com/vod-reproduction/vod/service/asset"
)

// assetView is everything that is known about one asset.
type assetView struct {
	asset.Asset
	Status status
	Advice string // the next step when the asset failed
	Took   string // from accepting to the end
	Player *player
	// Addresses are where the media can be played, and Embed is what plays it on another site.
	Addresses []fact
	Embed     string
	Buttons   []button
	Timeline  []stageView
	Facts     []fact
	Strip     *strip
	Outputs   *outputsView
	Verdict   *verdictView
	Pretty    string // the request, indented
	// RequestHref returns the request byte for byte: RequestBytes of them.
	RequestHref  string
	RequestBytes int64
	// InfoPath and DetailsPath are the API's responses about the asset.
	InfoPath, DetailsPath string
}

func (u *ui) assetPage(w http.ResponseWriter, r *http.Request, visitor api.Visitor) error {
	a, err := u.get(r, visitor)
	if err != nil {
		return err
	}
	l := u.newLinks(a)
	href := u.assetPath(a.ID)
	v := assetView{
		Asset:        a,
		Status:       statusOf(a),
		Player:       newPlayer(a, l),
		Addresses:    addresses(a, l),
		Buttons:      u.buttons(visitor, a),
		Timeline:     timeline(a, u.Now()),
		Facts:        facts(a.Results.Probe),
		Strip:        newStrip(a.Results.Thumbnail, l),
		Outputs:      newOutputs(a, l),
		Verdict:      newVerdict(a.Results.Review, l),
		Pretty:       pretty(a.Request),
		RequestHref:  href + "/request",
		RequestBytes: int64(len(a.Request)),
		InfoPath:     apiPath(visitor.Project, "info", a.ID),
		DetailsPath:  apiPath(visitor.Project, "details", a.ID),
	}
	if a.State == asset.CreateFailed { // before that, the service itself tries again
		v.Advice = remedyOf(a).advice
	}
	if !a.FinishedAt.IsZero() {
		v.Took = duration(a.FinishedAt.Sub(a.CreatedAt))
	}
	v.Embed = v.Player.embed()
	w.Header().Set("Content-Security-Policy", contentPolicy(l.Origin, v.Player != nil && v.Player.Stream))
	page := view{Title: a.Title, Visitor: visitor, Body: v, Stream: v.Player != nil && v.Player.Stream}
	if changing(a) {
		page.Refresh = newRefresh(paused(r), href, href+"?refresh=off")
		page.Refresh.Events = href + "/events"
	}
	u.render(w, r, http.StatusOK, assetTemplate, page)
	return nil
}

// apiPath is where the API serves the cloud's call asset/{call} for one asset.
func apiPath(project, call, id string) string {
	return "/v1.0/" + url.PathEscape(project) + "/asset/" + call + "?asset_id=" + url.QueryEscape(id)
}

// pretty indents JSON; what is none stays as it is.
func pretty(request []byte) string {
	var out bytes.Buffer
	if err := json.Indent(&out, request, "", "  "); err != nil {
		return string(request)
	}
	return out.String()
}

// request responds with the accepted body, byte for byte, to be saved and never
// to be shown: what stands in it is the tenant's.
func (u *ui) request(w http.ResponseWriter, r *http.Request, v api.Visitor) error {
	a, err := u.get(r, v)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Disposition", `attachment; filename="request-`+a.ID+`.json"`)
	h.Set("Content-Length", strconv.Itoa(len(a.Request)))
	_, _ = w.Write(a.Request) // the visitor may have left
	return nil
}

// fact is one line of technical data.
type fact struct{ Name, Value string }

// facts puts the technical data of the media into words, without what is not known.
func facts(m *asset.MediaInfo) (list []fact) {
	if m == nil {
		return nil
	}
	add := func(name, value string) {
		if value != "" {
			list = append(list, fact{name, value})
		}
	}
	add("Container", m.Container)
	if m.Duration > 0 {
		add("Length", duration(m.Duration))
	}
	add("Bit rate", rate(m.BitRate))
	add("Picture", joined(m.VideoCodec, pixels(*m), frames(m.FrameRate), m.PixelFormat, rate(m.VideoBitRate)))
	add("Sound", joined(m.AudioCodec, channels(m.Channels), sampling(m.SampleRate)))
	return list
}

// joined lists the parts that are there.
func joined(parts ...string) string {
	var there []string
	for _, part := range parts {
		if part != "" {
			there = append(there, part)
		}
	}
	return strings.Join(there, ", ")
}

func pixels(m asset.MediaInfo) string {
	if m.Width <= 0 || m.Height <= 0 {
		return ""
	}
	return fmt.Sprintf("%d × %d", m.Width, m.Height)
}

func frames(perSecond float64) string {
	if perSecond <= 0 {
		return ""
	}
	return strconv.FormatFloat(perSecond, 'g', 4, 64) + " fps"
}

func channels(n int) string {
	switch {
	case n <= 0:
		return ""
	case n == 1:
		return "mono"
	case n == 2:
		return "stereo"
	}
	return strconv.Itoa(n) + " channels"
}

func sampling(hertz int) string {
	if hertz <= 0 {
		return ""
	}
	return strconv.FormatFloat(float64(hertz)/1000, 'g', 4, 64) + " kHz"
}
