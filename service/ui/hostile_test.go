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
// A page that plays HLS takes hls.js on top, and no other page does.
const budget = 72_000

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
			n.Title, n.Description, n.Tags, n.RequestID = x, x, x, x
			n.Source = asset.Location{Bucket: x, Key: x, Region: x}
			n.Request, n.AutoPublish = append(body, x...), true
			n.Plan.Transcode = &asset.Transcode{Group: x, Format: x}
		})
		ids[id] = x
		all[id] = func(ctx context.Context, a asset.Attempt) error {
			st := asset.Stage{Name: "stage " + x, State: asset.StageFailed, StartedAt: noon, Bytes: 9, Total: 3, Error: x}
			end := s.fails(x, x)
			if i%2 == 0 {
				end = s.results(asset.Media{Bucket: x, Key: x, SHA256: x, ETag: x, ContentType: x}, hostileResults(x))
			}
			return errors.Join(s.store.Progress(ctx, a, st), end(ctx, a))
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
	for _, script := range page.all("script") {
		if src := script.attr["src"]; src != "/ui/static/script.js" && src != "/ui/static/hls.min.js" || script.text != "" {
			t.Errorf("the page has the script %v", script)
		}
	}
	known := strings.Fields(`html head meta title noscript link script body a header strong span code main footer time h1 h2 h3 p nav ul select option details summary fieldset legend textarea datalist
		ol li b form label input button div table thead tbody tr th td small bdi section dl dt dd pre br progress video audio source img`)
	var visit func(n *node)
	visit = func(n *node) {
		if n.name != "" && !slices.Contains(known, n.name) {
			t.Errorf("the page has an element %s %v", n.name, n.attr)
		}
		for name, value := range n.attr {
			switch {
			case strings.HasPrefix(name, "on"), name == "style", name == "srcdoc":
				t.Errorf("%s has an attribute %s=%q", n.name, name, value)
			case name == "href" && !strings.HasPrefix(value, "/ui/") && !strings.HasPrefix(value, "/v1.0/") && !strings.HasPrefix(value, "#") &&
				!strings.HasPrefix(value, "https://media.example/"):
				t.Errorf("%s leads to %q", n.name, value)
			case (name == "src" || name == "poster") && n.name != "script" && !strings.HasPrefix(value, "https://media.example/media/"):
				t.Errorf("%s shows %q", n.name, value)
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
			for range pageSizes[0] + 1 {
				body, err := json.Marshal(map[string]string{"title": long(128), "description": long(1024), "object": long(1024)})
				if err != nil {
					t.Fatal(err)
				}
				id = s.accept(t, func(n *asset.New) {
					n.Title, n.Description, n.Tags, n.Request = long(128), long(1024), long(400), body
					n.Source = asset.Location{Bucket: strings.Repeat("b", 63), Key: long(1024), Region: long(20)}
					n.Plan = asset.Plan{Thumbnail: &asset.Thumbnail{}, Transcode: &asset.Transcode{Encrypt: true}, Review: &asset.ReviewJob{}, Preheat: true}
					n.AutoPublish = true
				})
				all[id] = s.fails("VOD.10003", long(2000))
			}
			all[id] = func(ctx context.Context, a asset.Attempt) error {
				var errs []error
				for _, st := range a.Asset.Stages {
					st.State, st.StartedAt, st.EndedAt, st.Bytes, st.Total, st.Error = asset.StageFailed, noon, noon.Add(time.Hour), 1<<60, 1<<62, long(2000)
					errs = append(errs, s.store.Progress(ctx, a, st))
				}
				return errors.Join(append(errs, s.store.Fail(ctx, a, "VOD.10003", long(2000)))...)
			}
			done := s.accept(t, func(n *asset.New) {
				processed(n)
				n.Title, n.Description, n.Tags, n.Plan.Transcode.Group = long(128), long(1024), long(400), long(128)
				n.Source.Key = long(1024 / len(char)) // a store has no longer keys, and its end is in the URL
			})
			all[done] = s.results(asset.Media{
				Bucket: strings.Repeat("b", 63), Key: long(1024), Size: 1 << 62, SHA256: strings.Repeat("ab", 32), ETag: long(100), ContentType: long(100),
			}, largeResults(char))
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

// hostileResults have a text in every place that an endpoint, a file or a configuration can choose.
func hostileResults(x string) asset.Results {
	info := asset.MediaInfo{Container: x, VideoCodec: x, PixelFormat: x, AudioCodec: x}
	labels := []asset.Label{{Confidence: 0.5, Label: x}}
	picture := asset.ReviewedPicture{Snapshot: asset.Snapshot{File: x}, Suggestion: asset.Suggestion(x), Politics: labels, Terrorism: labels, Porn: labels}
	return asset.Results{
		Probe:     &info,
		Thumbnail: &asset.Snapshots{List: []asset.Snapshot{{File: x}}, Cover: x, Remark: x},
		Transcode: &asset.Transcoded{Outputs: []asset.Output{{Name: x, File: x, Info: info}}, Tool: x},
		Review: &asset.Verdict{
			Suggestion: asset.Pass, Text: asset.ReviewedText{Suggestion: asset.Suggestion(x), Politics: x, Porn: x, Abuse: x},
			Pictures: []asset.ReviewedPicture{picture},
		},
	}
}

// largeResults are the most that stages give.
func largeResults(char string) asset.Results {
	r := hostileResults(strings.Repeat(char, 1000))
	r.Thumbnail.Cover, r.Thumbnail.List = "snapshots/00001.jpg", snapshots(1000).List
	output := r.Transcode.Outputs[0]
	output.File = strings.Repeat("r", 32) + "/index.m3u8"
	r.Transcode.Outputs = slices.Repeat([]asset.Output{output}, 9)
	picture := r.Review.Pictures[0]
	picture.File, picture.Cover = "review/00001.jpg", true
	r.Review.Pictures = slices.Repeat([]asset.ReviewedPicture{picture}, 100)
	return r
}
