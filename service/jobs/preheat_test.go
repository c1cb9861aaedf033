package jobs

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/riverqueue/river"

	"github.com/vod-reproduction/vod/service/asset"
	"github.com/vod-reproduction/vod/service/store/storetest"
)

// oven is a Preheater that remembers what it was given and burns some of it.
type oven struct {
	mu    sync.Mutex
	files []string
	burns func(name string) bool
}

func (o *oven) Preheat(_ context.Context, file asset.Address) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.files = append(o.files, file.Name)
	if o.burns != nil && o.burns(file.Name) {
		return errors.New("no room")
	}
	return nil
}

// heated waits until a task has ended and returns its files with their states.
func heated(t *testing.T, s *place, task string) (lines []string) {
	t.Helper()
	for timeout := time.After(30 * time.Second); ; { // only a broken queue waits this long
		files, err := s.PreheatTask(t.Context(), storetest.Project, task)
		if err != nil {
			t.Fatal(err)
		}
		lines = nil
		running := false
		for _, f := range files {
			lines = append(lines, fmt.Sprintf("%s %s %s", f.Name, f.State, f.Error))
			running = running || f.State == asset.PreheatRunning
		}
		if !running {
			return lines
		}
		select {
		case <-time.After(5 * time.Millisecond):
		case <-timeout:
			t.Fatalf("the task is still at %v", lines)
		}
	}
}

// published returns a published asset with the given files, beside its media and the frames that were reviewed.
func published(t *testing.T, s *place, n asset.New, files ...string) asset.Asset {
	t.Helper()
	a := s.MustBegin(t, s.MustAccept(t, n).ID)
	var made []asset.File
	for _, name := range files {
		made = append(made, asset.File{Name: name, Key: name})
	}
	if err := errors.Join(s.Complete(t.Context(), a, asset.Stage{Name: asset.StageThumbnail}, nil, made),
		s.Complete(t.Context(), a, asset.Stage{Name: asset.StageReview}, nil, []asset.File{{Name: "review/1.jpg", Key: "r"}}),
		s.Finish(t.Context(), a, asset.Outcome{Media: storetest.NewMedia(), Publish: true})); err != nil {
		t.Fatal(err)
	}
	ended, err := s.Get(t.Context(), n.ProjectID, a.Asset.ID)
	if err != nil {
		t.Fatal(err)
	}
	return ended
}

func TestPreheat(t *testing.T) {
	t.Parallel()
	s := open(t, config{})
	o := &oven{burns: func(name string) bool { return strings.HasPrefix(name, "bad") }}
	plain := storetest.Everything()
	plain.Plan.Transcode = nil
	automatic := published(t, s, plain, "1.jpg", "bad.jpg")
	hidden := published(t, s, storetest.Everything(), "1.jpg") // its media is not handed out
	if err := s.Client.Start(t.Context(), s.Store, Work{Runner: finisher(s), Preheater: o}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, s) })

	var task string
	if err := s.Write.QueryRowContext(t.Context(), `SELECT task_id FROM preheat WHERE asset_id = $1 AND automatic = 1`, automatic.ID).Scan(&task); err != nil {
		t.Fatal(err)
	}
	media := automatic.MediaName()
	want := []string{media + " succeed ", "1.jpg succeed ", "bad.jpg failed no room"}
	if got := heated(t, s, task); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("the asset's own task: %q, want %q", got, want)
	}
	if st, _ := s.MustGet(t, automatic.ID).Stage(asset.StagePreheat); st.State != asset.StageFailed || !strings.HasPrefix(st.Error, "1 of 3 files") {
		t.Errorf("the stage is %s %q", st.State, st.Error)
	}
	// Publishing again heats nothing again.
	for _, move := range []func(context.Context, string, string) (asset.Asset, error){s.Unpublish, s.Publish} {
		if _, err := move(t.Context(), storetest.Project, automatic.ID); err != nil {
			t.Fatal(err)
		}
	}
	if n := s.Count(t, `SELECT count(DISTINCT task_id) FROM preheat WHERE asset_id = $1`, automatic.ID); n != 1 {
		t.Errorf("the asset has %d tasks", n)
	}

	task, err := s.PreheatAsset(t.Context(), storetest.Project, hidden.ID)
	if err != nil {
		t.Fatal(err)
	}
	if got := heated(t, s, task); len(got) != 1 || got[0] != "1.jpg succeed " {
		t.Errorf("the task of an encrypted asset: %q", got)
	}
	task, err = s.PreheatFiles(t.Context(), storetest.Project, []asset.Address{{AssetID: automatic.ID, Name: media}, {AssetID: automatic.ID, Name: "1.jpg"}})
	if err != nil {
		t.Fatal(err)
	}
	if got := heated(t, s, task); len(got) != 2 {
		t.Errorf("the task of two files: %q", got)
	}
	for what, file := range map[string]asset.Address{"no file": {AssetID: automatic.ID, Name: "no.jpg"}, "no asset": {AssetID: "no", Name: media}, "media of an encrypted asset": {AssetID: hidden.ID, Name: media}} {
		if _, err := s.PreheatFiles(t.Context(), storetest.Project, []asset.Address{file}); !errors.Is(err, asset.ErrNotFound) {
			t.Errorf("%s: %v, want ErrNotFound", what, err)
		}
	}
	if _, err := s.PreheatTask(t.Context(), "another", task); !errors.Is(err, asset.ErrNotFound) {
		t.Errorf("another project sees the task: %v", err)
	}
	waiting := s.MustAccept(t, storetest.NewAsset())
	if _, err := s.PreheatAsset(t.Context(), storetest.Project, waiting.ID); err == nil {
		if a := s.MustGet(t, waiting.ID); a.State != asset.Published {
			t.Errorf("an asset in state %s is heated", a.State)
		}
	}
}

