// Package ui is the status page of the service: every asset of a project, and
// what became of one asset, for people with a browser.
//
// The pages are rendered on the server and work without JavaScript. They only
// read: nothing here changes an asset.
package ui

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/vod-reproduction/vod/service/asset"
)

// Assets is what the pages need of the database; *store.Store is one. Both
// methods behave as that type's do.
type Assets interface {
	Get(ctx context.Context, project, id string) (asset.Asset, error)
	List(ctx context.Context, q asset.Query) (page []asset.Asset, total int, err error)
}

// Config is what the pages need.
type Config struct {
	Assets Assets
	// Prefix is the path below which the pages are, such as "/ui": with a slash
	// at its start and none at its end.
	Prefix string
	// FileURL returns the absolute http or https URL of a file of a published asset.
	FileURL func(a asset.Asset, name string) string
	// Key returns to the sender of a request the 16 bytes that decrypt the outputs of an
	// asset, or asset.ErrNotFound.
	Key func(r *http.Request, id string) ([]byte, error)
	// Project returns whose assets the sender of a request may see. When ok is
	// false the response is 401 and asks for HTTP Basic credentials.
	Project func(*http.Request) (project string, ok bool)
	// Advice returns the next step for an error code such as "VOD.10003", or ""
	// when it knows none; nil never knows one.
	Advice func(code string) string
	// Now is the clock that running stages are measured with; nil is time.Now.
	Now func() time.Time
	// Log gets what a visitor is not told; nil discards.
	Log *slog.Logger
}

type ui struct {
	Config
	static map[string]staticFile
}

// New makes the handler of every path below Prefix: the list at Prefix/, an
// asset at Prefix/assets/{id}, its request at Prefix/assets/{id}/request, the
// key of its encrypted outputs at KeyPath. It
// panics when Prefix cannot be part of a route.
func New(c Config) http.Handler {
	if c.Advice == nil {
		c.Advice = func(string) string { return "" }
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	u := &ui{Config: c, static: loadStatic()}
	pages := http.NewServeMux()
	pages.HandleFunc(c.Prefix+"/{$}", u.signedIn(u.listPage))
	pages.HandleFunc(c.Prefix+"/assets/{id}", u.signedIn(u.assetPage))
	pages.HandleFunc(c.Prefix+"/assets/{id}/request", u.signedIn(u.request))
	pages.HandleFunc(KeyPath(c.Prefix, "{id}"), u.signedIn(u.key))
	pages.HandleFunc(c.Prefix+"/static/{name}", u.staticFile)
	pages.HandleFunc("/", u.signedIn(u.nothing))
	return u.guard(pages)
}

// pageFunc serves a project, or returns the error that fail explains.
type pageFunc func(w http.ResponseWriter, r *http.Request, project string) error

// guard sets what protects every response, and refuses all that is not a read.
func (u *ui) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", contentPolicy("", false))
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			h.Set("Allow", "GET, HEAD")
			u.fail(w, r, errMethod)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// contentPolicy lets a page load its own static files, and show and play media
// from one other origin at most. With stream, its script may fetch them there
// and hand them to the player as a blob.
func contentPolicy(mediaOrigin string, stream bool) string {
	const fixed = "default-src 'none'; style-src 'self'; script-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
	switch {
	case mediaOrigin == "":
		return fixed + "connect-src 'self'; img-src 'self'"
	case stream:
		return fixed + "connect-src 'self' " + mediaOrigin + "; img-src 'self' " + mediaOrigin + "; media-src blob: " + mediaOrigin
	}
	return fixed + "connect-src 'self'; img-src 'self' " + mediaOrigin + "; media-src " + mediaOrigin
}

// signedIn finds out whose assets may be seen before next looks at the request.
func (u *ui) signedIn(next pageFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		project, ok := u.Project(r)
		if !ok {
			w.Header().Set("WWW-Authenticate", `Basic realm="vod"`)
			u.fail(w, r, errSignIn)
			return
		}
		if err := next(w, r, project); err != nil {
			u.fail(w, r, err)
		}
	}
}

// get reads the asset that the path names. One of another project is not found.
func (u *ui) get(r *http.Request, project string) (asset.Asset, error) {
	a, err := u.Assets.Get(r.Context(), project, r.PathValue("id"))
	if errors.Is(err, asset.ErrNotFound) {
		return asset.Asset{}, errNotFound
	}
	return a, err
}

func (u *ui) nothing(http.ResponseWriter, *http.Request, string) error { return errNotFound }
