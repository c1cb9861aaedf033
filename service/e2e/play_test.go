package e2e_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/vod-reproduction/vod/gen"
	"github.com/vod-reproduction/vod/internal/servicetest"
)

// playing starts the player and returns what it shows after a second of the film, or when it gives up.
const playing = `new Promise((ended, failed) => {
	const video = document.querySelector("video");
	const report = () => ended({At: video.currentTime, Width: video.videoWidth, By: new URL(video.src).protocol, Note: video.nextElementSibling.textContent});
	video.muted = true;
	video.addEventListener("timeupdate", () => video.currentTime > 1 && report());
	new MutationObserver(report).observe(video.nextElementSibling, {childList: true});
	if (video.nextElementSibling.textContent) return report();
	video.play().catch(failed);
})`

// playback is what playing saw.
type playback struct {
	At    float64 // seconds
	Width int     // pixels
	By    string  // where the player has the film from: "blob:" is the script
	Note  string  // to the visitor
}

// renewing starts the player, renews the page at once and reports whether the player is still there.
const renewing = `(async () => {
	const video = document.querySelector("video");
	video.muted = true;
	video.play().catch(() => {});
	await renew();
	return video.isConnected;
})()`

// decoding returns the width of every picture of a page, in pixels. It does without HTMLImageElement.decode, which waits
// for a frame that a browser without a window may never paint.
const decoding = `Promise.all([...document.images].map(async picture => {
	picture.loading = "eager";
	if (!picture.complete) await new Promise((loaded, failed) => { picture.onload = loaded; picture.onerror = failed; });
	return (await createImageBitmap(picture)).width;
}))`

// TestPlay plays an encrypted film on the asset's page, in a browser: for those who signed in, and for nobody else.
func TestPlay(t *testing.T) {
	servicetest.SkipShort(t, "it needs a browser")
	s := work(t)
	id := s.process(t, "film.mp4", func(r *gen.DumpRequest) {
		r.TemplateGroupName, r.AutoEncrypt, r.AutoPublish = new(servicetest.HLSGroup), new(gen.AutoEncryptOn), new(gen.AutoPublishOn)
		r.Thumbnail = &gen.Thumbnail{Type: gen.ThumbnailTypeQuantity, Quantity: new(int32(3))}
	}).AssetID
	page, key := s.URL+"/ui/assets/"+id, s.URL+"/ui/assets/"+id+"/key"
	b := startBrowser(t)

	t.Run("signed in", func(t *testing.T) {
		visitor := b.open(t, person{user: servicetest.UserName, password: servicetest.UserSecret})
		visitor.visit(t, page)
		var kept bool
		visitor.evaluate(t, renewing, &kept)
		if !kept {
			t.Error("a renewal of the page replaces a player that is about to play")
		}
		var got playback
		visitor.evaluate(t, playing, &got)
		if got.At <= 1 || got.Width == 0 || got.By != "blob:" || got.Note != "" {
			t.Errorf("the player shows %+v", got)
		}
		if got := visitor.status(key); got != http.StatusOK {
			t.Errorf("the key gets %d", got)
		}
		var pictures []int
		visitor.evaluate(t, decoding, &pictures)
		if len(pictures) != 3 || pictures[0] == 0 {
			t.Errorf("the snapshots are %v pixels wide", pictures)
		}
		if said := visitor.complaints(); said != "" {
			t.Errorf("the browser complains:\n%s", said)
		}
	})

	// The same page in a browser that has credentials for the page alone, and none when the player asks for the key.
	t.Run("signed out", func(t *testing.T) {
		visitor := b.open(t, person{pageOnly: true, user: servicetest.UserName, password: servicetest.UserSecret})
		visitor.visit(t, page)
		var got playback
		visitor.evaluate(t, playing, &got)
		if got.At != 0 || got.Width != 0 || !strings.Contains(got.Note, "The stream does not play (keyLoadError)") {
			t.Errorf("the player shows %+v", got)
		}
		if got := visitor.status(key); got != http.StatusUnauthorized {
			t.Errorf("the key gets %d", got)
		}
	})
}
