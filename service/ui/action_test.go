package ui

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/service/asset"
	"github.com/vod-reproduction/vod/service/object"
	"github.com/vod-reproduction/vod/service/object/embedded"
)

// openObjects starts object storage with the buckets of all projects. A process has one at a time, so that its tests are not
// parallel.
func openObjects(t *testing.T) *object.S3 {
	t.Helper()
	store, err := embedded.Start(t.Context(), embedded.Config{Dir: filepath.Join(t.TempDir(), "store"), AccessKey: "access", SecretKey: "secret-key", Region: "cn-north-4"})
	if err != nil {
		t.Fatal(err)
	}
	objects, err := object.NewS3(object.Config{Endpoint: store.Endpoint(), Region: "cn-north-4", AccessKey: "access", SecretKey: "secret-key", PathStyle: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		objects.CloseIdleConnections()
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	for _, bucket := range []string{"source", "closed", "foreign"} {
		if err := objects.CreateBucket(t.Context(), bucket); err != nil {
			t.Fatal(err)
		}
	}
	return objects
}

// Every action is for those who may, on assets of their own, in the state for it; everybody else changes nothing.
func TestActions(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	created, published, failed, blocked, running := s.accept(t, nil), s.accept(t, func(n *asset.New) { n.AutoPublish = true }), s.accept(t, nil), s.accept(t, func(n *asset.New) { n.Plan.Review = &asset.ReviewJob{} }), s.accept(t, nil)
	s.work(t, scripts{
		created: s.finishes(7), published: s.finishes(7), failed: s.fails("VOD.10003", "gone"),
		blocked: s.results(film, asset.Results{Review: &asset.Verdict{Suggestion: asset.Reject}}),
	})
	fits := map[string]string{created: "publish delete", published: "unpublish delete", failed: "retry delete", blocked: "delete", running: "delete"}
	for id, actions := range fits {
		for _, action := range []string{"publish", "unpublish", "retry", "delete", "burn"} {
			path := "/ui/assets/" + id + "/" + action
			for who, want := range map[string]int{project: http.StatusOK, reader: http.StatusForbidden, stranger: http.StatusNotFound, "": http.StatusUnauthorized} {
				if action == "burn" && who != "" {
					want = http.StatusNotFound
				} else if who == project && !strings.Contains(" "+actions+" ", " "+action+" ") {
					want = http.StatusConflict
				}
				b := s.browser()
				if who != "" {
					b.signIn(t, who)
				}
				if w := b.send(t, path, nil); w.Code != want {
					t.Errorf("GET %s by %.8s = %d, want %d", action, who, w.Code, want)
				}
				if want == http.StatusOK {
					continue // that is done below
				}
				if w := b.send(t, path, url.Values{}); w.Code != want {
					t.Errorf("POST %s by %.8s = %d, want %d", action, who, w.Code, want)
				}
			}
		}
		buttons := s.page(t, "/ui/assets/"+id).one(t, "div", "a film").text
		for _, action := range actionNames {
			if offered := strings.Contains(buttons, action.words); offered != strings.Contains(" "+actions+" ", " "+action.name+" ") {
				t.Errorf("%s is offered: %v, of %s", action.words, offered, actions)
			}
		}
	}
	b := s.browser().signIn(t, project)
	for _, step := range []struct {
		id, action string
		state      asset.State
	}{{created, "publish", asset.Published}, {created, "unpublish", asset.Created}, {published, "unpublish", asset.Created}} {
		w := b.send(t, "/ui/assets/"+step.id+"/"+step.action, url.Values{})
		a, err := s.store.Get(t.Context(), project, step.id)
		if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/ui/assets/"+step.id || err != nil || a.State != step.state {
			t.Errorf("%s = %d to %s, and the asset is %s, %v", step.action, w.Code, w.Header().Get("Location"), a.State, err)
		}
	}
	for id := range fits {
		if w := b.send(t, "/ui/assets/"+id+"/delete", url.Values{}); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/ui/" {
			t.Errorf("delete = %d to %s", w.Code, w.Header().Get("Location"))
		}
	}
	if _, total, err := s.store.List(t.Context(), asset.Query{ProjectID: project}); err != nil || total != 0 {
		t.Errorf("%d assets are left, %v", total, err)
	}
}

