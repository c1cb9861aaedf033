package ui

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vod-reproduction/vod/service/asset"
)

// What the stages of one asset gave.
var (
	film   = asset.Media{Bucket: "vod", Key: "assets/film.mp4", Size: 2_000_000, SHA256: strings.Repeat("ab", 32), ETag: "etag-1"}
	probed = asset.MediaInfo{
		Container: "MP4", Duration: 83 * time.Second, Size: 2_000_000, BitRate: 1_573_000, VideoCodec: "H.264", Width: 1280, Height: 720,
		FrameRate: 29.97002997, PixelFormat: "yuv420p", VideoBitRate: 1_440_000, AudioCodec: "AAC", Channels: 2, SampleRate: 44_100,
	}
	outputs = asset.Transcoded{Tool: "ffmpeg 7.1", Outputs: []asset.Output{
		{Name: "240p", File: "output/240p.mp4", Info: asset.MediaInfo{VideoCodec: "H.264", Width: 426, Height: 240, FrameRate: 25, BitRate: 350_000, Size: 400_000}},
		{Name: "720p", File: "output/720p.mp4", Info: asset.MediaInfo{VideoCodec: "H.264", AudioCodec: "AAC", Width: 1280, Height: 720, BitRate: 1_500_000, Size: 1_900_000}, Remuxed: true},
	}}
)

// snapshots are n of them, one a minute, with the second as the cover.
func snapshots(n int) asset.Snapshots {
	s := asset.Snapshots{Type: asset.ThumbnailTime, Cover: "snapshots/00002.jpg"}
	for i := range n {
		s.List = append(s.List, asset.Snapshot{Offset: time.Duration(i) * time.Minute, File: fmt.Sprintf("snapshots/%05d.jpg", i+1)})
	}
	return s
}

// results ends the asset with media, after its stages gave what is not nil.
func (s *site) results(media asset.Media, r asset.Results) script {
	return func(ctx context.Context, a asset.Attempt) error {
		outcome := asset.Outcome{Media: media, Publish: a.Asset.AutoPublish}
		if r.Review != nil {
			outcome.Blocked = r.Review.Suggestion == asset.Reject
			outcome.Publish = outcome.Publish && r.Review.Suggestion == asset.Pass
		}
		var errs []error
		for stage, result := range map[string]any{
			asset.StageProbe: r.Probe, asset.StageThumbnail: r.Thumbnail, asset.StageTranscode: r.Transcode, asset.StageReview: r.Review,
		} {
			if !reflect.ValueOf(result).IsNil() {
				errs = append(errs, s.store.Complete(ctx, a, asset.Stage{Name: stage, StartedAt: noon, EndedAt: noon}, result, nil))
			}
		}
		return errors.Join(append(errs, s.store.Finish(ctx, a, outcome))...)
	}
}

// processed asks for everything.
func processed(n *asset.New) {
	n.AutoPublish = true
	n.Plan = asset.Plan{
		Thumbnail: &asset.Thumbnail{Type: asset.ThumbnailTime}, Review: &asset.ReviewJob{},
		Transcode: &asset.Transcode{Group: "web", Format: asset.FormatMP4},
	}
}

