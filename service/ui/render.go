package ui

import (
	"bytes"
	"embed"
	"errors"
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

// fault is an error that a visitor is told about.
type fault struct {
	Status int
	Title  string
	Advice string
}

func (f *fault) Error() string { return f.Title }

var (
	errSignIn = &fault{http.StatusUnauthorized, "Sign in to see your assets",
		"Reload the page and give the credentials of a project that this service knows."}
	// errNotFound says the same for what is missing and for what is another project's.
	errNotFound = &fault{http.StatusNotFound, "There is nothing here",
		"The address may be mistyped, or the asset may belong to another project. The list shows all assets of yours."}
	errMethod = &fault{http.StatusMethodNotAllowed, "These pages can only be read",
		"Use the API to change an asset."}
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
	var f *fault
	if !errors.As(err, &f) {
		if r.Context().Err() == nil {
			u.Log.ErrorContext(r.Context(), "status page failed", "path", r.URL.Path, "error", err)
		}
		f = errInternal
	}
	u.render(w, r, f.Status, errorTemplate, view{Title: f.Title, Body: f})
}
