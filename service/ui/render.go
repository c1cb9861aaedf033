package ui

import (
	"bytes"
	"embed"
	"errors"
	"html/template"
	"net/http"
	"strconv"
	"time"

	"github.com/vod-reproduction/vod/service/api"
)

//go:embed templates
var templateFiles embed.FS

var (
	listTemplate    = parse("list")
	assetTemplate   = parse("asset")
	confirmTemplate = parse("confirm")
	dumpTemplate    = parse("dump")
	uploadTemplate  = parse("upload")
	signInTemplate  = parse("signin")
	storageTemplate = parse("storage")
	errorTemplate   = parse("error")
)

// parse joins one page's template with the frame around all of them.
func parse(name string) *template.Template {
	funcs := template.FuncMap{"size": size, "exact": exact, "clip": clip, "clock": clock}
	return template.Must(template.New("frame.html").Funcs(funcs).
		ParseFS(templateFiles, "templates/frame.html", "templates/"+name+".html"))
}

// refreshSeconds is how often a page that is not final is fetched again.
const refreshSeconds = 3

// view is what the frame shows around a page.
type view struct {
	Prefix  string
	Title   string
	Visitor api.Visitor // nobody on a page for everybody
	Now     time.Time
	Refresh *refresh // nil on a page that does not change by itself
	Stream  bool     // it plays HLS
	Body    any
}

// refresh says whether a page renews itself, and the address that changes that.
type refresh struct {
	Seconds int // 0 while it is paused
	Toggle  string
	Events  string // where its changes are announced; "" where they are not
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

// fault is an error that a visitor sees.
type fault struct {
	Status int
	Title  string
	Advice string
}

func (f *fault) Error() string { return f.Title }

var (
	// errNotFound says the same for what is missing and for what is another project's.
	errNotFound = &fault{http.StatusNotFound, "There is nothing here",
		"The address may be mistyped, or the asset may belong to another project. The list shows all assets of yours."}
	errMethod = &fault{http.StatusMethodNotAllowed, "This address does not take this method",
		"Go back to the page that led here, and use its links and buttons."}
	errCrossOrigin = &fault{http.StatusForbidden, "This was sent from another site",
		"Nothing was done. Open these pages themselves to make changes; behind a proxy, public_url of the configuration must be their address."}
	errNotPermitted = &fault{http.StatusForbidden, "You have no permission for this",
		"Nothing was done. Ask the operator for the permission in vod.yaml: vod:asset:publishFromObs to upload and dump, vod:asset:publish to publish, vod:asset:delete to delete."}
	errNotNow = &fault{http.StatusConflict, "This cannot be done with the asset now",
		"Nothing was done. The asset changed meanwhile; its page shows what can be done with it."}
	errTooLarge = &fault{http.StatusRequestEntityTooLarge, "The form is too large",
		"Nothing was done. Shorten what you entered."}
	errTooManyStreams = &fault{http.StatusTooManyRequests, "Too many pages are followed at the same time",
		"Close some of them. Pages renew themselves without, every few seconds."}
	errForm = &fault{http.StatusBadRequest, "The form did not arrive in one piece",
		"Nothing was done. Go back and send it again."}
	errInternal = &fault{http.StatusInternalServerError, "The page could not be rendered",
		"The service's log says why. Try again in a moment."}
)

// illegal says which part of the address is at fault.
func illegal(advice string) error {
	return &fault{http.StatusBadRequest, "The address is not right", advice}
}

// fail responds with the error as a page. What is not a fault goes to the log,
// unless the visitor left and nobody is waiting.
func (u *ui) fail(w http.ResponseWriter, r *http.Request, err error) {
	u.failFor(w, r, api.Visitor{}, err)
}

// failFor is fail for a visitor, who sees the links of all pages.
func (u *ui) failFor(w http.ResponseWriter, r *http.Request, v api.Visitor, err error) {
	var f *fault
	if !errors.As(err, &f) {
		if r.Context().Err() == nil {
			u.Log.ErrorContext(r.Context(), "status page failed", "path", r.URL.Path, "error", err)
		}
		f = errInternal
	}
	u.render(w, r, f.Status, errorTemplate, view{Title: f.Title, Visitor: v, Body: f})
}
