package pipeline

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/vod-reproduction/vod/internal/servicetest"
	"github.com/vod-reproduction/vod/service/asset"
	"github.com/vod-reproduction/vod/service/object"
)

// A store that is away for longer than the attempts of an asset last costs no asset anything but time.
func TestStoreAway(t *testing.T) {
	servicetest.SkipShort(t, "it makes 60 assets")
	t.Parallel()
	const dumps, tries = 20, 4 // more than a place's attempts
	for name, meet := range map[string]func(away func() error) faults{
		"when it is asked": func(away func() error) faults { return faults{stat: func(string) error { return away() }} },
		"when it copies": func(away func() error) faults {
			return faults{copy: func(_ int, c copyCall) (object.Info, error) {
				if err := away(); err != nil {
					return object.Info{}, err
				}
				return c.do()
			}}
		},
		"when it is read": func(away func() error) faults { return faults{open: func(int, string) error { return away() }} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var met atomic.Int64
			p := newPlace(t, meet(func() error {
				if met.Add(1) <= dumps*tries {
					return fmt.Errorf("GET 10.0.0.1: %w", object.ErrUnavailable)
				}
				return nil
			}))
			p.put("film.mp4", film)
			var ids []string
			for range dumps {
				ids = append(ids, p.accept(p.request("film.mp4")))
			}
			p.start(p.runner)
			for _, id := range ids {
				if a := p.ended(id); a.State != asset.Created {
					t.Errorf("asset is %s after %d attempts: %s", a.State, a.Attempt, a.Reason)
				}
			}
		})
	}
}

// What a failed attempt has uploaded takes no room from the next one.
func TestFailedAttemptRemovesItsUploads(t *testing.T) {
	t.Parallel()
	var p *place
	var once sync.Once
	var left []string
	p = newStudio(t, faults{put: func(key string) error {
		switch {
		case strings.HasSuffix(key, "/1/output/low/00001.ts"):
			return fmt.Errorf("PUT: %w", object.ErrUnavailable)
		case strings.Contains(key, "/2/output/"):
			once.Do(func() { left = p.keys(p.vod) })
		}
		return nil
	}})
	p.putFilm("in/film.mp4")
	n := p.request("in/film.mp4")
	n.Plan = everything
	if a := p.dump(n); a.State != asset.Created || a.Attempt != 2 {
		t.Fatalf("asset is %s after %d attempts: %s", a.State, a.Attempt, a.Reason)
	}
	p.stopped()
	if len(left) == 0 {
		t.Error("the second attempt found nothing at all")
	}
	for _, key := range left {
		if strings.Contains(key, "/1/output/") {
			t.Errorf("%s was there when the second attempt uploaded", key)
		}
	}
}

// The disk is full for the look at it when it is so for attempts, although a file can be written.
func TestCheckDisk(t *testing.T) {
	t.Parallel()
	for free, full := range map[int64]bool{-1: true, 0: true, 1: false} {
		r := New(nil, nil, Config{Scratch: t.TempDir(), Space: func(string) (Space, error) { return Space{Free: free, Total: 10}, nil }})
		if err := r.CheckDisk(); (err != nil) != full {
			t.Errorf("%d bytes free: %v", free, err)
		}
	}
}

// Room is shared out before anything is written: no two attempts get the same.
func TestRoomIsReserved(t *testing.T) {
	t.Parallel()
	r := New(nil, nil, Config{Scratch: t.TempDir(), Space: func(dir string) (Space, error) { return Space{Free: 100 - written(dir), Total: 100}, nil }})
	attempts := make([]*attempt, 3)
	for i := range attempts {
		attempts[i] = &attempt{Runner: r, Attempt: asset.Attempt{Asset: asset.Asset{ID: fmt.Sprint("asset", i)}, Number: 1}}
	}
	first, second, third := attempts[0], attempts[1], attempts[2]
	expect := func(what string, err error, room bool) {
		t.Helper()
		if (err == nil) != room {
			t.Errorf("%s: %v", what, err)
		}
		if later, ok := errors.AsType[*asset.DeferredError](err); err != nil && (!ok || later.On != asset.OnDisk) {
			t.Errorf("%s: %v counts against the asset", what, err)
		}
	}
	file, err := first.create(60)
	expect("the first", err, true)
	expect("what the first is to write", second.reserve(60), false)
	if _, err := file.Write(make([]byte, 60)); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	expect("what the first has written counts once", second.reserve(40), true)
	expect("none is left", third.reserve(1), false)
	if left, err := r.Room(); err != nil || left != 0 {
		t.Errorf("Room: %d %v", left, err)
	}
	first.end(t.Context())
	expect("the room of the first", third.reserve(60), true)
}

// An attempt that wrote more than it reserved has no debt: what it reserves next counts in full.
func TestMoreWrittenThanReserved(t *testing.T) {
	t.Parallel()
	r := New(nil, nil, Config{Scratch: t.TempDir(), Space: func(string) (Space, error) { return Space{Free: 100, Total: 200}, nil }})
	w := &attempt{Runner: r, Attempt: asset.Attempt{Asset: asset.Asset{ID: "asset"}, Number: 1}}
	if err := w.reserve(10); err != nil {
		t.Fatal(err)
	}
	r.disk.settle(w, 40)
	if err := w.reserve(50); err != nil {
		t.Fatal(err)
	}
	if left, err := r.Room(); err != nil || left != 50 {
		t.Errorf("%d bytes are left of 100, of which 50 are reserved: %v", left, err)
	}
}