func TestResultsOfPublishedAsset(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.accept(t, processed)
	pictures := snapshots(3)
	pictures.Remark = "Only 3 of 5 snapshots fit into 3m0s."
	s.work(t, scripts{id: s.results(film, asset.Results{Probe: &probed, Thumbnail: &pictures, Transcode: &outputs, Review: &asset.Verdict{
		Suggestion: asset.Pass, Text: asset.ReviewedText{Suggestion: asset.Pass}, Pictures: []asset.ReviewedPicture{{Suggestion: asset.Pass}},
	}})})
	base := "https://media.example/media/" + id + "/"

	page := s.page(t, "/ui/assets/"+id)
	section(t, page, "facts").wants(t, "Container MP4", "Length 1 min 23 s", "Bit rate 1.57 Mbit/s",
		"Picture H.264, 1280 × 720, 29.97 fps, yuv420p, 1.44 Mbit/s", "Sound AAC, stereo, 44.1 kHz")
	play := section(t, page, "play")
	if got, want := sources(play), []string{base + "film.mp4", base + "output/720p.mp4", base + "output/240p.mp4"}; !slices.Equal(got, want) {
		t.Errorf("%v is played, want %v", got, want)
	}
	if got := play.all("video")[0].attr["poster"]; got != base+"snapshots/00002.jpg" {
		t.Errorf("the poster is %q", got)
	}
	strip := section(t, page, "snapshots")
	strip.wants(t, "Only 3 of 5 snapshots")
	for i, item := range strip.all("li") {
		picture := fmt.Sprintf("%ssnapshots/%05d.jpg", base, i+1)
		if link := item.all("a")[0]; link.attr["href"] != picture || link.all("img")[0].attr["src"] != picture || link.all("img")[0].attr["alt"] == "" {
			t.Errorf("snapshot %d is %v", i+1, item)
		}
		if item.wants(t, fmt.Sprintf("%d:00", i)); strings.Contains(item.text, "cover") != (i == 1) {
			t.Errorf("snapshot %d is marked as %q", i+1, item.text)
		}
	}
	made := section(t, page, "outputs")
	made.wants(t, "MP4", "template group web", "encoder ffmpeg 7.1")
	rows := made.all("tr")[1:]
	rows[0].wants(t, "240p 426 × 240, 25 fps H.264 350 kbit/s 400 kB")
	rows[1].wants(t, "720p", "remuxed 1280 × 720 H.264, AAC 1.50 Mbit/s 1.90 MB")
	if got := rows[1].all("a")[0].attr["href"]; got != base+"output/720p.mp4" {
		t.Errorf("the output lies at %s", got)
	}
	section(t, page, "review").wants(t, "Verdict passed", "Title, description, tags passed", "0 of 1 did not pass")
}

// Of an asset that is not published, no file can be fetched.
func TestResultsOfUnpublishedAsset(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.accept(t, func(n *asset.New) { processed(n); n.AutoPublish = false })
	pictures := snapshots(3)
	s.work(t, scripts{id: s.results(film, asset.Results{Probe: &probed, Thumbnail: &pictures, Transcode: &outputs})})
	response := s.ask(t, project, http.MethodGet, "/ui/assets/"+id)
	if strings.Contains(response.Body.String(), "media.example") || response.Header().Get("Content-Security-Policy") != policy {
		t.Errorf("the page leads to files:\n%s", response.Body)
	}
	page := parsePage(t, response.Body.String())
	section(t, page, "snapshots").wants(t, "3 of them are stored", "as soon as the asset is published")
	section(t, page, "outputs").wants(t, "240p", "720p")
	section(t, page, "facts").wants(t, "H.264")
}

// The page of a film with a thousand snapshots shows some from its whole length.
func TestManySnapshots(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.accept(t, processed)
	pictures := snapshots(1000)
	s.work(t, scripts{id: s.results(film, asset.Results{Thumbnail: &pictures})})
	strip := section(t, s.page(t, "/ui/assets/"+id), "snapshots")
	items := strip.all("li")
	if len(items) != stripLength {
		t.Fatalf("%d snapshots are shown", len(items))
	}
	items[0].wants(t, "0:00")
	items[stripLength-1].wants(t, "15:16:00")
	strip.wants(t, "12 of 1000")
}

