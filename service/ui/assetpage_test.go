package ui

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/vod-reproduction/vod/service/asset"
)

// section gives the part of the page below a heading.
func section(t *testing.T, page *node, id string) *node {
	t.Helper()
	for _, s := range page.all("section") {
		if s.attr["aria-labelledby"] == id {
			return s
		}
	}
	t.Fatalf("the page has no section %s\n%s", id, page.text)
	return nil
}

func TestPublishedAsset(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.accept(t, func(n *asset.New) {
		n.Title, n.Description, n.Tags, n.AutoPublish = "Holiday", "at the sea", "sea,sun", true
		n.Requested = []string{"thumbnail", "transcode"}
	})
	copied := asset.Stage{
		Name: "copy", State: asset.StageDone, StartedAt: noon, EndedAt: noon.Add(83 * time.Second), Bytes: 2_000_000, Total: 2_000_000,
	}
	finish := s.finishes(2_000_000)
	s.work(t, scripts{id: func(ctx context.Context, a asset.Attempt) error {
		return errors.Join(s.store.Progress(ctx, a, copied), finish(ctx, a))
	}})

	answer := s.ask(t, project, http.MethodGet, "/ui/assets/"+id)
	if got := answer.Header().Get("Content-Security-Policy"); got != policy+"; media-src https://media.example" {
		t.Errorf("Content-Security-Policy = %q", got)
	}
	page := parsePage(t, answer.Body.String())
	page.one(t, "title", "Holiday · vod")
	page.one(t, "h1", "Holiday")
	page.wants(t, "Published PUBLISHED The file is stored")
	video := section(t, page, "play").all("video")
	if want := "https://media.example/media/" + id + "/a%20film.mp4"; len(video) != 1 || video[0].attr["src"] != want {
		t.Errorf("the player is %v", video)
	}
	stages := section(t, page, "stages").all("li")
	if len(stages) != 3 {
		t.Fatalf("the timeline has %d stages", len(stages))
	}
	stages[0].wants(t, "copy done 1 min 23 s", "2.00 MB of 2.00 MB, 100 %", "from 2026-05-01 12:00:00 UTC")
	stages[1].wants(t, "thumbnail not done", "this service does not do it")
	stages[2].wants(t, "transcode not done")
	if bar := stages[0].all("progress"); len(bar) != 1 || bar[0].attr["value"] != "2000000" || bar[0].attr["max"] != "2000000" {
		t.Errorf("the bar is %v", bar)
	}
	if len(stages[1].all("progress")) != 0 {
		t.Error("work that is not done has a bar")
	}
	files := section(t, page, "files")
	files.one(t, "h2", "Source → copy")
	files.wants(t, "obs://source/in/film.mp4", "cn-north-4", "obs://vod/assets/film.mp4", "2.00 MB 2,000,000 bytes", "etag-1")
	if sum := files.one(t, "code", "abab"); sum.text != strings.Repeat("ab", 32) || sum.attr["class"] != "copy" {
		t.Errorf("the checksum cannot be copied: %q", sum.text)
	}
	section(t, page, "about").wants(t, id, "at the sea", "sea,sun", "Other", "req-1",
		"/v1.0/"+project+"/asset/info?asset_id="+id, "/v1.0/"+project+"/asset/details?asset_id="+id)
	if got := section(t, page, "request").all("pre")[0].text; got != "{\n  \"title\": \"a film\",\n  \"input\": {\n    \"bucket\": \"source\"\n  }\n}" {
		t.Errorf("the request is shown as %s", got)
	}
	if _, renews := page.all("body")[0].attr["data-refresh"]; renews {
		t.Error("a finished asset renews itself")
	}
	for _, e := range page.all("time") {
		if _, err := time.Parse(time.RFC3339Nano, e.attr["datetime"]); err != nil || !strings.HasSuffix(e.attr["datetime"], "Z") {
			t.Errorf("time %v", e.attr)
		}
	}
}

func TestUnpublishedAssetHasNoPlayer(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.accept(t, func(n *asset.New) { n.StorageMode = 1 })
	s.work(t, scripts{id: s.finishes(7)})
	answer := s.ask(t, project, http.MethodGet, "/ui/assets/"+id)
	if strings.Contains(answer.Body.String(), "media.example") {
		t.Errorf("the address of the media is shown:\n%s", answer.Body)
	}
	page := parsePage(t, answer.Body.String())
	page.wants(t, "Ready, not published CREATED", "Source → kept in place", "stays in the tenant's bucket")
	if len(page.all("video"))+len(page.all("audio")) != 0 {
		t.Error("an unpublished asset has a player")
	}
}

func TestAudioPlayer(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.accept(t, func(n *asset.New) { n.VideoType, n.AutoPublish = "FLAC", true })
	s.work(t, scripts{id: func(ctx context.Context, a asset.Attempt) error {
		return s.store.Finish(ctx, a, asset.Media{Bucket: "vod", Key: "assets/song.flac", Size: 7, ContentType: "audio/flac"})
	}})
	if page := s.page(t, "/ui/assets/"+id); len(page.all("audio")) != 1 || len(page.all("video")) != 0 {
		t.Error("sound has no audio element")
	}
}