// An asset that waits for room says how much it needs, all in all, and whether the disk can ever have that.
func TestRoomThatIsNeeded(t *testing.T) {
	t.Parallel()
	const mb = 1 << 20
	for name, c := range map[string]struct {
		before, size int64 // reserved
		want         string
		room         int64
	}{
		"it is full now":        {0, 30*mb + 1, "now: 31 MB are needed", 30*mb + 1},
		"as much as it has":     {0, 100 * mb, "now: 100 MB are needed", 100 * mb},
		"more than it has":      {0, 100*mb + 1, "too small for the work on the media: 101 MB are needed, and it holds 100 MB in all", 100*mb + 1},
		"with the file of this": {15 * mb, 90 * mb, "too small for the work on the media: 105 MB are needed", 105 * mb},
	} {
		r := New(nil, nil, Config{Scratch: t.TempDir(), Space: func(string) (Space, error) { return Space{Free: 20 * mb, Total: 100 * mb}, nil }})
		w := &attempt{Runner: r}
		if err := w.reserve(c.before); err != nil {
			t.Fatal(err)
		}
		later, ok := errors.AsType[*asset.DeferredError](w.reserve(c.size))
		if !ok || later.On != asset.OnDisk || later.Room != c.room || !strings.Contains(later.Reason, c.want) {
			t.Errorf("%s: %+v", name, later)
		}
	}
}

func TestReasonsOfTheHost(t *testing.T) {
	t.Parallel()
	for cause, want := range map[error]string{
		syscall.ENOSPC: "no room on its disk",
		syscall.EMFILE: "too many files and connections open",
		syscall.ENFILE: "too many files and connections open",
		syscall.EIO:    "working directory",
	} {
		later, ok := errors.AsType[*asset.DeferredError](scratchFailure(fmt.Errorf("open: %w", cause)))
		if !ok || !strings.Contains(later.Reason, want) {
			t.Errorf("%v: %+v, want %q", cause, later, want)
		}
	}
}

// A small film does not become many large pictures.
func TestAllowedSnapshots(t *testing.T) {
	t.Parallel()
	const mb = 1 << 20
	for name, c := range map[string]struct {
		size          int64
		width, height int
		plan          asset.Thumbnail
		n             int
		refused       bool
	}{
		"one frame held for 1095 s":     {mb, 3840, 2160, asset.Thumbnail{MaxLength: 3840}, 1095, true},
		"the same, small":               {mb, 3840, 2160, asset.Thumbnail{}, 1095, false},
		"a film of two hours":           {2000 * mb, 1920, 1080, asset.Thumbnail{MaxLength: 1920}, 7200, false},
		"slides of an hour":             {20 * mb, 1920, 1080, asset.Thumbnail{MaxLength: 1920}, 3600, false},
		"as many as there can be":       {mb, 1920, 1080, asset.Thumbnail{MaxLength: 2160}, asset.MaxSnapshots, true},
		"a recording of one small part": {31 << 10, 1280, 720, asset.Thumbnail{MaxLength: 1280}, asset.MaxSnapshots, true},
	} {
		r := New(nil, nil, Config{Scratch: t.TempDir(), Space: func(string) (Space, error) { return Space{Free: 1 << 40, Total: 1 << 40}, nil }})
		w := &attempt{Runner: r, media: asset.Media{Size: c.size}, info: asset.MediaInfo{Width: c.width, Height: c.height, Duration: time.Hour}}
		err := w.allowSnapshots(c.plan, c.n)
		if _, refused := errors.AsType[*asset.PermanentError](err); refused != c.refused || !refused && err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A small segment that is named again and again is not joined to a large recording.
func TestRepeatedSegment(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		segment int
		times   int
		refused bool
	}{
		"often":    {31 << 10, 20_000, true},
		"thrice":   {31 << 10, 3, false},
		"long one": {20 << 20, 1, false},
	} {
		for _, dir := range []string{"", "hd/"} {
			t.Run(name+" "+dir, func(t *testing.T) {
				t.Parallel()
				p := newStudio(t, faults{})
				p.put("in/"+dir+"a.ts", make([]byte, c.segment))
				p.put("in/"+dir+"list.m3u8", []byte("#EXTM3U\n#EXT-X-TARGETDURATION:2\n"+strings.Repeat("#EXTINF:2,\na.ts\n", c.times)+"#EXT-X-ENDLIST\n"))
				p.put("in/main.m3u8", []byte("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=800000\n"+dir+"list.m3u8\n"))
				a := p.dump(p.playlistOf("in/main.m3u8"))
				if a.State != asset.CreateFailed || a.Attempt != 1 || strings.Contains(a.Reason, "so often") != c.refused {
					t.Errorf("asset is %s after %d attempts: %s", a.State, a.Attempt, a.Reason)
				}
			})
		}
	}
}