var actionNames = []struct{ name, words string }{{"publish", "Publish"}, {"unpublish", "Unpublish"}, {"retry", "Retry"}, {"delete", "Delete"}}

// The form has every property of the contract that the service acts on, each once.
func TestFormHasEveryProperty(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	count := map[string]int{}
	page := s.page(t, "/ui/dump")
	for _, kind := range []string{"input", "select", "textarea"} {
		for _, field := range page.all(kind) {
			count[field.attr["name"]]++
		}
	}
	for path, p := range contract.Fields() {
		want := 1
		if p.Type == "object" || p.Ignored != "" {
			want = 0
		}
		if count[path] != want {
			t.Errorf("the form has %d fields %s, want %d", count[path], path, want)
		}
	}
}

// What is wrong stands at its field, and what was entered stays.
func TestDumpForm(t *testing.T) {
	s := newSiteWith(t, openObjects(t))
	if err := s.store.AuthorizeBucket(t.Context(), project, "source"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.objects.Put(t.Context(), "source", "in/film.mp4", "", strings.NewReader("film")); err != nil {
		t.Fatal(err)
	}
	good := func(edit ...string) url.Values {
		form := url.Values{"key": {"ABCDEFGHIJKLMNOPQRSTUVWXYZ"}, "input.bucket": {"source"}, "input.object": {"in/film.mp4"}, "input.location": {"cn-north-4"}, "title": {"A film"}}
		for i := 0; i < len(edit); i += 2 {
			form.Set(edit[i], edit[i+1])
		}
		return form
	}
	b := s.browser().signIn(t, project)
	for name, c := range map[string]struct {
		form  url.Values
		field string // at fault
	}{
		"nothing":          {url.Values{}, "title"},
		"no title":         {good("title", ""), "title"},
		"a long title":     {good("title", strings.Repeat("ä", 10000)), "title"},
		"hostile text":     {good("title", "<script>alert(1)</script>", "tags", strings.Repeat("x", 500)), "tags"},
		"no extension":     {good("input.object", "in/film"), "video_type"},
		"a wrong type":     {good("video_type", "EXE"), "video_type"},
		"another region":   {good("input.location", "cn-east-3"), "input.location"},
		"a foreign bucket": {good("input.bucket", "foreign"), "input.bucket"},
		"a closed bucket":  {good("input.bucket", "closed"), "input.bucket"},
		"no such object":   {good("input.object", "in/gone.mp4"), "input.object"},
		"no number":        {good("thumbnail.type", "quantity", "thumbnail.quantity", "1e3"), "thumbnail.quantity"},
		"a huge number":    {good("thumbnail.type", "time", "thumbnail.time", "99999999999999999999"), "thumbnail.time"},
		"no list":          {good("thumbnail.type", "dots", "thumbnail.dots", "1, two"), "thumbnail.dots"},
		"no category":      {good("category_id", "999"), "category_id"},
		"no template":      {good("template_group_name", "none"), "template_group_name"},
		"HLS in place":     {good("input.object", "in/a.m3u8"), "storage_mode"},
		"no bytes of text": {good("title", "a\x00b"), "title"},
	} {
		w := b.send(t, "/ui/dump", c.form)
		if w.Code < 400 || w.Code >= 500 {
			t.Errorf("%s = %d", name, w.Code)
			continue
		}
		page := parsePage(t, w.Body.String())
		harmless(t, page)
		var fields []*node
		for _, kind := range []string{"input", "select", "textarea"} {
			fields = append(fields, page.all(kind)...)
		}
		wrong := map[string]bool{}
		for _, f := range fields {
			wrong[f.attr["name"]] = f.attr["aria-invalid"] == "true"
			if entered := c.form.Get(f.attr["name"]); f.name == "input" && entered != "" && !strings.Contains(entered, "\x00") && f.attr["value"] != entered {
				t.Errorf("%s: %s shows %q, entered was %q", name, f.attr["name"], f.attr["value"], entered)
			}
		}
		if !wrong[c.field] {
			t.Errorf("%s is not shown at %s: %v", name, c.field, page.text)
		}
	}
	if w := s.browser().signIn(t, reader).send(t, "/ui/dump", good()); w.Code != http.StatusForbidden && !strings.Contains(w.Body.String(), "permission") {
		t.Errorf("a reader dumps: %d", w.Code)
	}
	if w := b.send(t, "/ui/dump", url.Values{"title": {strings.Repeat("x", maxForm)}}); w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("a form of %d bytes = %d", maxForm, w.Code)
	}
	first := b.send(t, "/ui/dump", good())
	again := b.send(t, "/ui/dump", good())
	if first.Code != http.StatusSeeOther || again.Header().Get("Location") != first.Header().Get("Location") {
		t.Errorf("a form sent twice leads to %s and %s, %d", first.Header().Get("Location"), again.Header().Get("Location"), first.Code)
	}
	if w := b.send(t, "/ui/dump", good("title", "Another")); w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "was sent before") {
		t.Errorf("a form changed after it was sent = %d", w.Code)
	}
	id := strings.TrimPrefix(first.Header().Get("Location"), "/ui/assets/")
	if a, err := s.store.Get(t.Context(), project, id); err != nil || a.RequestID != first.Header().Get("X-Request-Id") || a.RequestID == "" {
		t.Errorf("the asset has the request ID %q, want %q, %v", a.RequestID, first.Header().Get("X-Request-Id"), err)
	}
	for who, want := range map[string]int{project: http.StatusOK, stranger: http.StatusNotFound} {
		if w := s.browser().signIn(t, who).send(t, "/ui/dump?from="+id, nil); w.Code != want || strings.Contains(w.Body.String(), "A film") != (want == http.StatusOK) {
			t.Errorf("the form from an asset for %.8s = %d", who, w.Code)
		}
	}
}