func TestReviewedAssets(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	doubtful, rejected, strange := s.accept(t, processed), s.accept(t, processed), s.accept(t, processed)
	frame := func(at time.Duration, of asset.Suggestion) asset.ReviewedPicture {
		return asset.ReviewedPicture{Suggestion: of, Snapshot: asset.Snapshot{Offset: at, File: "review/00001.jpg"}}
	}
	cover := frame(65*time.Second, asset.Reject)
	cover.Cover, cover.Porn, cover.Terrorism = true, []asset.Label{{Label: "nude", Confidence: 0.97}, {Label: "kiss", Confidence: 0.6}}, []asset.Label{{Label: "knife", Confidence: 0.51}}
	many := asset.Verdict{Suggestion: asset.Doubt, Text: asset.ReviewedText{Suggestion: asset.Doubt, Politics: "party", Abuse: "idiot"}}
	for range maxPictures + 1 {
		many.Pictures = append(many.Pictures, frame(time.Second, asset.Doubt), frame(time.Second, asset.Pass))
	}
	s.work(t, scripts{
		doubtful: s.results(film, asset.Results{Review: &many}),
		rejected: s.results(film, asset.Results{Review: &asset.Verdict{
			Suggestion: asset.Reject, Text: asset.ReviewedText{Suggestion: asset.Pass}, Pictures: []asset.ReviewedPicture{frame(0, asset.Pass), cover},
		}}),
		strange: s.results(film, asset.Results{Review: &asset.Verdict{Suggestion: "maybe"}}),
	})

	page := s.page(t, "/ui/assets/"+doubtful)
	page.wants(t, "Ready, not published CREATED", "needs manual review")
	review := section(t, page, "review")
	review.wants(t, "Verdict needs manual review", "Title, description, tags needs manual review politics: party abuse: idiot", "9 of 18 did not pass")
	if got := strings.Count(review.text, "at 0:01"); got != maxPictures {
		t.Errorf("%d frames are shown", got)
	}
	page = s.page(t, "/ui/assets/"+rejected)
	page.wants(t, "Ready, never to be published CREATED", "review rejected it", "Verdict rejected", "1 of 2 did not pass",
		"at 1:05, cover rejected terrorism: knife (0.51) porn: nude (0.97), kiss (0.60)")
	s.page(t, "/ui/assets/"+strange).wants(t, "Verdict maybe")
}

// Stages that do not count bytes tell how far they are in percent.
func TestPercent(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.accept(t, processed)
	running := func(name string, percent int) asset.Stage {
		return asset.Stage{Name: name, State: asset.StageRunning, StartedAt: noon, Percent: percent}
	}
	s.work(t, scripts{id: s.reports(running(asset.StageThumbnail, 42), running(asset.StageTranscode, 0), running(asset.StageReview, 900))})
	stages := section(t, s.page(t, "/ui/assets/"+id), "stages").all("li")
	for i, want := range []struct{ text, value, max string }{
		{"thumbnail running 1 min 30 s 42 %", "42", "100"},
		{"transcode running 1 min 30 s", "", ""},
		{"review running 1 min 30 s 100 %", "100", "100"},
	} {
		stage := stages[3+i]
		stage.wants(t, want.text)
		if bar := stage.all("progress")[0].attr; bar["value"] != want.value || bar["max"] != want.max {
			t.Errorf("the bar of %q is %v", want.text, bar)
		}
	}
	s.page(t, "/ui/").one(t, "small", "thumbnail, 42 %")
}

// Preheating begins when the asset is published, and its page follows it.
func TestPreheating(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	preheated := func(n *asset.New) { n.Plan.Preheat = true }
	id, failed := s.accept(t, preheated), s.accept(t, preheated)
	s.work(t, scripts{id: s.finishes(7), failed: s.fails("VOD.10003", "gone")})
	last := func(id string) (*node, bool) {
		page := s.page(t, "/ui/assets/"+id)
		stages := section(t, page, "stages").all("li")
		_, renews := page.all("body")[0].attr["data-refresh"]
		return stages[len(stages)-1], renews
	}
	stage, renews := last(failed)
	if stage.wants(t, "preheat not done"); renews {
		t.Error("the page of a failed asset renews itself")
	}
	stage, renews = last(id)
	if stage.wants(t, "preheat waiting"); renews {
		t.Error("the page renews itself though nothing will change before the asset is published")
	}
	if _, err := s.store.Publish(t.Context(), project, id); err != nil {
		t.Fatal(err)
	}
	<-s.preheating
	stage, renews = last(id)
	if stage.wants(t, "preheat waiting"); !renews {
		t.Error("the page does not renew itself though files are being loaded")
	}
	s.preheated <- errors.New("no cache responds")
	for renews { // the database is written after the prefetcher has ended
		stage, renews = last(id)
	}
	stage.wants(t, "preheat failed", "1 of 1 files were not loaded into the CDN caches")
}
