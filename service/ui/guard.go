package ui

import (
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/vod-reproduction/vod/service/api"
	"github.com/vod-reproduction/vod/service/asset"
)

// maxForm bounds a form, in bytes: the largest request of the contract takes a
// third of it, percent-encoded.
const maxForm = 64 << 10

// maxSignIn bounds the form to sign in, in bytes: a form that is kept in it is percent-encoded once more, and three bytes
// become five.
const maxSignIn = 2 * maxForm

// openFunc serves everybody, or returns the error that fail explains.
type openFunc func(w http.ResponseWriter, r *http.Request) error

// pageFunc serves a visitor, or returns the error that fail explains.
type pageFunc func(w http.ResponseWriter, r *http.Request, v api.Visitor) error

// guard sets what protects every response, refuses what another site sends, and turns a panic into a page.
func (u *ui) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", contentPolicy("", false))
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "same-origin") // without a referrer, forms would be sent with "Origin: null"
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		if u.protection.Check(r) != nil {
			u.fail(w, r, errCrossOrigin)
			return
		}
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if err, ok := p.(error); ok && errors.Is(err, http.ErrAbortHandler) || api.Responded(w) {
				panic(p)
			}
			u.fail(w, r, fmt.Errorf("panic: %v\n%s", p, debug.Stack()))
		}()
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

// open serves everybody, by the method of the request; nil is a method that is refused.
func (u *ui) open(get, post openFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		serve, allowed := get, []string{}
		if get != nil {
			allowed = append(allowed, http.MethodGet, http.MethodHead)
		}
		if post != nil {
			allowed = append(allowed, http.MethodPost)
		}
		if r.Method == http.MethodPost {
			serve = post
		}
		if !slices.Contains(allowed, r.Method) {
			w.Header().Set("Allow", strings.Join(allowed, ", "))
			u.fail(w, r, errMethod)
			return
		}
		if err := serve(w, r); err != nil {
			u.fail(w, r, err)
		}
	})
}

// page serves visitors who have signed in, and asks all others to.
func (u *ui) page(get, post pageFunc) http.Handler {
	known := func(next pageFunc) openFunc {
		if next == nil {
			return nil
		}
		return func(w http.ResponseWriter, r *http.Request) error {
			v, ok := u.Service.Visitor(r)
			if !ok {
				return u.askToSignIn(w, r)
			}
			if err := next(w, r, v); err != nil {
				u.failFor(w, r, v, err)
			}
			return nil
		}
	}
	return u.open(known(get), known(post))
}

// get reads the asset that the path names. One of another project is not found.
func (u *ui) get(r *http.Request, v api.Visitor) (asset.Asset, error) {
	id := r.PathValue("id")
	if !assetID.MatchString(id) { // not all text is text to a database
		return asset.Asset{}, errNotFound
	}
	a, err := u.Assets.Get(r.Context(), v.Project, id)
	if errors.Is(err, asset.ErrNotFound) {
		return asset.Asset{}, errNotFound
	}
	return a, err
}

func (u *ui) nothing(http.ResponseWriter, *http.Request, api.Visitor) error { return errNotFound }

// form reads the fields of a form, up to limit bytes of them.
func form(w http.ResponseWriter, r *http.Request, limit int64) error {
	r.Body = http.MaxBytesReader(w, r.Body, limit)
	if err := r.ParseForm(); err != nil {
		if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
			return errTooLarge
		}
		return errForm
	}
	return nil
}
