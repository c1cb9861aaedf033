package ui

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"

	"github.com/vod-reproduction/vod/service/asset"
)

// assetView is everything that is known about one asset.
type assetView struct {
	asset.Asset
	Status   status
	Advice   string // the next step when the asset failed
	Took     string // from accepting to the end
	Player   *player
	Timeline []stageView
	Facts    []fact
	Strip    *strip
	Outputs  *outputsView
	Verdict  *verdictView
	Pretty   string // the request, indented
	// RequestHref gives the request byte for byte: RequestBytes of them.
	RequestHref  string
	RequestBytes int64
	// InfoPath and DetailsPath are the API's answers about the asset.
	InfoPath, DetailsPath string
}

func (u *ui) assetPage(w http.ResponseWriter, r *http.Request, project string) error {
	a, err := u.get(r, project)
	if err != nil {
		return err
	}
	l := u.newLinks(a)
	href := u.Prefix + "/assets/" + a.ID
	v := assetView{
		Asset:        a,
		Status:       statusOf(a),
		Player:       newPlayer(a, l),
		Timeline:     timeline(a, u.Now()),
		Facts:        facts(a.Results.Probe),
		Strip:        newStrip(a.Results.Thumbnail, l),
		Outputs:      newOutputs(a, l),
		Verdict:      newVerdict(a.Results.Review, l),
		Pretty:       pretty(a.Request),
		RequestHref:  href + "/request",
		RequestBytes: int64(len(a.Request)),
		InfoPath:     apiPath(project, "info", a.ID),
		DetailsPath:  apiPath(project, "details", a.ID),
	}
	if a.State == asset.CreateFailed { // before that, the service itself tries again
		v.Advice = u.Advice(a.ErrorCode)
	}
	if !a.FinishedAt.IsZero() {
		v.Took = duration(a.FinishedAt.Sub(a.CreatedAt))
	}
	w.Header().Set("Content-Security-Policy", contentPolicy(l.Origin, v.Player != nil && v.Player.Stream))
	page := view{Title: a.Title, Project: project, Body: v, Stream: v.Player != nil && v.Player.Stream}
	if changing(a) {
		page.Refresh = newRefresh(paused(r), href, href+"?refresh=off")
	}
	u.render(w, r, http.StatusOK, assetTemplate, page)
	return nil
}

// apiPath is where the API answers the cloud's call asset/{call} for one asset.
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

// request answers with the accepted body, byte for byte, to be saved and never
// to be shown: what stands in it is the tenant's.
func (u *ui) request(w http.ResponseWriter, r *http.Request, project string) error {
	a, err := u.get(r, project)
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
