package ui

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
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
		response := s.ask(t, project, http.MethodGet, "/ui/assets/"+id)
		page := parsePage(t, response.Body.String())
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
		if got := response.Header().Get("Content-Security-Policy"); got != wantPolicy {
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

// encrypts keeps a key for the asset before it ends.
func (s *site) encrypts(key string) script {
	return func(ctx context.Context, a asset.Attempt) error {
		_, err := s.store.Cipher(ctx, a, s.keys.Seal(a.Asset.ID, []byte(key)))
		return errors.Join(err, s.finishes(7)(ctx, a))
	}
}

// The key is for signed-in users of the asset's own project; to all others it
// looks like what was never there.
func TestKey(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	const secret = "0123456789\x00\n<&\xff~"
	id, plain := s.accept(t, func(n *asset.New) { n.AutoPublish = true }), s.accept(t, nil)
	s.work(t, scripts{id: s.encrypts(secret), plain: s.finishes(7)})

	path := KeyPath("/ui", id)
	got := s.ask(t, project, http.MethodGet, path)
	if got.Code != http.StatusOK || got.Body.String() != secret {
		t.Fatalf("GET %s = %d with %d bytes", path, got.Code, got.Body.Len())
	}
	for name, want := range map[string]string{
		"Content-Type": "application/octet-stream", "Content-Length": "16", "Cache-Control": "no-store", "Content-Security-Policy": policy,
		"X-Content-Type-Options": "nosniff", "Cross-Origin-Resource-Policy": "same-origin",
	} {
		if got := got.Header().Get(name); got != want {
			t.Errorf("%s of a key = %q, want %q", name, got, want)
		}
	}

	missing := map[string]string{}
	for _, who := range []string{project, stranger} {
		missing[who] = s.ask(t, who, http.MethodGet, KeyPath("/ui", strings.Repeat("0", 32))).Body.String()
	}
	for _, c := range []struct {
		name, project, path string
		status              int
	}{
		{"another project", stranger, path, http.StatusNotFound},
		{"an asset without a key", project, KeyPath("/ui", plain), http.StatusNotFound},
		{"no asset", project, KeyPath("/ui", "%2e%2e%2fx"), http.StatusNotFound},
		{"nobody", "", path, http.StatusUnauthorized},
	} {
		w := s.ask(t, c.project, http.MethodGet, c.path)
		if w.Code != c.status || strings.Contains(w.Body.String(), secret) || w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s gets %d: %s", c.name, w.Code, w.Body)
		}
		if c.status == http.StatusNotFound && w.Body.String() != missing[c.project] {
			t.Errorf("%s looks other than a missing asset:\n%s", c.name, w.Body)
		}
	}
	if w := s.ask(t, project, http.MethodPost, path); w.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST %s = %d", path, w.Code)
	}
	if page := s.ask(t, project, http.MethodGet, "/ui/assets/"+id); strings.Contains(page.Body.String(), secret) {
		t.Error("the page shows the key")
	}
}

// A key that cannot be read is a fault of the service, which does not tell its cause.
func TestKeyOfBrokenRecord(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	if err := s.store.Close(); err != nil {
		t.Fatal(err)
	}
	w := s.ask(t, project, http.MethodGet, KeyPath("/ui", strings.Repeat("0", 32)))
	if w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "sql") {
		t.Errorf("GET key = %d %s", w.Code, w.Body)
	}
}
