package ui

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/vod-reproduction/vod/service/asset"
)

const (
	fixedPolicy = "default-src 'none'; style-src 'self'; script-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
	policy      = fixedPolicy + "connect-src 'self'; img-src 'self'"
)

func TestEveryAnswerIsProtected(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.accept(t, nil)
	for _, path := range []string{
		"/ui/", "/ui/assets/" + id, "/ui/assets/" + id + "/request", "/ui/assets/none", "/ui/static/style.css", "/ui/?page=x", "/elsewhere",
	} {
		for _, who := range []string{project, ""} {
			h := s.ask(t, who, http.MethodGet, path).Header()
			for name, want := range map[string]string{
				"Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "same-origin",
			} {
				if got := h.Get(name); got != want {
					t.Errorf("%s of GET %s = %q, want %q", name, path, got, want)
				}
			}
			if got := h.Get("Cache-Control"); got != "no-store" && !strings.Contains(path, "static") {
				t.Errorf("Cache-Control of GET %s = %q", path, got)
			}
		}
	}
}

func TestMethods(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.accept(t, nil)
	for path, allowed := range map[string]string{
		"/ui/": "GET, HEAD", "/ui/assets/" + id: "GET, HEAD", "/ui/assets/" + id + "/request": "GET, HEAD", "/ui/assets/" + id + "/events": "GET, HEAD",
		"/ui/static/style.css": "GET, HEAD", "/ui/nothing": "GET, HEAD", "/ui/dump": "GET, HEAD, POST", "/ui/upload": "GET, HEAD, POST",
		"/ui/assets/" + id + "/publish": "GET, HEAD, POST", "/ui/signin": "GET, HEAD, POST", "/ui/signout": "POST",
	} {
		for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"} {
			if slices.Contains(strings.Split(allowed, ", "), method) {
				continue
			}
			w := s.ask(t, project, method, path)
			if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != allowed {
				t.Errorf("%s %s = %d, Allow %q, want %q", method, path, w.Code, w.Header().Get("Allow"), allowed)
			}
			parsePage(t, w.Body.String()).one(t, "h1", "does not take this method")
		}
	}
}

