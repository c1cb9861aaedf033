package ui

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vod-reproduction/vod/service/asset"
)

// budget is what one page may take with its style, script and icon, in bytes.
const budget = 30_000

// attacks try to leave the place where a text stands.
var attacks = []string{
	`<script>alert(1)</script>`,
	`</title><script src=//evil.example></script>`,
	`"><img src=x onerror=alert(1)>`,
	`' onmouseover='alert(1)`,
	`javascript:alert(1)`,
	`{{.Project}}${alert(1)}`,
	`</pre></code></bdi><svg onload=alert(1)>`,
	`<!--`, `]]>`, `&lt;script&gt;`,
	"\u202eevil\u2066", "\u2028\u2029", "`+alert(1)+`",
}

// Every text that a tenant or a store can choose is shown as text.
func TestTextStaysText(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	all := scripts{}
	ids := map[string]string{}
	for i, x := range attacks {
		body, err := json.Marshal(map[string]string{"title": x})
		if err != nil {
			t.Fatal(err)
		}
		id := s.accept(t, func(n *asset.New) {
			n.Title, n.Description, n.Tags, n.VideoType, n.RequestID = x, x, x, x, x
			n.Source = asset.Location{Bucket: x, Key: x, Region: x}
			n.Request, n.Requested, n.AutoPublish = append(body, x...), []string{x}, true
		})
		ids[id] = x
		all[id] = func(ctx context.Context, a asset.Attempt) error {
			st := asset.Stage{Name: "stage " + x, State: asset.StageFailed, StartedAt: noon, Bytes: 9, Total: 3, Error: x}
			end := s.store.Fail
			if i%2 == 0 {
				end = func(ctx context.Context, a asset.Attempt, _, _ string) error {
					return s.store.Finish(ctx, a, asset.Media{Bucket: x, Key: x, SHA256: x, ETag: x, ContentType: x})
				}
			}
			return errors.Join(s.store.Progress(ctx, a, st), end(ctx, a, x, x))
		}
	}
	s.work(t, all)

	for id, x := range ids {
		page := s.page(t, "/ui/assets/"+id)
		harmless(t, page)
		page.one(t, "title", x)
		page.one(t, "h1", x)
		if got := section(t, page, "files").all("code")[0].text; got != "obs://"+x+"/"+x {
			t.Errorf("the source %q is shown as %q", x, got)
		}
	}
	list := s.page(t, "/ui/")
	harmless(t, list)
	if rows := list.all("tr")[1:]; len(rows) != len(attacks) {
		t.Errorf("the list has %d rows", len(rows))
	}
	for _, x := range attacks {
		page := s.page(t, "/ui/?refresh="+url.QueryEscape(x)+"&q="+url.QueryEscape(x))
		harmless(t, page)
		if got := page.all("input")[0].attr["value"]; got != x {
			t.Errorf("the field shows %q for %q", got, x)
		}
		for _, path := range []string{
			"/ui/?page=" + url.QueryEscape(x), "/ui/?state=" + url.QueryEscape(x), "/ui/assets/" + url.PathEscape(x), "/ui/" + url.PathEscape(x),
		} {
			w := s.ask(t, project, http.MethodGet, path)
			if w.Code != http.StatusBadRequest && w.Code != http.StatusNotFound {
				t.Errorf("GET %s = %d", path, w.Code)
			}
			harmless(t, parsePage(t, w.Body.String()))
		}
	}
}

// harmless checks that a page has only the elements, handlers and addresses of its templates.
func harmless(t *testing.T, page *node) {
	t.Helper()
	if scripts := page.all("script"); len(scripts) != 1 || scripts[0].attr["src"] != "/ui/static/script.js" || scripts[0].text != "" {
		t.Errorf("the page has the scripts %v", scripts)
	}
	known := strings.Fields(`html head meta title noscript link script body a header strong span code main footer time h1 h2 p nav ul
		ol li b form label input button div table thead tbody tr th td small bdi section dl dt dd pre br progress video audio`)
	var visit func(n *node)
	visit = func(n *node) {
		if n.name != "" && !slices.Contains(known, n.name) {
			t.Errorf("the page has an element %s %v", n.name, n.attr)
		}
		for name, value := range n.attr {
			switch {
			case strings.HasPrefix(name, "on"), name == "style", name == "srcdoc":
				t.Errorf("%s has an attribute %s=%q", n.name, name, value)
			case name == "href" && !strings.HasPrefix(value, "/ui/") && !strings.HasPrefix(value, "/v1.0/") && value != "#main" &&
				!strings.HasPrefix(value, "https://media.example/"):
				t.Errorf("%s leads to %q", n.name, value)
			}
		}
		for _, kid := range n.kids {
			visit(kid)
		}
	}
	visit(page)
}

// The largest texts that the contract lets through, made of the characters
// that take most room, stay within the budget.
func TestPagesAreSmall(t *testing.T) {
	t.Parallel()
	for name, char := range map[string]string{"quotes": `"`, "wide": "\U0001F3AC", "plain": "a", "breaks": "\n"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			long := func(n int) string { return strings.Repeat(char, n) }
			all := scripts{}
			var id string
			for range pageSize + 1 {
				body, err := json.Marshal(map[string]string{"title": long(128), "description": long(1024), "object": long(1024)})
				if err != nil {
					t.Fatal(err)
				}
				id = s.accept(t, func(n *asset.New) {
					n.Title, n.Description, n.Tags, n.Request = long(128), long(1024), long(400), body
					n.Source = asset.Location{Bucket: strings.Repeat("b", 63), Key: long(1024), Region: long(20)}
					n.Requested = []string{"thumbnail", "transcode", "encrypt", "preheat", "review"}
					n.AutoPublish = true
				})
				all[id] = func(ctx context.Context, a asset.Attempt) error {
					var errs []error
					for _, name := range []string{"stat", "copy", "verify", "publish"} {
						errs = append(errs, s.store.Progress(ctx, a, asset.Stage{
							Name: name, State: asset.StageFailed, StartedAt: noon, EndedAt: noon.Add(time.Hour), Bytes: 1 << 60, Total: 1 << 62, Error: long(2000),
						}))
					}
					return errors.Join(append(errs, s.store.Fail(ctx, a, "VOD.10003", long(2000)))...)
				}
			}
			done := s.accept(t, func(n *asset.New) {
				n.Title, n.Description, n.Tags, n.AutoPublish = long(128), long(1024), long(400), true
				n.Source.Key = long(1024)
			})
			all[done] = func(ctx context.Context, a asset.Attempt) error {
				return s.store.Finish(ctx, a, asset.Media{
					Bucket: strings.Repeat("b", 63), Key: long(1024), Size: 1 << 62, SHA256: strings.Repeat("ab", 32), ETag: long(100), ContentType: long(100),
				})
			}
			s.work(t, all)
			query := "/ui/?page=1&refresh=off&q=" + url.QueryEscape(strings.Repeat(char, maxText))
			files := 0
			for _, name := range []string{"style.css", "script.js", "icon.svg"} {
				files += s.ask(t, "", http.MethodGet, "/ui/static/"+name).Body.Len()
			}
			for _, path := range []string{"/ui/", "/ui/assets/" + id, "/ui/assets/" + done, query} {
				n := s.ask(t, project, http.MethodGet, path).Body.Len() + files
				t.Logf("%s takes %d bytes", path[:min(len(path), 48)], n)
				if n > budget {
					t.Errorf("%s takes %d bytes, more than %d", path, n, budget)
				}
			}
		})
	}
}
