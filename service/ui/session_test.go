package ui

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/vod-reproduction/vod/service/api"
	"github.com/vod-reproduction/vod/service/asset"
)

// browser keeps cookies as a person's browser does.
type browser struct {
	site    *site
	cookies map[string]string
	header  map[string]string // more of it, or of other values
}

func (s *site) browser() *browser {
	return &browser{s, map[string]string{}, map[string]string{"Accept": "text/html", "Sec-Fetch-Site": "same-origin"}}
}

// send sends a form, or gets a page when that is nil.
func (b *browser) send(t *testing.T, path string, form url.Values) *httptest.ResponseRecorder {
	t.Helper()
	method, body := http.MethodGet, ""
	if form != nil {
		method, body = http.MethodPost, form.Encode()
	}
	r := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for name, value := range b.header {
		r.Header.Set(name, value)
	}
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	w := httptest.NewRecorder()
	b.site.ServeHTTP(w, r)
	for _, cookie := range w.Result().Cookies() {
		if cookie.MaxAge < 0 {
			delete(b.cookies, cookie.Name)
		} else {
			b.cookies[cookie.Name] = cookie.Value
		}
	}
	return w
}

// signIn signs in with the name of a user.
func (b *browser) signIn(t *testing.T, name string) *browser {
	t.Helper()
	if w := b.send(t, "/ui/signin", url.Values{"name": {name}, "password": {password}}); w.Code != http.StatusSeeOther {
		t.Fatalf("signing in = %d %s", w.Code, w.Body)
	}
	return b
}

func TestSession(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser()
	if w := b.send(t, "/ui/dump?title=x", nil); w.Code != http.StatusUnauthorized || b.cookies[api.SessionCookie] != "" {
		t.Fatalf("a page without a session = %d, cookies %v", w.Code, b.cookies)
	} else if next := parsePage(t, w.Body.String()).all("input")[0].attr["value"]; next != "/ui/dump?title=x" {
		t.Errorf("signing in leads to %q", next)
	}
	if w := b.send(t, "/ui/signin", url.Values{"name": {project}, "password": {"wrong"}}); w.Code != http.StatusUnauthorized || len(b.cookies) > 0 {
		t.Errorf("a wrong password = %d, cookies %v", w.Code, b.cookies)
	}
	w := b.send(t, "/ui/signin", url.Values{"name": {project}, "password": {password}, "next": {"/ui/dump?title=x"}})
	cookie := w.Result().Cookies()[0]
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/ui/dump?title=x" || !cookie.HttpOnly || !cookie.Secure ||
		cookie.SameSite != http.SameSiteLaxMode || cookie.Path != "/ui/" || !cookie.Expires.After(noon) {
		t.Errorf("signing in = %d to %s with %v", w.Code, w.Header().Get("Location"), cookie)
	}
	if w := b.send(t, "/ui/", nil); w.Code != http.StatusOK {
		t.Errorf("the list with a session = %d", w.Code)
	}
	session := b.cookies[api.SessionCookie]
	forged := []byte(session)
	forged[len(forged)/2] ^= 1
	for name, value := range map[string]string{"forged": string(forged), "cut": session[:20], "none": "", "long": strings.Repeat("A", 8000)} {
		other := s.browser()
		other.cookies[api.SessionCookie] = value
		if w := other.send(t, "/ui/", nil); w.Code != http.StatusUnauthorized {
			t.Errorf("a session that is %s = %d", name, w.Code)
		}
	}
	if w := b.send(t, "/ui/signout", url.Values{}); w.Code != http.StatusSeeOther || len(b.cookies) > 0 {
		t.Errorf("signing out = %d, cookies %v", w.Code, b.cookies)
	}
	b.signIn(t, project)
	s.now = func() time.Time { return noon.Add(13 * time.Hour) }
	if w := b.send(t, "/ui/", nil); w.Code != http.StatusUnauthorized {
		t.Errorf("a session after 13 hours = %d", w.Code)
	} else {
		parsePage(t, w.Body.String()).one(t, "p", "Your session has ended.")
	}
}

// Signing in leads to pages of this service, and nowhere else.
func TestSigningInLeadsHome(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for next, want := range map[string]string{
		"/ui/assets/" + strings.Repeat("0", 32): "/ui/assets/" + strings.Repeat("0", 32), "/ui/?q=a%26b": "/ui/?q=a%26b",
		"": "/ui/", "https://evil.example/ui/": "/ui/", "//evil.example/ui/": "/ui/", "/ui/../evil": "/ui/", "/ui/..%2f..%2fevil": "/ui/", "javascript:alert(1)": "/ui/",
		`/\evil.example/ui/`: "/ui/", "/ui/signout": "/ui/", "/v1.0/x": "/ui/", "/ui/\r\nSet-Cookie: x=y": "/ui/",
	} {
		w := s.browser().send(t, "/ui/signin", url.Values{"name": {project}, "password": {password}, "next": {next}})
		if got := w.Header().Get("Location"); w.Code != http.StatusSeeOther || got != want {
			t.Errorf("signing in for %q leads to %q, want %q", next, got, want)
		}
	}
}

