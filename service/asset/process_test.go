package asset

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/riverqueue/river"
)

// everything is a plan with all stages.
func everything() New {
	n := newAsset()
	n.AutoPublish = true
	n.Plan = Plan{
		Thumbnail: &Thumbnail{Type: ThumbnailTime, Every: time.Second, Cover: 1},
		Transcode: &Transcode{Group: "g", Format: FormatHLS, Encrypt: true, Renditions: []Rendition{{Name: "low", Height: 60}}},
		Review:    &ReviewJob{TemplateID: "t"}, Preheat: true,
	}
	return n
}

func names(stages []Stage) (list []string) {
	for _, st := range stages {
		list = append(list, st.Name+" "+string(st.State))
	}
	return list
}

// What was asked for stands in the timeline from the start, in its order.
func TestPlannedStages(t *testing.T) {
	t.Parallel()
	s := open(t, Config{})
	all := everything()
	hls := newAsset()
	hls.VideoType, hls.StorageMode = TypeHLS, 1
	for _, c := range []struct {
		n    New
		want []string
	}{
		{newAsset(), []string{"copy waiting", "verify waiting", "probe waiting", "publish waiting"}},
		{hls, []string{"segments waiting", "verify waiting", "probe waiting", "publish waiting"}},
		{all, []string{"copy waiting", "verify waiting", "probe waiting", "thumbnail waiting", "transcode waiting", "encrypt waiting",
			"review waiting", "publish waiting", "preheat waiting"}},
	} {
		a := accept(t, s, c.n)
		if d := cmp.Diff(c.want, names(a.Stages)); d != "" {
			t.Errorf("stages (-want +got):\n%s", d)
		}
		if d := cmp.Diff(c.n.Plan, get(t, s, a.ID).Plan); d != "" {
			t.Errorf("plan (-want +got):\n%s", d)
		}
	}
}

// What a stage gave is kept for later attempts and for readers, and forgotten when everything begins again.
func TestResults(t *testing.T) {
	t.Parallel()
	s := open(t, Config{})
	id := accept(t, s, everything()).ID
	first := begin(t, s, id)
	results := Results{
		Probe:     &MediaInfo{Container: "MP4", Duration: 90 * time.Second, Width: 640},
		Thumbnail: &Snapshots{Type: ThumbnailTime, List: []Snapshot{{Offset: time.Second, File: "snapshots/1.jpg"}}, Cover: "snapshots/1.jpg"},
		Transcode: &Transcoded{Tool: "ffmpeg", Outputs: []Output{{Name: "low", File: "output/low.m3u8"}}},
		Review:    &Verdict{Suggestion: Pass},
	}
	complete := func(a Attempt, stage string, result any, files ...File) error {
		return s.Complete(t.Context(), a, Stage{Name: stage}, result, files)
	}
	old, made := File{Name: "snapshots/old.jpg", Key: "old"}, File{Name: "snapshots/1.jpg", Bucket: "b", Key: "k", Size: 3, ETag: "e", ContentType: "image/jpeg"}
	if err := errors.Join(complete(first, StageProbe, results.Probe), complete(first, StageThumbnail, results.Thumbnail, old),
		complete(first, StageThumbnail, results.Thumbnail, made), complete(first, StageTranscode, results.Transcode),
		complete(first, StageReview, results.Review)); err != nil {
		t.Fatal(err)
	}
	second := begin(t, s, id)
	if d := cmp.Diff(results, second.Asset.Results); d != "" {
		t.Errorf("results in the next attempt (-want +got):\n%s", d)
	}
	if files, err := s.Files(t.Context(), id); err != nil || !slices.Equal(files, []File{made}) {
		t.Errorf("files are %+v, %v", files, err)
	}
	if err := complete(first, StageProbe, results.Probe); !errors.Is(err, ErrStale) {
		t.Errorf("Complete of the former attempt = %v, want ErrStale", err)
	}
	if err := s.Restart(t.Context(), first); !errors.Is(err, ErrStale) {
		t.Errorf("Restart of the former attempt = %v, want ErrStale", err)
	}
	if err := s.Restart(t.Context(), second); err != nil {
		t.Fatal(err)
	}
	a := get(t, s, id)
	if d := cmp.Diff(Results{}, a.Results); d != "" {
		t.Errorf("results after Restart (-want +got):\n%s", d)
	}
	if files, err := s.Files(t.Context(), id); err != nil || len(files) != 0 {
		t.Errorf("files after Restart: %+v, %v", files, err)
	}
}

