package pipeline

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vod-reproduction/vod/service/asset"
	"github.com/vod-reproduction/vod/service/object"
)

var film = []byte(strings.Repeat("a film of some length ", 50_000)) // more than one read

// timelineOf returns an asset's stages as text.
func timelineOf(a asset.Asset) (lines []string) {
	for _, s := range a.Stages {
		lines = append(lines, fmt.Sprintf("%s %s %d/%d", s.Name, s.State, s.Bytes, s.Total))
	}
	return lines
}

func TestDump(t *testing.T) {
	t.Parallel()
	copied := fmt.Sprintf("copy done %d/%[1]d", len(film))
	const probed = "probe not_done 0/0" // without tools
	verified := fmt.Sprintf("verify done %d/%[1]d", len(film))
	for name, c := range map[string]struct {
		change    func(*asset.New)
		state     asset.State
		key, mime string // of the media; ID stands for the asset's id
		stages    []string
	}{
		"copied":    {func(*asset.New) {}, asset.Created, "assets/ID/1/film_1.mp4", "video/mp4", []string{copied, verified, probed, "publish not_done 0/0"}},
		"published": {func(n *asset.New) { n.AutoPublish = true }, asset.Published, "assets/ID/1/film_1.mp4", "video/mp4", []string{copied, verified, probed, "publish done 0/0"}},
		"left in place": {func(n *asset.New) {
			n.StorageMode, n.OutputBucket, n.OutputPath = 1, "mine", "out"
		}, asset.Created, "in/film 1.html", "video/mp4", []string{verified, probed, "publish not_done 0/0"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t, faults{})
			p.put("in/film 1.html", film)
			n := p.request("in/film 1.html")
			c.change(&n)
			a := p.dump(n)
			if a.State != c.state || a.Attempt != 1 {
				t.Fatalf("asset is %s after %d attempts (%s: %s), want %s", a.State, a.Attempt, a.ErrorCode, a.Reason, c.state)
			}
			p.expectMedia(a, film)
			if want := strings.ReplaceAll(c.key, "ID", a.ID); a.Media.Key != want || a.Media.ContentType != c.mime {
				t.Errorf("media is %q of type %q, want %q of type %q", a.Media.Key, a.Media.ContentType, want, c.mime)
			}
			if d := cmp.Diff(c.stages, timelineOf(a)); d != "" {
				t.Errorf("stages (-want +got):\n%s", d)
			}
			p.stopped()
			p.expectKeys(p.tenant, "in/film 1.html")
			if a.Media.Bucket == p.vod {
				p.expectKeys(p.vod, a.Media.Key)
			} else {
				p.expectKeys(p.vod)
			}
			if left, err := p.assets.Orphaned(t.Context(), "", 10); err != nil || len(left) != 0 {
				t.Errorf("%d assets still wait to be cleaned, %v", len(left), err)
			}
		})
	}
}

// What is wrong with the source is told to its owner, with the cloud's code
// and at the first attempt if waiting does not help.
func TestSourceFailures(t *testing.T) {
	t.Parallel()
	failOpen := func(err error) faults {
		return faults{open: func(_ int, bucket string) error {
			if strings.HasPrefix(bucket, tenantPrefix) {
				return fmt.Errorf("GET 10.0.0.1: %w", err)
			}
			return nil
		}}
	}
	for name, c := range map[string]struct {
		faults   faults
		source   asset.Location
		code     string
		reason   string
		attempts int64
	}{
		"missing key":    {faults{}, asset.Location{Key: "other.mp4"}, "VOD.10003", `no object "other.mp4" in bucket "films-`, 1},
		"missing bucket": {faults{}, asset.Location{Bucket: "nowhere", Key: "film.mp4"}, "VOD.10075", `no bucket "nowhere"`, 1},
		"bad name":       {faults{}, asset.Location{Bucket: "Not A Bucket", Key: "film.mp4"}, "VOD.10075", "does not allow", 1},
		"empty":          {faults{}, asset.Location{Key: "empty.mp4"}, "VOD.10076", "is empty", 1},
		"denied":         {failOpen(object.ErrDenied), asset.Location{Key: "film.mp4"}, "VOD.10138", "not permitted", 1},
		"archived":       {failOpen(object.ErrArchived), asset.Location{Key: "film.mp4"}, "VOD.10076", "archived", 1},
		"replaced":       {failOpen(object.ErrChanged), asset.Location{Key: "film.mp4"}, "VOD.10076", "was replaced", 3},
	} {
		for mode := range 2 {
			t.Run(fmt.Sprintf("%s/mode %d", name, mode), func(t *testing.T) {
				t.Parallel()
				p := newPlace(t, c.faults)
				p.put("film.mp4", film)
				p.put("empty.mp4", nil)
				n := p.request("")
				n.Source, n.StorageMode = c.source, mode
				if n.Source.Bucket == "" {
					n.Source.Bucket = p.tenant
				}
				a := p.dump(n)
				if a.State != asset.CreateFailed || a.ErrorCode != c.code || !strings.Contains(a.Reason, c.reason) || a.Attempt != c.attempts {
					t.Errorf("asset is %s after %d attempts, %s %q; want %s %q after %d",
						a.State, a.Attempt, a.ErrorCode, a.Reason, c.code, c.reason, c.attempts)
				}
				if strings.Contains(a.Reason, "10.0.0.1") {
					t.Errorf("the reason shows an internal cause: %q", a.Reason)
				}
				p.stopped()
				p.expectKeys(p.vod)
				p.expectKeys(p.tenant, "empty.mp4", "film.mp4")
			})
		}
	}
}