func TestUpload(t *testing.T) {
	s := newSiteWith(t, openObjects(t))
	if err := s.store.AuthorizeBucket(t.Context(), project, "source"); err != nil {
		t.Fatal(err)
	}
	upload := func(who, bucket, key, name string, size int) *httptest.ResponseRecorder {
		t.Helper()
		var body bytes.Buffer
		form := multipart.NewWriter(&body)
		_ = form.WriteField("bucket", bucket)
		_ = form.WriteField("object", key)
		file, _ := form.CreateFormFile("file", name)
		_, _ = file.Write(bytes.Repeat([]byte("x"), size))
		_ = form.Close()
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/ui/upload", &body)
		r.Header.Set("Content-Type", form.FormDataContentType())
		r.SetBasicAuth(who, password)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		return w
	}
	for _, c := range []struct {
		who, bucket, key, name string
		size, status           int
		stored                 string
	}{
		{project, "source", "", "film.mp4", 4, http.StatusSeeOther, "film.mp4"},
		{project, "source", "2026/", "film.mp4", 0, http.StatusSeeOther, "2026/film.mp4"},
		{project, "source", "big.mov", "film.mp4", 33 << 20, http.StatusSeeOther, "big.mov"},
		{project, "source", "", "../../<b>&.mp4", 4, http.StatusSeeOther, "<b>&.mp4"},
		{project, "source", "film.mp4", "other.mp4", 4, http.StatusConflict, ""},
		{project, "source", "film.mp4/below", "x.mp4", 4, http.StatusBadRequest, ""},
		{project, "source", strings.Repeat("k", 1025), "x.mp4", 4, http.StatusBadRequest, ""},
		{project, "source", "x", "", 4, http.StatusBadRequest, ""},
		{project, "closed", "", "film.mp4", 4, http.StatusForbidden, ""},
		{project, "foreign", "", "film.mp4", 4, http.StatusForbidden, ""},
		{project, "vod", "", "film.mp4", 4, http.StatusForbidden, ""},
		{project, strings.Repeat("b", maxUploadField+1), "", "film.mp4", 4, http.StatusBadRequest, ""},
		{reader, "source", "", "reader.mp4", 4, http.StatusForbidden, ""},
		{stranger, "source", "", "stranger.mp4", 4, http.StatusForbidden, ""},
	} {
		w := upload(c.who, c.bucket, c.key, c.name, c.size)
		if w.Code != c.status {
			t.Errorf("%.8s uploads %q as %s/%.20s = %d, want %d", c.who, c.name, c.bucket, c.key, w.Code, c.status)
			continue
		}
		if c.stored == "" {
			harmless(t, parsePage(t, w.Body.String()))
			if c.status == http.StatusConflict && strings.Contains(w.Body.String(), "offline") {
				t.Error("who sees the field at fault is told to validate a request offline")
			}
			continue
		}
		info, err := s.objects.Stat(t.Context(), "source", c.stored)
		if err != nil || info.Size != int64(c.size) {
			t.Errorf("%s has %d bytes, want %d, %v", c.stored, info.Size, c.size, err)
		}
		to, err := url.Parse(w.Header().Get("Location"))
		if err != nil || to.Path != "/ui/dump" || to.Query().Get("input.object") != c.stored {
			t.Errorf("the upload of %s leads to %s", c.stored, to)
		}
	}
	// Fields that the form does not have, and those that come twice, end the reading.
	for _, fields := range [][]string{{"bucket", "more"}, {"bucket", "bucket"}} {
		var body bytes.Buffer
		form := multipart.NewWriter(&body)
		for _, name := range fields {
			_ = form.WriteField(name, "source")
		}
		_, _ = form.CreateFormFile("file", "fields.mp4")
		_ = form.Close()
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/ui/upload", &body)
		r.Header.Set("Content-Type", form.FormDataContentType())
		r.SetBasicAuth(project, password)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code != http.StatusBadRequest {
			t.Errorf("the fields %q = %d", fields, w.Code)
		}
	}
	// A body that breaks off leaves nothing.
	cut := "--b\r\nContent-Disposition: form-data; name=\"bucket\"\r\n\r\nsource\r\n--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"cut.mp4\"\r\n\r\nhalf of"
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/ui/upload", strings.NewReader(cut))
	r.Header.Set("Content-Type", "multipart/form-data; boundary=b")
	r.SetBasicAuth(project, password)
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	if _, err := s.objects.Stat(t.Context(), "source", "cut.mp4"); w.Code != http.StatusBadRequest || err == nil {
		t.Errorf("half a file = %d, stored %v", w.Code, err == nil)
	}
}

