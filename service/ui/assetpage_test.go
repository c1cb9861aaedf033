package ui

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vod-reproduction/vod/service/asset"
)

// section returns the part of the page below a heading.
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

// sources returns the addresses that a player tries.
func sources(n *node) (addresses []string) {
	for _, s := range n.all("source") {
		addresses = append(addresses, s.attr["src"])
	}
	return addresses
}

func TestPublishedAsset(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.accept(t, func(n *asset.New) {
		n.Title, n.Description, n.Tags, n.AutoPublish = "Holiday", "at the sea", "sea,sun", true
		n.Source.Key = "in/a film.mp4"
		n.Plan = asset.Plan{Thumbnail: &asset.Thumbnail{}, Transcode: &asset.Transcode{}}
	})
	copied := asset.Stage{
		Name: "copy", State: asset.StageDone, StartedAt: noon, EndedAt: noon.Add(83 * time.Second), Bytes: 2_000_000, Total: 2_000_000,
	}
	finish := s.finishes(2_000_000)
	s.work(t, scripts{id: func(ctx context.Context, a asset.Attempt) error {
		left := asset.Stage{Name: asset.StageThumbnail, State: asset.StageNotDone, Error: "audio has no picture"}
		return errors.Join(s.store.Progress(ctx, a, copied), s.store.Progress(ctx, a, left), finish(ctx, a))
	}})

	response := s.ask(t, project, http.MethodGet, "/ui/assets/"+id)
	if got := response.Header().Get("Content-Security-Policy"); got != fixedPolicy+"connect-src 'self'; img-src 'self' https://media.example; media-src https://media.example" {
		t.Errorf("Content-Security-Policy = %q", got)
	}
	page := parsePage(t, response.Body.String())
	page.one(t, "title", "Holiday · vod")
	page.one(t, "h1", "Holiday")
	page.wants(t, "Published PUBLISHED The file is stored")
	play := section(t, page, "play")
	if want := "https://media.example/media/" + id + "/a%20film.mp4"; len(play.all("video")) != 1 || !slices.Equal(sources(play), []string{want}) ||
		play.one(t, "a", "Open the file").attr["href"] != want {
		t.Errorf("%v is played", sources(play))
	}
	stages := section(t, page, "stages").all("li")
	if len(stages) != 6 {
		t.Fatalf("the timeline has %d stages", len(stages))
	}
	stages[0].wants(t, "copy done 1 min 23 s", "2.00 MB of 2.00 MB, 100 %", "from 2026-05-01 12:00:00 UTC")
	stages[1].wants(t, "verify not reached")
	stages[3].wants(t, "thumbnail not done", "audio has no picture")
	if bar := stages[0].all("progress"); len(bar) != 1 || bar[0].attr["value"] != "2000000" || bar[0].attr["max"] != "2000000" {
		t.Errorf("the bar is %v", bar)
	}
	if len(stages[3].all("progress")) != 0 {
		t.Error("work that is not done has a bar")
	}
	files := section(t, page, "files")
	files.one(t, "h2", "Source → copy")
	files.wants(t, "obs://source/in/a film.mp4", "cn-north-4", "obs://vod/assets/film.mp4", "2.00 MB 2,000,000 bytes", "etag-1")
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
	response := s.ask(t, project, http.MethodGet, "/ui/assets/"+id)
	if strings.Contains(response.Body.String(), "media.example") {
		t.Errorf("the address of the media is shown:\n%s", response.Body)
	}
	page := parsePage(t, response.Body.String())
	page.wants(t, "Ready, not published CREATED", "Source → kept in place", "stays in your bucket")
	if len(page.all("video"))+len(page.all("audio")) != 0 {
		t.Error("an unpublished asset has a player")
	}
}

func TestAudioPlayer(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.accept(t, func(n *asset.New) { n.VideoType, n.AutoPublish = "FLAC", true })
	s.work(t, scripts{id: func(ctx context.Context, a asset.Attempt) error {
		return s.finish(ctx, a, asset.Media{Bucket: "vod", Key: "assets/song.flac", Size: 7, ContentType: "audio/flac"})
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
			s.store.Progress(ctx, a, asset.Stage{Name: "copy", State: asset.StageRunning, StartedAt: noon}),
			s.store.Fail(ctx, a, "VOD.10003", "The object is not there."))
	}})
	page := s.page(t, "/ui/assets/"+id)
	page.wants(t, "Failed OBS_CREATE_FAILED", "Why it failed", "The object is not there. VOD.10003", "What to do: Check the names of bucket and object", "Retry Dump again with changes Delete")
	stages := section(t, page, "stages").all("li")
	stages[0].wants(t, "copy failed", "The object is not there.")
	stages[1].wants(t, "verify not done")
}

func TestAssetBeingMade(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	fresh := s.accept(t, nil)
	page := s.page(t, "/ui/assets/"+fresh)
	page.wants(t, "Waiting to start OBS_CREATING")
	if stages := section(t, page, "stages").all("li"); len(stages) != 4 || strings.Count(page.text, "waiting") < 4 {
		t.Errorf("not all stages wait: %s", page.text)
	}

	working, retrying := s.accept(t, nil), s.accept(t, nil)
	s.work(t, scripts{
		working: s.reports(
			asset.Stage{Name: "copy", State: asset.StageRunning, StartedAt: noon.Add(time.Minute), Bytes: 500, Total: 2000},
			asset.Stage{Name: "verify", State: asset.StageRunning, StartedAt: noon}),
		retrying: func(context.Context, asset.Attempt) error {
			return asset.Temporary("VOD.10003", "The object is not there yet.", errors.New("dial tcp 10.0.0.1: refused"))
		},
	})
	page = s.page(t, "/ui/assets/"+working)
	page.wants(t, "Processing OBS_CREATING", "Attempt 1")
	stages := section(t, page, "stages").all("li")
	stages[0].wants(t, "copy running 30.0 s", "500 B of 2.00 kB, 25 %")
	stages[1].wants(t, "verify running 1 min 30 s")
	stages[2].wants(t, "probe waiting")
	if bar := stages[1].all("progress")[0].attr; bar["max"] != "" {
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
	page.wants(t, "Processing", "Why the latest attempt failed", "The object is not there yet. VOD.10003", "tries again by itself")
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
