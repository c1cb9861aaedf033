package ui

import (
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	"github.com/vod-reproduction/vod/service/api"
)

// signInView is the form that asks for a name and a password.
type signInView struct {
	Name  string
	Wrong bool          // the latest name and password
	Wait  time.Duration // until the next try, after too many wrong ones
	Ended bool          // a session was sent that is over
	Next  string
	// Kept is a form that was sent without a session, encoded; it is shown again afterwards.
	Kept string
}

// askToSignIn shows the form in the place of a page. What a visitor was writing is kept in it.
func (u *ui) askToSignIn(w http.ResponseWriter, r *http.Request) error {
	v := signInView{Next: r.URL.RequestURI()}
	_, noSession := r.Cookie(api.SessionCookie)
	v.Ended = noSession == nil
	if r.Method == http.MethodPost && r.URL.Path == u.Prefix+dumpPath {
		if err := form(w, r, maxForm); err != nil {
			return err
		}
		v.Kept = r.PostForm.Encode()
	}
	// A browser would ask by a dialog of its own; programs are told how to sign in.
	if !strings.Contains(r.Header.Get("Accept"), "text/html") {
		w.Header().Set("WWW-Authenticate", `Basic realm="vod", charset="UTF-8"`)
	}
	u.renderSignIn(w, r, http.StatusUnauthorized, v)
	return nil
}

func (u *ui) renderSignIn(w http.ResponseWriter, r *http.Request, status int, v signInView) {
	u.render(w, r, status, signInTemplate, view{Title: "Sign in", Body: v})
}

func (u *ui) signInPage(w http.ResponseWriter, r *http.Request) error {
	next := u.local(r.URL.Query().Get("next"))
	if _, ok := u.Service.Visitor(r); ok {
		http.Redirect(w, r, next, http.StatusSeeOther)
		return nil
	}
	u.renderSignIn(w, r, http.StatusOK, signInView{Next: next})
	return nil
}

// signIn opens a session and leads to where the visitor wanted to go.
func (u *ui) signIn(w http.ResponseWriter, r *http.Request) error {
	if err := form(w, r, maxSignIn); err != nil {
		return err
	}
	name, kept, next := r.PostForm.Get("name"), r.PostForm.Get("kept"), u.local(r.PostForm.Get("next"))
	session, expires, wait := u.Service.SignIn(r, name, r.PostForm.Get("password"))
	if session == "" {
		status := http.StatusUnauthorized
		if wait > 0 {
			status = http.StatusTooManyRequests
		}
		u.renderSignIn(w, r, status, signInView{Name: name, Wrong: true, Wait: wait.Round(time.Second), Next: next, Kept: kept})
		return nil
	}
	cookie := u.cookie(r, session)
	cookie.Expires = expires
	http.SetCookie(w, cookie)
	if kept != "" {
		r.AddCookie(cookie)
		return u.resumeDump(w, r, kept)
	}
	http.Redirect(w, r, next, http.StatusSeeOther)
	return nil
}

func (u *ui) signOut(w http.ResponseWriter, r *http.Request) error {
	cookie := u.cookie(r, "")
	cookie.MaxAge = -1
	http.SetCookie(w, cookie)
	http.Redirect(w, r, u.Prefix+"/signin", http.StatusSeeOther)
	return nil
}

// cookie holds a session where only the pages get it: no script, no other site.
func (u *ui) cookie(r *http.Request, session string) *http.Cookie {
	return &http.Cookie{
		Name: api.SessionCookie, Value: session, Path: u.Prefix + "/", HttpOnly: true, SameSite: http.SameSiteLaxMode,
		Secure: r.TLS != nil || strings.HasPrefix(u.PublicURL, "https:"),
	}
}

// local returns an address of these pages as it is, and the list's for every other.
func (u *ui) local(address string) string {
	parsed, err := url.ParseRequestURI(address)
	if err != nil || parsed.IsAbs() || parsed.Host != "" || path.Clean(parsed.Path) != strings.TrimSuffix(parsed.Path, "/") ||
		!strings.HasPrefix(parsed.Path, u.Prefix+"/") || parsed.Path == u.Prefix+"/signin" || parsed.Path == u.Prefix+"/signout" {
		return u.Prefix + "/"
	}
	return (&url.URL{Path: parsed.Path, RawQuery: parsed.RawQuery}).String()
}
