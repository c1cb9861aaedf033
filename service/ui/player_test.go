package ui

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/vod-reproduction/vod/service/asset"
)

// streamed has the outputs of an HLS template group.
var streamed = asset.Results{Transcode: &asset.Transcoded{Outputs: []asset.Output{
	{File: "output/master.m3u8"},
	{Name: "360p", File: "output/360p/index.m3u8", Info: asset.MediaInfo{Width: 640, Height: 360}},
}}}

func TestStream(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	hls := func(n *asset.New) {
		processed(n)
		n.Plan.Transcode.Format, n.Plan.Transcode.Encrypt = asset.FormatHLS, true
	}
	made, hidden := s.accept(t, hls), s.accept(t, func(n *asset.New) { hls(n); n.AutoPublish = false })
	plain := s.accept(t, func(n *asset.New) { hls(n); n.Plan.Transcode.Encrypt = false })
	recording := s.accept(t, func(n *asset.New) {
		n.VideoType, n.Source.Key, n.StorageMode, n.AutoPublish = asset.TypeHLS, "in/live.m3u8", 1, true
	})
	s.work(t, scripts{made: s.results(film, streamed), plain: s.results(film, streamed), hidden: s.results(film, streamed), recording: s.finishes(7)})

	for id, want := range map[string][]string{made: {"output/master.m3u8"}, plain: {"output/master.m3u8", "film.mp4"}, recording: {"live.m3u8"}, hidden: nil} {
		answer := s.ask(t, project, http.MethodGet, "/ui/assets/"+id)
		page := parsePage(t, answer.Body.String())
		for i := range want {
			want[i] = "https://media.example/media/" + id + "/" + want[i]
		}
		if got := sources(page); !slices.Equal(got, want) {
			t.Errorf("%v is played, want %v", got, want)
		}
		var scripts []string
		for _, script := range page.all("script") {
			scripts = append(scripts, script.attr["src"])
		}
		wantPolicy, wantScripts := policy, []string{"/ui/static/script.js"}
		if want != nil {
			wantPolicy = fixedPolicy + "connect-src 'self' https://media.example; img-src 'self' https://media.example; media-src blob: https://media.example"
			wantScripts = []string{"/ui/static/hls.min.js", "/ui/static/script.js"} // the latter needs the former
			if got := page.all("source")[0].attr["type"]; got != "application/vnd.apple.mpegurl" {
				t.Errorf("the playlist is marked as %q", got)
			}
			if got := page.all("video")[0].attr["preload"]; got != "none" {
				t.Errorf("the browser loads %q before the script can", got)
			}
		}
		if !slices.Equal(scripts, wantScripts) {
			t.Errorf("the page has the scripts %v, want %v", scripts, wantScripts)
		}
		if got := answer.Header().Get("Content-Security-Policy"); got != wantPolicy {
			t.Errorf("Content-Security-Policy = %q, want %q", got, wantPolicy)
		}
	}
	section(t, s.page(t, "/ui/assets/"+made), "outputs").wants(t, "HLS", "encrypted with AES-128", "Adaptive (all renditions)", "360p 640 × 360")
}

// The player is the one that hls.txt, with its license, says it is.
func TestPlayerIsUnchanged(t *testing.T) {
	t.Parallel()
	files := loadStatic()
	sum := sha256.Sum256(files["hls.min.js"].body)
	about := string(files["hls.txt"].body)
	if !strings.Contains(about, "SHA-256: "+hex.EncodeToString(sum[:])+"\n") || !strings.Contains(about, "Apache License, Version 2.0") {
		t.Errorf("hls.min.js is not what scripts/hls.sh wrote: SHA-256 %x, but hls.txt says\n%s", sum, about)
	}
}