// The source is replaced by another of the same size right after it was
// copied: the asset is the new one, or the old one where the store does not know of it, and not a mixture.
func TestSourceReplaced(t *testing.T) {
	t.Parallel()
	newer := []byte(strings.ToUpper(string(film)))
	for name, test := range map[string]struct {
		replace func(p *place)
		want    []byte
	}{
		"by a call": {func(p *place) { p.put("film.mp4", newer) }, newer},
		"by hand, in place": {func(p *place) {
			if err := os.WriteFile(filepath.Join(shared.dir, p.tenant, "film.mp4"), newer, 0o600); err != nil {
				p.Error(err)
			}
		}, film},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var p *place
			p = newPlace(t, faults{copy: func(n int, c copyCall) (object.Info, error) {
				info, err := c.do()
				if n == 1 {
					test.replace(p)
				}
				return info, err
			}})
			p.put("film.mp4", film)
			a := p.dump(p.request("film.mp4"))
			p.expectMedia(a, test.want)
			p.stopped()
			p.expectKeys(p.vod, a.Media.Key)
		})
	}
}

// What the store has the same checksum of is read once.
func TestVerifyReadsOnce(t *testing.T) {
	t.Parallel()
	for _, sums := range []bool{true, false} {
		var sources, copies atomic.Int32
		p := newPlace(t, faults{sums: sums, open: func(_ int, bucket string) error {
			if strings.HasPrefix(bucket, tenantPrefix) {
				sources.Add(1)
			} else {
				copies.Add(1)
			}
			return nil
		}})
		p.put("film.mp4", film)
		p.expectMedia(p.dump(p.request("film.mp4")), film)
		if wanted := map[bool]int32{true: 0, false: 1}[sums]; sources.Load() != wanted || copies.Load() != 1 {
			t.Errorf("with sums %t: the source was read %d times and the copy %d times, want %d and 1", sums, sources.Load(), copies.Load(), wanted)
		}
		p.stopped()
	}
}

func TestDamagedCopyIsNotUsed(t *testing.T) {
	t.Parallel()
	var p *place
	p = newPlace(t, faults{copy: func(n int, c copyCall) (object.Info, error) {
		info, err := c.do()
		if n > 1 || err != nil {
			return info, err
		}
		damaged := append([]byte("A"), film[1:]...)
		return p.objects.Put(context.WithoutCancel(t.Context()), info.Bucket, info.Key, "", strings.NewReader(string(damaged)))
	}})
	p.put("film.mp4", film)
	a := p.dump(p.request("film.mp4"))
	if a.Attempt != 2 {
		t.Errorf("ended after %d attempts, want 2", a.Attempt)
	}
	p.expectMedia(a, film)
	p.stopped()
	p.expectKeys(p.vod, a.Media.Key)
}

