package pipeline

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vod-reproduction/vod/internal/servicetest"
	"github.com/vod-reproduction/vod/service/asset"
	"github.com/vod-reproduction/vod/service/keyring"
	"github.com/vod-reproduction/vod/service/media"
	"github.com/vod-reproduction/vod/service/media/mediatest"
	"github.com/vod-reproduction/vod/service/object"
)

const keyURL = "https://vod.example.com/key"

// findTools returns the real tools, which it tries only once: that takes as long as to probe a film.
var findTools = sync.OnceValues(func() (*media.Tools, error) {
	return media.Find(context.Background(), media.Config{})
})

// newStudio is a place that works on media with the real tools.
func newStudio(t *testing.T, f faults) *place {
	t.Helper()
	servicetest.NeedFFmpeg(t)
	p := newPlace(t, f)
	tools, err := findTools()
	if err != nil {
		t.Fatal(err)
	}
	keys, err := keyring.Open(filepath.Join(t.TempDir(), "key"), true)
	if err != nil {
		t.Fatal(err)
	}
	cfg := p.runner.cfg
	cfg.Tools, cfg.Scratch, cfg.Keys = tools, t.TempDir(), keys
	cfg.KeyURL = func(string) string { return keyURL }
	p.runner = New(p.assets, p.runner.objects, cfg)
	return p
}

// putFilm puts a film of four seconds.
func (p *place) putFilm(key string) {
	p.Helper()
	film, err := os.ReadFile(mediatest.Film{Frames: 100, Rate: 25, Width: 160, Height: 120, KeyEvery: 25}.Make(p))
	if err != nil {
		p.Fatal(err)
	}
	p.put(key, film)
}

var everything = asset.Plan{
	Thumbnail: &asset.Thumbnail{Type: asset.ThumbnailTime, Every: 2 * time.Second, Cover: 2, MaxLength: 100},
	Transcode: &asset.Transcode{Group: "g", Format: asset.FormatHLS, Segment: 2 * time.Second, Encrypt: true,
		Renditions: []asset.Rendition{{Name: "low", Height: 60}}},
}

// paths returns the keys of an asset's files below its own directory.
func (p *place) paths(a asset.Asset) (paths []string) {
	for _, line := range p.files(a) {
		key := strings.Fields(line)[1]
		_, path, _ := strings.Cut(key, a.ID+"/")
		paths = append(paths, path)
	}
	return paths
}

// An attempt that is cut off in the middle of its uploads is gone on with: what was recorded stays, what was not is made
// anew, and nothing else is left.
func TestGoesOn(t *testing.T) {
	t.Parallel()
	for mode := range 2 {
		t.Run(fmt.Sprintf("mode %d", mode), func(t *testing.T) {
			t.Parallel()
			var failed atomic.Bool
			p := newStudio(t, faults{put: func(key string) error {
				if strings.HasSuffix(key, "low/00001.ts") && !failed.Swap(true) {
					return fmt.Errorf("PUT: %w", object.ErrUnavailable)
				}
				return nil
			}})
			p.putFilm("in/film.mp4")
			n := p.request("in/film.mp4")
			n.Plan, n.StorageMode, n.AutoPublish = everything, mode, true
			if mode == 1 {
				n.OutputBucket, n.OutputPath = p.tenant, "/out/"
			}
			a := p.dump(n)
			if a.State != asset.Published || a.Attempt != 2 {
				t.Fatalf("asset is %s after %d attempts: %s %s", a.State, a.Attempt, a.ErrorCode, a.Reason)
			}
			want := []string{"2/output/low/00000.ts", "2/output/low/00001.ts", "2/output/low/index.m3u8", "2/output/master.m3u8",
				"1/snapshots/00001.jpg", "1/snapshots/00002.jpg"}
			if got := p.paths(a); !slices.Equal(got, want) {
				t.Errorf("files are %q, want %q", got, want)
			}
			if a.Results.Thumbnail.Cover != "snapshots/00002.jpg" {
				t.Errorf("the cover is %q", a.Results.Thumbnail.Cover)
			}
			for _, st := range a.Stages {
				if st.State != asset.StageDone {
					t.Errorf("stage %s is %s", st.Name, st.State)
				}
			}
			p.stopped()
			keep := []string{a.Media.Key}
			prefix := "assets/"
			if mode == 1 {
				keep, prefix = []string{"in/film.mp4"}, "out/"
			}
			for _, path := range want {
				keep = append(keep, prefix+a.ID+"/"+path)
			}
			slices.Sort(keep)
			p.expectKeys(a.Media.Bucket, keep...)
			if left, err := os.ReadDir(p.runner.cfg.Scratch); err != nil || len(left) != 0 {
				t.Errorf("%d working directories are left, %v", len(left), err)
			}
		})
	}
}

