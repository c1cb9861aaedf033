package ui

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
	"strconv"
	"time"
)

//go:embed templates
var templateFiles embed.FS

var (
	listTemplate  = parse("list")
	assetTemplate = parse("asset")
	errorTemplate = parse("error")
)

// parse joins one page's template with the frame around all of them.
func parse(name string) *template.Template {
	funcs := template.FuncMap{"size": size, "exact": exact, "clip": clip}
	return template.Must(template.New("frame.html").Funcs(funcs).
		ParseFS(templateFiles, "templates/frame.html", "templates/"+name+".html"))
}

// refreshSeconds is how often a page that is not final is fetched again.
const refreshSeconds = 3

// view is what the frame shows around a page.
type view struct {
	Prefix  string
	Title   string
	Project string
	Now     time.Time
	Refresh *refresh // nil on a page that does not change by itself
	Stream  bool     // it plays HLS
	Body    any
}

// refresh says whether a page renews itself, and the address that changes that.
type refresh struct {
	Seconds int // 0 while it is paused
	Toggle  string
}

// paused reports whether the visitor stopped the refresh of the page.
func paused(r *http.Request) bool { return r.URL.Query().Get("refresh") == "off" }

// newRefresh takes the page's address with and without the refresh.
func newRefresh(paused bool, on, off string) *refresh {
	if paused {
		return &refresh{Toggle: on}
	}
	return &refresh{Seconds: refreshSeconds, Toggle: off}
}

// render writes the whole page or, when the template fails, none of it.
func (u *ui) render(w http.ResponseWriter, r *http.Request, status int, t *template.Template, v view) {
	v.Prefix, v.Now = u.Prefix, u.Now().UTC()
	var page bytes.Buffer
	if err := t.Execute(&page, v); err != nil {
		u.Log.ErrorContext(r.Context(), "status page not rendered", "path", r.URL.Path, "error", err)
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(page.Len()))
	w.WriteHeader(status)
	_, _ = w.Write(page.Bytes()) // the visitor may have left
}