// An attempt that was cut off after the copy leaves only the rest to be done.
func TestFinishedCopyIsTakenOver(t *testing.T) {
	t.Parallel()
	copies := 0
	p := newPlace(t, faults{
		copy: func(n int, c copyCall) (object.Info, error) {
			copies = n
			return c.do()
		},
		open: func(n int, bucket string) error {
			if n == 1 && !strings.HasPrefix(bucket, tenantPrefix) {
				return object.ErrUnavailable
			}
			return nil
		},
	})
	p.put("film.mp4", film)
	a := p.dump(p.request("film.mp4"))
	p.expectMedia(a, film)
	if want := fmt.Sprintf("assets/%s/1/film.mp4", a.ID); a.Attempt != 2 || copies != 1 || a.Media.Key != want {
		t.Errorf("%d copies in %d attempts gave %s, want 1 in 2 and %s", copies, a.Attempt, a.Media.Key, want)
	}
	p.stopped()
	p.expectKeys(p.vod, a.Media.Key)
}

// A copy in parts goes on with the cursor that it saved.
func TestCopyResumes(t *testing.T) {
	t.Parallel()
	parts := object.Cursor{Bucket: "b", Key: "k", UploadID: "an upload", PartSize: 1 << 20, SourceSize: int64(len(film))}
	var resumed []object.Cursor
	p := newPlace(t, faults{copy: func(n int, c copyCall) (object.Info, error) {
		resumed = append(resumed, c.resume)
		if n > 1 {
			return c.do()
		}
		if err := c.save(parts); err != nil {
			return object.Info{}, err
		}
		return object.Info{}, object.ErrUnavailable
	}})
	p.put("film.mp4", film)
	a := p.dump(p.request("film.mp4"))
	p.expectMedia(a, film)
	if d := cmp.Diff([]object.Cursor{{}, parts}, resumed); d != "" {
		t.Errorf("cursors given to Copy (-want +got):\n%s", d)
	}
}

// A cursor of a source that was replaced since is of no use.
func TestCopyOfReplacedSourceStartsAgain(t *testing.T) {
	t.Parallel()
	newer := []byte("another film")
	var resumed []object.Cursor
	var p *place
	p = newPlace(t, faults{copy: func(n int, c copyCall) (object.Info, error) {
		resumed = append(resumed, c.resume)
		if n > 1 {
			return c.do()
		}
		if err := c.save(object.Cursor{UploadID: "an upload"}); err != nil {
			return object.Info{}, err
		}
		p.put("film.mp4", newer)
		return object.Info{}, object.ErrUnavailable
	}})
	p.put("film.mp4", film)
	a := p.dump(p.request("film.mp4"))
	p.expectMedia(a, newer)
	if d := cmp.Diff([]object.Cursor{{}, {}}, resumed); d != "" {
		t.Errorf("cursors given to Copy (-want +got):\n%s", d)
	}
	if want := fmt.Sprintf("assets/%s/2/film.mp4", a.ID); a.Media.Key != want {
		t.Errorf("media is at %s, want %s", a.Media.Key, want)
	}
}

// An attempt that was given up for dead goes on: it neither writes nor deletes.
func TestZombieHarmsNothing(t *testing.T) {
	t.Parallel()
	p := newPlace(t, faults{})
	p.put("film.mp4", film)
	id := p.accept(p.request("film.mp4"))
	zombies := make(chan asset.Attempt, 1)
	p.start(runFunc(func(ctx context.Context, a asset.Attempt) error {
		if a.Number == 1 {
			zombies <- a
			return asset.Temporary("VOD.10076", "cut off", nil)
		}
		return p.runner.Run(ctx, a)
	}))
	a := p.ended(id)
	p.stopped()
	zombie := <-zombies
	if err := p.runner.Run(t.Context(), zombie); !errors.Is(err, asset.ErrStale) {
		t.Errorf("Run of a stale attempt = %v, want ErrStale", err)
	}
	p.expectMedia(a, film)
	p.expectKeys(p.vod, a.Media.Key)
}

func TestExhaustedAttemptsLeaveNothing(t *testing.T) {
	t.Parallel()
	p := newPlace(t, faults{open: func(_ int, bucket string) error {
		if strings.HasPrefix(bucket, tenantPrefix) {
			return object.ErrChanged
		}
		return nil
	}})
	p.put("film.mp4", film)
	a := p.dump(p.request("film.mp4"))
	if a.State != asset.CreateFailed || a.ErrorCode != "VOD.10076" || a.Attempt != 3 {
		t.Errorf("asset is %s after %d attempts, %s %q", a.State, a.Attempt, a.ErrorCode, a.Reason)
	}
	p.stopped()
	p.expectKeys(p.vod)
}