// A store that is away for a moment costs an attempt, and nothing that was done before.
func TestStoreAwayWhenGoingOn(t *testing.T) {
	servicetest.SkipShort(t, "it encodes")
	t.Parallel()
	var cut, away atomic.Bool
	p := newStudio(t, faults{put: func(key string) error {
		if strings.HasSuffix(key, ".m3u8") && !cut.Swap(true) {
			return fmt.Errorf("PUT: %w", object.ErrUnavailable)
		}
		return nil
	}, stat: func(key string) error {
		if cut.Load() && strings.HasPrefix(key, "assets/") && !away.Swap(true) {
			return fmt.Errorf("HEAD: %w", object.ErrUnavailable)
		}
		return nil
	}})
	p.putFilm("in/film.mp4")
	n := p.request("in/film.mp4")
	n.Plan = everything
	a := p.dump(n)
	if a.State != asset.Created || a.Attempt != 3 || !away.Load() {
		t.Fatalf("asset is %s after %d attempts: %s %s", a.State, a.Attempt, a.ErrorCode, a.Reason)
	}
	if got := p.paths(a); !slices.Contains(got, "1/snapshots/00001.jpg") {
		t.Errorf("the snapshots were taken again: %q", got)
	}
}

// What cannot be done fails the asset with a reason, and leaves nothing behind.
func TestCannotProcess(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change       func(p *place, n *asset.New)
		code, reason string
	}{
		"no film": {func(p *place, n *asset.New) { n.Source.Key = "text.mp4" }, "VOD.10063", "MP4"},
		"no dot": {func(_ *place, n *asset.New) {
			n.Plan.Thumbnail = &asset.Thumbnail{Type: asset.ThumbnailDots, Dots: []time.Duration{time.Hour}, Cover: 1}
		}, "VOD.10104", "beyond the end"},
		"too many": {func(_ *place, n *asset.New) {
			n.Plan.Thumbnail = &asset.Thumbnail{Type: asset.ThumbnailTime, Every: 100 * time.Microsecond, Cover: 1}
		}, "VOD.10104", "longer interval"},
		"no output bucket": {func(_ *place, n *asset.New) { n.StorageMode, n.OutputBucket = 1, "nowhere" }, "VOD.10075", "does not take results"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newStudio(t, faults{})
			p.putFilm("in/film.mp4")
			p.put("text.mp4", []byte("no film at all"))
			n := p.request("in/film.mp4")
			n.Plan = everything
			c.change(p, &n)
			a := p.dump(n)
			if a.State != asset.CreateFailed || a.Attempt != 1 || a.ErrorCode != c.code || !strings.Contains(a.Reason, c.reason) {
				t.Errorf("asset is %s after %d attempts: %s %q; want %s %q", a.State, a.Attempt, a.ErrorCode, a.Reason, c.code, c.reason)
			}
			p.stopped()
			p.expectKeys(p.vod)
			p.expectKeys(p.tenant, "in/film.mp4", "text.mp4")
		})
	}
}

// A recording whose segments were replaced between two attempts is looked at anew.
func TestReplacedSegment(t *testing.T) {
	servicetest.SkipShort(t, "it encodes")
	t.Parallel()
	var p *place
	var replaced atomic.Bool
	p = newStudio(t, faults{put: func(key string) error {
		if strings.HasSuffix(key, ".jpg") && !replaced.Swap(true) { // the first snapshot of the first attempt
			p.put("in/1.ts", segment(p))
			return fmt.Errorf("PUT: %w", object.ErrUnavailable)
		}
		return nil
	}})
	p.put("in/1.ts", segment(p))
	p.put("in/list.m3u8", []byte("#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n1.ts\n#EXT-X-ENDLIST\n"))
	n := p.playlistOf("in/list.m3u8")
	n.Plan.Thumbnail = everything.Thumbnail
	a := p.dump(n)
	if a.State != asset.Created || a.Attempt != 3 {
		t.Fatalf("asset is %s after %d attempts: %s %s", a.State, a.Attempt, a.ErrorCode, a.Reason)
	}
}

// segment is a piece of MPEG-TS of two seconds, never the same twice.
func segment(p *place) []byte {
	film := mediatest.Film{Frames: 50, Rate: 25, Width: 160, Height: 120}.Make(p)
	path := filepath.Join(p.TempDir(), "segment.ts")
	mediatest.FFmpeg(p, "-i", film, "-c", "copy", "-metadata", "title="+path, path)
	ts, err := os.ReadFile(path)
	if err != nil {
		p.Fatal(err)
	}
	return ts
}

// Sound of a higher rate than a rendition's is encoded again, however well the picture fits.
func TestRateOfTheSound(t *testing.T) {
	servicetest.SkipShort(t, "it encodes")
	t.Parallel()
	p := newStudio(t, faults{})
	film, err := os.ReadFile(mediatest.Film{Frames: 100, Rate: 25, Width: 160, Height: 120, KeyEvery: 25, Sound: true,
		Options: []string{"-c:a", "aac", "-b:a", "320k", "-ac", "2"}}.Make(t)) // about 207 kbit/s come out
	if err != nil {
		t.Fatal(err)
	}
	p.put("in/film.mp4", film)
	p.start(p.runner)
	for rate, remuxed := range map[int64]bool{128_000: false, 320_000: true} {
		n := p.request("in/film.mp4")
		n.Plan.Transcode = &asset.Transcode{Group: "g", Format: asset.FormatMP4, Remux: true,
			Renditions: []asset.Rendition{{Name: "low", Height: 120, AudioBitRate: rate}}}
		a := p.ended(p.accept(n))
		if a.Results.Transcode == nil {
			t.Fatalf("%s: %s", a.ErrorCode, a.Reason)
		}
		if got := a.Results.Transcode.Outputs[0]; got.Remuxed != remuxed {
			t.Errorf("with audio of %d bit/s for %d: remuxed %v", a.Results.Probe.AudioBitRate, rate, got.Remuxed)
		}
	}
}