func TestFailedAsset(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.accept(t, nil)
	s.work(t, scripts{id: func(ctx context.Context, a asset.Attempt) error {
		return errors.Join(
			s.store.Progress(ctx, a, asset.Stage{Name: "stat", State: asset.StageRunning, StartedAt: noon}),
			s.store.Progress(ctx, a, asset.Stage{Name: "copy", State: asset.StageWaiting}),
			s.store.Fail(ctx, a, "VOD.10003", "The object is not there."))
	}})
	page := s.page(t, "/ui/assets/"+id)
	page.wants(t, "Failed OBS_CREATE_FAILED", "Why it failed", "The object is not there. VOD.10003", "What to do: check input.object")
	stages := section(t, page, "stages").all("li")
	stages[0].wants(t, "stat failed", "The object is not there.")
	stages[1].wants(t, "copy not reached")
}

func TestAssetBeingMade(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	fresh := s.accept(t, nil)
	page := s.page(t, "/ui/assets/"+fresh)
	page.wants(t, "Waiting to start OBS_CREATING", "No stage was reported yet")

	working, retrying := s.accept(t, nil), s.accept(t, nil)
	s.work(t, scripts{
		working: s.reports(
			asset.Stage{Name: "stat", State: asset.StageRunning, StartedAt: noon},
			asset.Stage{Name: "copy", State: asset.StageRunning, StartedAt: noon.Add(time.Minute), Bytes: 500, Total: 2000},
			asset.Stage{Name: "verify", State: asset.StageWaiting}),
		retrying: func(context.Context, asset.Attempt) error {
			return asset.Temporary("VOD.10003", "The object is not there yet.", errors.New("dial tcp 10.0.0.1: refused"))
		},
	})
	page = s.page(t, "/ui/assets/"+working)
	page.wants(t, "Being made OBS_CREATING", "Attempt 1")
	stages := section(t, page, "stages").all("li")
	stages[0].wants(t, "stat running 1 min 30 s")
	stages[1].wants(t, "copy running 30.0 s", "500 B of 2.00 kB, 25 %")
	stages[2].wants(t, "verify waiting")
	if bar := stages[0].all("progress")[0].attr; bar["max"] != "" {
		t.Errorf("a stage of unknown length has the bar %v", bar)
	}
	if page.all("body")[0].attr["data-refresh"] != "3" {
		t.Error("the page does not renew itself")
	}
	still := s.page(t, page.one(t, "a", "Pause").attr["href"])
	if _, renews := still.all("body")[0].attr["data-refresh"]; renews || len(still.all("noscript")) != 0 {
		t.Error("the page renews itself though it is paused")
	}
	if got := still.one(t, "a", "Resume").attr["href"]; got != "/ui/assets/"+working {
		t.Errorf("resuming leads to %s", got)
	}

	page = s.page(t, "/ui/assets/"+retrying)
	page.wants(t, "Being made", "Why the latest attempt failed", "The object is not there yet. VOD.10003", "repeated by itself")
	if strings.Contains(page.text, "10.0.0.1") || strings.Contains(page.text, "What to do") {
		t.Error("the page shows the cause, or asks for a step that is not needed")
	}
}

func TestRequestIsGivenByteForByte(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	body := " {\"title\" : \"<script>alert(1)</script>\"}\n"
	id := s.accept(t, func(n *asset.New) { n.Request = []byte(body) })
	page := s.page(t, "/ui/assets/"+id)
	saved := s.ask(t, project, http.MethodGet, page.one(t, "a", "byte for byte").attr["href"])
	if saved.Body.String() != body {
		t.Errorf("the request is %q", saved.Body)
	}
	h := saved.Header()
	if h.Get("Content-Type") != "application/json" || h.Get("Content-Disposition") != `attachment; filename="request-`+id+`.json"` {
		t.Errorf("a browser would show it: %v", h)
	}
}

func TestUnusableMediaURLs(t *testing.T) {
	t.Parallel()
	for _, address := range []string{
		"javascript:alert(1)", "//host/x", "/media/x", "", "ftp://host/x", "http://", "https://a;script-src *", "http://a;b/x", "http://a,b/x", "http://'self'/", "%zz",
	} {
		u := &ui{Config: Config{MediaURL: func(asset.Asset) string { return address }}}
		if p := u.newPlayer(asset.Asset{State: asset.Published, Media: &asset.Media{}}); p != nil {
			t.Errorf("%q is played from %q", address, p.Origin)
		}
	}
	u := &ui{Config: Config{MediaURL: func(asset.Asset) string { return "http://[::1]:8080/media/x" }}}
	if p := u.newPlayer(asset.Asset{State: asset.Published, Media: &asset.Media{}}); p == nil || p.Origin != "http://[::1]:8080" {
		t.Errorf("a loopback address is played by %v", p)
	}
}