func TestHeadSaysWhatGetDoes(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.accept(t, nil)
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	for _, path := range []string{"/ui/", "/ui/assets/" + id, "/ui/assets/" + id + "/request", "/ui/assets/none", "/ui/static/style.css"} {
		var headers [2]http.Header
		var status [2]int
		for i, method := range []string{http.MethodGet, http.MethodHead} {
			r, err := http.NewRequestWithContext(t.Context(), method, server.URL+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			r.SetBasicAuth(project, password)
			response, err := server.Client().Do(r)
			if err != nil {
				t.Fatal(err)
			}
			_ = response.Body.Close()
			response.Header.Del("Date")
			headers[i], status[i] = response.Header, response.StatusCode
		}
		if status[0] != status[1] || headers[0].Get("Content-Length") != headers[1].Get("Content-Length") ||
			headers[0].Get("Content-Type") != headers[1].Get("Content-Type") {
			t.Errorf("%s: GET %d %v, HEAD %d %v", path, status[0], headers[0], status[1], headers[1])
		}
	}
}

func TestNobodyIsAskedToSignIn(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.accept(t, nil)
	for _, path := range []string{"/ui/", "/ui/assets/" + id, "/ui/assets/" + id + "/request", "/ui/assets/" + id + "/events", "/ui/nothing", "/ui/dump", "/ui/upload"} {
		for accept, challenge := range map[string]string{"text/html,*/*;q=0.8": "", "*/*": `Basic realm="vod", charset="UTF-8"`} {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
			r.Header.Set("Accept", accept)
			w := httptest.NewRecorder()
			s.ServeHTTP(w, r)
			if w.Code != http.StatusUnauthorized || w.Header().Get("WWW-Authenticate") != challenge {
				t.Errorf("GET %s for %s = %d, WWW-Authenticate %q", path, accept, w.Code, w.Header().Get("WWW-Authenticate"))
			}
			page := parsePage(t, w.Body.String())
			page.one(t, "h1", "Sign in")
			page.one(t, "details", "Where is my password?")
			if strings.Contains(w.Body.String(), "a film") {
				t.Errorf("GET %s shows the asset to nobody", path)
			}
		}
	}
}

// What belongs to another project looks like what was never there.
func TestForeignIsMissing(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.accept(t, func(n *asset.New) { n.ProjectID = stranger })
	missing := s.ask(t, project, http.MethodGet, "/ui/assets/"+strings.Repeat("0", 32))
	if missing.Code != http.StatusNotFound {
		t.Fatalf("a missing asset = %d", missing.Code)
	}
	parsePage(t, missing.Body.String()).one(t, "h1", "nothing here")
	for _, path := range []string{"/ui/assets/" + id, "/ui/assets/" + id + "/request", "/ui/assets/%2e%2e%2fx", "/ui/assets/%00", "/ui/nothing"} {
		foreign := s.ask(t, project, http.MethodGet, path)
		if foreign.Code != missing.Code || foreign.Body.String() != missing.Body.String() {
			t.Errorf("GET %s = %d, other than a missing asset:\n%s", path, foreign.Code, foreign.Body)
		}
	}
	s.page(t, "/ui/").one(t, "h2", "No asset yet")
	s.page(t, "/ui/?q="+id).one(t, "p", "No asset here")
}

func TestBrokenDatabase(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	if err := s.store.Close(); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/ui/", "/ui/assets/" + strings.Repeat("0", 32)} {
		w := s.ask(t, project, http.MethodGet, path)
		if w.Code != http.StatusInternalServerError {
			t.Errorf("GET %s = %d", path, w.Code)
		}
		parsePage(t, w.Body.String()).one(t, "h1", "could not be rendered")
		if strings.Contains(w.Body.String(), "sql") {
			t.Errorf("GET %s shows the cause:\n%s", path, w.Body)
		}
	}
}

func TestStaticFiles(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for name, kind := range map[string]string{
		"style.css": "text/css; charset=utf-8", "script.js": "text/javascript; charset=utf-8", "icon.svg": "image/svg+xml",
		"hls.min.js": "text/javascript; charset=utf-8", "hls.txt": "text/plain; charset=utf-8",
	} {
		path := "/ui/static/" + name
		first := s.ask(t, "", http.MethodGet, path)
		tag := first.Header().Get("ETag")
		if first.Code != http.StatusOK || first.Header().Get("Content-Type") != kind || len(tag) != 66 || first.Body.Len() == 0 {
			t.Errorf("GET %s = %d, %v", path, first.Code, first.Header())
		}
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
		r.Header.Set("If-None-Match", tag)
		again := httptest.NewRecorder()
		s.ServeHTTP(again, r)
		if again.Code != http.StatusNotModified || again.Body.Len() != 0 {
			t.Errorf("GET %s again = %d with %d bytes", path, again.Code, again.Body.Len())
		}
		if strings.HasPrefix(name, "hls.") {
			continue // named addresses of standards and licenses; TestPlayerIsUnchanged says what it is
		}
		for _, outside := range []string{"//", "http:", "https:", "@import", "url("} {
			body := strings.ReplaceAll(first.Body.String(), "http://www.w3.org/2000/svg", "") // a name, never fetched
			if code := withoutComments(body); strings.Contains(code, outside) {
				t.Errorf("%s has %q in it", name, outside)
			}
		}
	}
	for _, name := range []string{"ui.go", "..%2fui.go", "STYLE.CSS", ""} {
		if w := s.ask(t, project, http.MethodGet, "/ui/static/"+name); w.Code != http.StatusNotFound {
			t.Errorf("GET static/%s = %d", name, w.Code)
		}
	}
}

// withoutComments leaves out the lines that are comments.
func withoutComments(code string) string {
	var kept []string
	for line := range strings.Lines(code) {
		if line, _, _ := strings.Cut(line, "// "); line != "" {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "\n")
}
