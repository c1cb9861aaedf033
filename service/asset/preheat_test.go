package asset

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
)

// oven is a Preheater that remembers what it was given and burns some of it.
type oven struct {
	mu    sync.Mutex
	files []string
	burns func(name string) bool
}

func (o *oven) Preheat(_ context.Context, file Address) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.files = append(o.files, file.Name)
	if o.burns != nil && o.burns(file.Name) {
		return errors.New("no room")
	}
	return nil
}

// heated waits until a task has ended and gives its files with their states.
func heated(t *testing.T, s *Store, task string) (lines []string) {
	t.Helper()
	for timeout := time.After(30 * time.Second); ; { // only a broken queue waits this long
		files, err := s.PreheatTask(t.Context(), project, task)
		if err != nil {
			t.Fatal(err)
		}
		lines = nil
		running := false
		for _, f := range files {
			lines = append(lines, fmt.Sprintf("%s %s %s", f.Name, f.State, f.Error))
			running = running || f.State == PreheatRunning
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

// published gives a published asset with the given files, beside its media and the frames that were reviewed.
func published(t *testing.T, s *Store, n New, files ...string) Asset {
	t.Helper()
	a := begin(t, s, accept(t, s, n).ID)
	var made []File
	for _, name := range files {
		made = append(made, File{Name: name, Key: name})
	}
	if err := errors.Join(s.Complete(t.Context(), a, Stage{Name: StageThumbnail}, nil, made),
		s.Complete(t.Context(), a, Stage{Name: StageReview}, nil, []File{{Name: "review/1.jpg", Key: "r"}}),
		s.Finish(t.Context(), a, Outcome{Media: media(), Publish: true})); err != nil {
		t.Fatal(err)
	}
	return get(t, s, a.Asset.ID)
}

func TestPreheat(t *testing.T) {
	t.Parallel()
	s := open(t, Config{})
	o := &oven{burns: func(name string) bool { return strings.HasPrefix(name, "bad") }}
	plain := everything()
	plain.Plan.Transcode = nil
	automatic := published(t, s, plain, "1.jpg", "bad.jpg")
	hidden := published(t, s, everything(), "1.jpg") // its media is not handed out
	if err := s.Start(t.Context(), Work{Runner: finisher(s), Preheater: o}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, s) })

	var task string
	if err := s.read.QueryRowContext(t.Context(), `SELECT task_id FROM preheat WHERE asset_id = ? AND automatic = 1`, automatic.ID).Scan(&task); err != nil {
		t.Fatal(err)
	}
	media := automatic.MediaName()
	want := []string{media + " succeed ", "1.jpg succeed ", "bad.jpg failed no room"}
	if got := heated(t, s, task); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("the asset's own task: %q, want %q", got, want)
	}
	if st, _ := get(t, s, automatic.ID).Stage(StagePreheat); st.State != StageFailed || !strings.HasPrefix(st.Error, "1 of 3 files") {
		t.Errorf("the stage is %s %q", st.State, st.Error)
	}
	// Publishing again heats nothing again.
	for _, move := range []func(context.Context, string, string) (Asset, error){s.Unpublish, s.Publish} {
		if _, err := move(t.Context(), project, automatic.ID); err != nil {
			t.Fatal(err)
		}
	}
	if n := count(t, s, `SELECT count(DISTINCT task_id) FROM preheat WHERE asset_id = ?`, automatic.ID); n != 1 {
		t.Errorf("the asset has %d tasks", n)
	}

	task, err := s.PreheatAsset(t.Context(), project, hidden.ID)
	if err != nil {
		t.Fatal(err)
	}
	if got := heated(t, s, task); len(got) != 1 || got[0] != "1.jpg succeed " {
		t.Errorf("the task of an encrypted asset: %q", got)
	}
	task, err = s.PreheatFiles(t.Context(), project, []Address{{automatic.ID, media}, {automatic.ID, "1.jpg"}})
	if err != nil {
		t.Fatal(err)
	}
	if got := heated(t, s, task); len(got) != 2 {
		t.Errorf("the task of two files: %q", got)
	}
	for what, file := range map[string]Address{"no file": {automatic.ID, "no.jpg"}, "no asset": {"no", media}, "media of an encrypted asset": {hidden.ID, media}} {
		if _, err := s.PreheatFiles(t.Context(), project, []Address{file}); !errors.Is(err, ErrNotFound) {
			t.Errorf("%s: %v, want ErrNotFound", what, err)
		}
	}
	if _, err := s.PreheatTask(t.Context(), "another", task); !errors.Is(err, ErrNotFound) {
		t.Errorf("another project sees the task: %v", err)
	}
	waiting := accept(t, s, newAsset())
	if _, err := s.PreheatAsset(t.Context(), project, waiting.ID); err == nil {
		if a := get(t, s, waiting.ID); a.State != Published {
			t.Errorf("an asset in state %s is heated", a.State)
		}
	}
}

// When the edges are out of order, the rest of a task is not tried.
func TestPreheatGivesUp(t *testing.T) {
	t.Parallel()
	s := open(t, Config{})
	o := &oven{burns: func(string) bool { return true }}
	var files []string
	for i := range 20 {
		files = append(files, fmt.Sprintf("%02d.ts", i))
	}
	n := everything()
	n.Plan.Preheat = false
	a := published(t, s, n, files...)
	if err := s.Start(t.Context(), Work{Runner: finisher(s), Preheater: o}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, s) })
	task, err := s.PreheatAsset(t.Context(), project, a.ID)
	if err != nil {
		t.Fatal(err)
	}
	got := heated(t, s, task)
	if len(o.files) != maxPreheatFailures || !strings.HasSuffix(got[19], "too many files before failed") {
		t.Errorf("%d files were tried; the last one: %q", len(o.files), got[19])
	}
}