// The first key counts, and only its project gets it.
func TestCipher(t *testing.T) {
	t.Parallel()
	s := open(t, Config{})
	id := accept(t, s, everything()).ID
	if has, err := s.HasSealedKeys(t.Context()); has || err != nil {
		t.Errorf("HasSealedKeys = %v, %v before there is one", has, err)
	}
	for _, sealed := range []string{"first", "second"} {
		if kept, err := s.Cipher(t.Context(), begin(t, s, id), []byte(sealed)); err != nil || string(kept) != "first" {
			t.Errorf("Cipher(%s) = %q, %v", sealed, kept, err)
		}
	}
	if got, err := s.SealedKey(t.Context(), project, id); err != nil || string(got) != "first" {
		t.Errorf("SealedKey = %q, %v", got, err)
	}
	if _, err := s.SealedKey(t.Context(), "another", id); !errors.Is(err, ErrNotFound) {
		t.Errorf("another project: %v", err)
	}
	if has, err := s.HasSealedKeys(t.Context()); !has || err != nil {
		t.Errorf("HasSealedKeys = %v, %v", has, err)
	}
}

// A blocked asset is not published, whoever asks.
func TestBlocked(t *testing.T) {
	t.Parallel()
	s := open(t, Config{})
	a := begin(t, s, accept(t, s, everything()).ID)
	if err := s.Finish(t.Context(), a, Outcome{Media: media(), Blocked: true}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Publish(t.Context(), project, a.Asset.ID); !errors.Is(err, ErrBlocked) {
		t.Errorf("Publish = %v, want ErrBlocked", err)
	}
	if got := get(t, s, a.Asset.ID); got.State != Created || !got.Blocked {
		t.Errorf("state %s, blocked %v", got.State, got.Blocked)
	}
}

// A failed asset is cleaned after its end is on record: before that, another attempt might still need the files.
func TestCleanedAfterTheEnd(t *testing.T) {
	t.Parallel()
	s := open(t, Config{})
	id := accept(t, s, newAsset()).ID
	var state State
	events, cancel := s.river.Subscribe(river.EventKindJobCompleted)
	defer cancel()
	if err := s.Start(t.Context(), Work{
		Runner: runFunc(func(context.Context, Attempt) error { return Permanent("VOD.10003", "gone", nil) }),
		Clean:  func(_ context.Context, a Asset) { state = get(t, s, a.ID).State },
	}); err != nil {
		t.Fatal(err)
	}
	<-events
	stop(t, s)
	if got := get(t, s, id).State; state != CreateFailed || got != CreateFailed {
		t.Errorf("cleaned in state %q; the asset is %s", state, got)
	}
}

// What waits for something outside is tried again without end for a day, and then fails.
func TestPostpone(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	s := open(t, Config{MaxAttempts: 2, Now: func() time.Time { mu.Lock(); defer mu.Unlock(); return now }})
	id := accept(t, s, newAsset()).ID
	handled := start(t, s, runFunc(func(context.Context, Attempt) error {
		return Postpone("VOD.10105", "waits", time.Millisecond, errors.New("503"))
	}))
	for range 5 {
		if e := handled(id); e.Kind != river.EventKindJobSnoozed {
			t.Fatalf("the job is %s", e.Kind)
		}
	}
	if a := get(t, s, id); a.State != Creating || a.Reason != "waits" {
		t.Errorf("state %s, reason %q", a.State, a.Reason)
	}
	mu.Lock()
	now = now.Add(maxPostponed + time.Second)
	mu.Unlock()
	for e := handled(id); e.Kind == river.EventKindJobSnoozed; {
		e = handled(id)
	}
	if a := get(t, s, id); a.State != CreateFailed || a.ErrorCode != "VOD.10105" {
		t.Errorf("after a day: state %s, code %s", a.State, a.ErrorCode)
	}
}
