package ui

import (
	"html/template"
	"math"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/vod-reproduction/vod/service/asset"
)

func TestSize(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]string{
		0: "0 B", 999: "999 B", 1000: "1.00 kB", 9994: "9.99 kB", 9996: "10.0 kB", 99_960: "100 kB", 999_499: "999 kB",
		999_500: "1.00 MB", 1_573_001_232: "1.57 GB", math.MaxInt64: "9.22 EB",
	} {
		if got := size(n); got != want {
			t.Errorf("size(%d) = %q, want %q", n, got, want)
		}
	}
}

func TestExact(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]string{
		0: "0 bytes", 999: "999 bytes", 1000: "1,000 bytes", 1_573_001_232: "1,573,001,232 bytes", -100: "-100 bytes",
	} {
		if got := exact(n); got != want {
			t.Errorf("exact(%d) = %q, want %q", n, got, want)
		}
	}
}

func TestDuration(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		-time.Hour:                            "0 ms",
		999 * time.Millisecond:                "999 ms",
		time.Second:                           "1.0 s",
		59*time.Second + 999*time.Millisecond: "59.9 s",
		time.Minute:                           "1 min 00 s",
		time.Hour - time.Second:               "59 min 59 s",
		25*time.Hour + 61*time.Second:         "25 h 01 min",
	} {
		if got := duration(d); got != want {
			t.Errorf("duration(%v) = %q, want %q", d, got, want)
		}
	}
}

func TestRate(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]string{-1: "", 0: "", 999: "999 bit/s", 128_000: "128 kbit/s", 1_573_000: "1.57 Mbit/s"} {
		if got := rate(n); got != want {
			t.Errorf("rate(%d) = %q, want %q", n, got, want)
		}
	}
}

func TestClock(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		-time.Second: "0:00", 999 * time.Millisecond: "0:00", 65 * time.Second: "1:05", time.Hour - 1: "59:59", 25*time.Hour + time.Second: "25:00:01",
	} {
		if got := clock(d); got != want {
			t.Errorf("clock(%v) = %q, want %q", d, got, want)
		}
	}
}

// Whatever text holds, what clip leaves of it fits its place on a page.
func TestClip(t *testing.T) {
	t.Parallel()
	written := template.Must(template.New("").Parse(`{{.}}`))
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.StringMatching(`["'&+<>\x00a]*`)).Draw(t, "text")
		limit := rapid.IntRange(0, 40).Draw(t, "limit")
		got := clip(limit, text)
		if got == text {
			return
		}
		kept, marked := strings.CutSuffix(got, "…")
		rest, ok := strings.CutPrefix(text, kept)
		if !ok || !marked {
			t.Fatalf("clip(%d, %q) = %q is not its beginning", limit, text, got)
		}
		bytes := func(text string) int {
			var page strings.Builder
			if err := written.Execute(&page, text); err != nil {
				t.Fatal(err)
			}
			return len(strings.ToValidUTF8(page.String(), "\uFFFD"))
		}
		_, next := utf8.DecodeRuneInString(rest)
		if bytes(kept) > limit || bytes(kept+rest[:next]) <= limit {
			t.Fatalf("clip(%d, %q) = %q is cut in the wrong place", limit, text, got)
		}
	})
}

// published is an asset whose files can be fetched, as far as links know.
var published = asset.Asset{State: asset.Published, Media: &asset.Media{}, Source: asset.Location{Key: "in/film.mp4"}}

func TestUnusableMediaURLs(t *testing.T) {
	t.Parallel()
	for _, address := range []string{
		"javascript:alert(1)", "//host/x", "/media/x", "", "ftp://host/x", "http://", "https://a;script-src *", "http://a;b/x", "http://a,b/x", "http://'self'/", "%zz",
	} {
		u := &ui{Config: Config{FileURL: func(asset.Asset, string) string { return address }}}
		if l := u.newLinks(published); l.Origin != "" || newPlayer(published, l) != nil || l.to("cover.jpg") != "" {
			t.Errorf("%q is used, from %q", address, l.Origin)
		}
	}
	u := &ui{Config: Config{FileURL: func(asset.Asset, string) string { return "http://[::1]:8080/media/x" }}}
	if l := u.newLinks(published); l.Origin != "http://[::1]:8080" {
		t.Errorf("a loopback address has the origin %q", l.Origin)
	}
}

// A page's content policy names one origin, so nothing is taken from another.
func TestFilesLieWithTheMedia(t *testing.T) {
	t.Parallel()
	u := &ui{Config: Config{FileURL: func(_ asset.Asset, name string) string {
		if name == "stray.jpg" {
			return "https://elsewhere.example/stray.jpg"
		}
		return "https://media.example/" + name
	}}}
	l := u.newLinks(published)
	for name, want := range map[string]string{"cover.jpg": "https://media.example/cover.jpg", "stray.jpg": "", "": ""} {
		if got := l.to(name); got != want {
			t.Errorf("the address of %q is %q, want %q", name, got, want)
		}
	}
	for _, state := range []asset.State{asset.Creating, asset.CreateFailed, asset.Created} {
		hidden := published
		hidden.State = state
		if l := u.newLinks(hidden); l.to("cover.jpg") != "" || newPlayer(hidden, l) != nil {
			t.Errorf("files of an asset that is %s have addresses", state)
		}
	}
}