// Retry leads to the same new asset while there is one, and makes another when that was deleted.
func TestRetryAfterDeletion(t *testing.T) {
	t.Parallel()
	s := newSiteWith(t, openObjects(t))
	if _, err := s.objects.Put(t.Context(), "source", "in/retried.mp4", "", strings.NewReader("x")); err != nil {
		t.Fatal(err)
	}
	failed := s.accept(t, func(n *asset.New) {
		n.Request = []byte(`{"title":"a film","video_type":"MP4","input":{"bucket":"source","location":"cn-north-4","object":"in/retried.mp4"}}`)
	})
	s.work(t, scripts{failed: s.fails("VOD.10003", "gone")})
	b := s.browser().signIn(t, project)
	retry := func() string {
		w := b.send(t, "/ui/assets/"+failed+"/retry", url.Values{})
		id, ok := strings.CutPrefix(w.Header().Get("Location"), "/ui/assets/")
		if !ok {
			t.Fatalf("retry = %d %s", w.Code, w.Body)
		}
		return id
	}
	made := map[string]bool{}
	for range 3 {
		id := retry()
		if again := retry(); made[id] || again != id {
			t.Errorf("retry leads to %s, then to %s, after %v", id, again, made)
		}
		made[id] = true
		if err := s.store.Delete(t.Context(), project, id); err != nil {
			t.Errorf("the asset of the retry: %v", err)
		}
	}
}