// A task may name a file twice, and each has an end of its own.
func TestPreheatOneFileTwice(t *testing.T) {
	t.Parallel()
	s := open(t, config{})
	o := &oven{}
	o.burns = func(string) bool { return len(o.files) == 2 }
	a := published(t, s, storetest.NewAsset(), "1.jpg")
	file := asset.Address{AssetID: a.ID, Name: "1.jpg"}
	task, err := s.PreheatFiles(t.Context(), storetest.Project, []asset.Address{file, file})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Client.Start(t.Context(), s.Store, Work{Preheater: o}); err != nil {
		t.Fatal(err)
	}
	defer stop(t, s)
	if got := strings.Join(heated(t, s, task), ", "); got != "1.jpg succeed , 1.jpg failed no room" {
		t.Errorf("the task ended as %s", got)
	}
}

// When the caches refuse several files, the rest of a task is not tried.
func TestPreheatGivesUp(t *testing.T) {
	t.Parallel()
	s := open(t, config{})
	o := &oven{burns: func(string) bool { return true }}
	var files []string
	for i := range 20 {
		files = append(files, fmt.Sprintf("%02d.ts", i))
	}
	n := storetest.Everything()
	n.Plan.Preheat = false
	a := published(t, s, n, files...)
	if err := s.Client.Start(t.Context(), s.Store, Work{Runner: finisher(s), Preheater: o}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, s) })
	task, err := s.PreheatAsset(t.Context(), storetest.Project, a.ID)
	if err != nil {
		t.Fatal(err)
	}
	got := heated(t, s, task)
	if len(o.files) != maxPreheatFailures || !strings.HasSuffix(got[19], "too many earlier files failed") {
		t.Errorf("%d files were tried; the last one: %q", len(o.files), got[19])
	}
}

// Files that cannot be fetched because their asset was deleted say nothing of the caches: those of others are still tried.
func TestPreheatOfDeleted(t *testing.T) {
	t.Parallel()
	s := open(t, config{})
	kept, gone := published(t, s, storetest.NewAsset(), "1.jpg"), published(t, s, storetest.NewAsset(), "bad.jpg")
	var files []asset.Address
	for range maxPreheatFailures + 1 {
		files = append(files, asset.Address{AssetID: gone.ID, Name: "bad.jpg"})
	}
	task, err := s.PreheatFiles(t.Context(), storetest.Project, append(files, asset.Address{AssetID: kept.ID, Name: "1.jpg"}))
	if err != nil {
		t.Fatal(err)
	}
	var once sync.Once
	o := &oven{burns: func(name string) bool {
		once.Do(func() {
			if err := s.Delete(context.WithoutCancel(t.Context()), storetest.Project, gone.ID); err != nil {
				t.Error(err)
			}
		})
		return name == "bad.jpg"
	}}
	remove := func(context.Context, asset.Asset) error { return nil }
	if err := s.Client.Start(t.Context(), s.Store, Work{Runner: finisher(s), Preheater: o, Remove: remove}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, s) })
	if got := heated(t, s, task); len(got) != 1 || got[0] != "1.jpg succeed " {
		t.Errorf("the task has %q", got)
	}
}

// Caches that are away keep files waiting, with a word in the timeline, and are tried by one task at a time: when it gets
// through, all others begin at once. A cache that says no is not asked again.
func TestPreheatWaitsForItsCaches(t *testing.T) {
	t.Parallel()
	const assets, files = 5, 20
	s := open(t, config{Config: Config{Backoff: forAnHour}})
	var made []string
	for i := range files {
		made = append(made, fmt.Sprintf("%02d.ts", i))
	}
	for range assets {
		n := storetest.NewAsset()
		n.AutoPublish, n.Plan.Preheat = true, true
		published(t, s, n, made...)
	}
	var away atomic.Bool
	away.Store(true)
	var tried atomic.Int64
	events, cancel := s.Client.river.Subscribe(river.EventKindJobCompleted, river.EventKindJobSnoozed)
	defer cancel()
	s.start(t, Work{Runner: finisher(s), Preheater: preheatFunc(func(_ context.Context, file asset.Address) error {
		tried.Add(1)
		switch {
		case away.Load():
			return asset.Unavailable(asset.OnCache, "", "waits for the cache", errors.New("connection refused"))
		case file.Name == "07.ts":
			return errors.New("404")
		}
		return nil
	})})
	deferred := map[int64]bool{}
	for len(deferred) < assets { // a task above its project's share is put off first
		e := soon(t, "the tasks are deferred", events)
		if deferralOf(e.Job.Metadata).Times > 0 {
			deferred[e.Job.ID] = true
		}
	}
	if n := tried.Load(); n != assets*maxPreheatFailures {
		t.Errorf("%d files were tried of caches that are away", n)
	}
	list, _, err := s.List(t.Context(), asset.Query{ProjectID: storetest.Project})
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range list {
		if st, _ := a.Stage(asset.StagePreheat); st.State != asset.StageRunning || st.Error != "waits for the cache" {
			t.Errorf("while the caches are away the stage is %s, %q", st.State, st.Error)
		}
	}
	away.Store(false)
	s.Client.waiting.hurry()
	if err := s.Client.check(t.Context()); err != nil {
		t.Fatal(err)
	}
	for n := 0; n < assets; {
		if e := soon(t, "the tasks end", events); e.Kind == river.EventKindJobCompleted {
			n++
		}
	}
	for _, a := range list {
		if st, _ := s.MustGet(t, a.ID).Stage(asset.StagePreheat); st.State != asset.StageFailed || !strings.HasPrefix(st.Error, "1 of 21 files") {
			t.Errorf("in the end the stage is %s, %q", st.State, st.Error)
		}
	}
}