// What a session ended in the middle of is shown again, and not sent.
func TestFormOutlivesSession(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser()
	form := url.Values{"title": {`A "quoted" <film>` + strings.Repeat("影", maxForm/10)}, "input.bucket": {"source"}, "input.object": {"in/film.mp4"}, "thumbnail.quantity": {"many"}, "tags": {"a,b"}}
	asked := parsePage(t, b.send(t, "/ui/dump", form).Body.String())
	fields := url.Values{"name": {project}, "password": {"wrong"}}
	for range 2 { // also through a wrong password
		for _, input := range asked.all("input") {
			if input.attr["type"] == "hidden" {
				fields.Set(input.attr["name"], input.attr["value"])
			}
		}
		w := b.send(t, "/ui/signin", fields)
		asked = parsePage(t, w.Body.String())
		fields.Set("password", password)
	}
	shown := map[string]string{}
	for _, input := range asked.all("input") {
		shown[input.attr["name"]] = input.attr["value"]
	}
	for name := range form {
		if shown[name] != form.Get(name) {
			t.Errorf("%s is %q after signing in, was %q", name, shown[name], form.Get(name))
		}
	}
	if _, total, err := s.store.List(t.Context(), asset.Query{ProjectID: project}); err != nil || total != 0 {
		t.Errorf("%d assets were made, %v", total, err)
	}
}

// A form counts when these pages sent it, or a program did; no browser lets another site look like either.
func TestForeignForms(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.accept(t, nil)
	s.work(t, scripts{id: s.finishes(7)})
	b := s.browser().signIn(t, project)
	for name, c := range map[string]struct {
		header map[string]string
		status int
	}{
		"another site":              {map[string]string{"Sec-Fetch-Site": "cross-site"}, http.StatusForbidden},
		"a neighbor":                {map[string]string{"Sec-Fetch-Site": "same-site"}, http.StatusForbidden},
		"an old browser, elsewhere": {map[string]string{"Origin": "https://evil.example"}, http.StatusForbidden},
		"a sandboxed frame":         {map[string]string{"Origin": "null"}, http.StatusForbidden},
		"an old browser, here":      {map[string]string{"Origin": "http://example.com"}, http.StatusConflict}, // httptest's host
		"a proxy's address":         {map[string]string{"Origin": "https://media.example"}, http.StatusConflict},
		"a program":                 {map[string]string{}, http.StatusConflict},
	} {
		b.header = c.header
		if w := b.send(t, "/ui/assets/"+id+"/unpublish", url.Values{}); w.Code != c.status {
			t.Errorf("from %s: %d, want %d", name, w.Code, c.status)
		}
		for path, form := range map[string]url.Values{"/ui/signin": {"name": {project}, "password": {password}}, "/ui/signout": {}, "/ui/dump": {}, "/ui/upload": {}} {
			if w := s.browserWith(b, c.header).send(t, path, form); (w.Code == http.StatusForbidden) != (c.status == http.StatusForbidden) {
				t.Errorf("%s from %s = %d", path, name, w.Code)
			}
		}
	}
}

// browserWith is one with the session of another.
func (s *site) browserWith(of *browser, header map[string]string) *browser {
	return &browser{s, map[string]string{api.SessionCookie: of.cookies[api.SessionCookie]}, header}
}

// A fault of the program is a page like any other error, and the next request is served.
func TestPanicIsAPage(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser().signIn(t, project)
	clock := s.now
	s.now = func() time.Time {
		s.now = clock
		panic("broken clock")
	}
	w := b.send(t, "/ui/", nil)
	if w.Code != http.StatusInternalServerError || w.Header().Get("Content-Type") != "text/html; charset=utf-8" {
		t.Errorf("a panic gives %d as %s: %s", w.Code, w.Header().Get("Content-Type"), w.Body)
	}
	parsePage(t, w.Body.String()).one(t, "h1", errInternal.Title)
	if strings.Contains(w.Body.String(), "broken clock") {
		t.Error("the page says what the log is for")
	}
	if w := b.send(t, "/ui/", nil); w.Code != http.StatusOK {
		t.Errorf("after that the list gives %d", w.Code)
	}
}
