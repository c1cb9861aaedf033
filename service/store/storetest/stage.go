package storetest

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vod-reproduction/vod/service/asset"
	"github.com/vod-reproduction/vod/service/store"
)

func names(stages []asset.Stage) (list []string) {
	for _, st := range stages {
		list = append(list, st.Name+" "+string(st.State))
	}
	return list
}

// What was asked for stands in the timeline from the start, in its order.
func (on suite) testPlannedStages(t *testing.T) {
	t.Parallel()
	s := on.open(t, store.Config{})
	all := Everything()
	hls := NewAsset()
	hls.VideoType, hls.StorageMode = asset.TypeHLS, 1
	for _, c := range []struct {
		n    asset.New
		want []string
	}{
		{NewAsset(), []string{"copy waiting", "verify waiting", "probe waiting", "publish waiting"}},
		{hls, []string{"segments waiting", "verify waiting", "probe waiting", "publish waiting"}},
		{all, []string{"copy waiting", "verify waiting", "probe waiting", "thumbnail waiting", "transcode waiting", "encrypt waiting",
			"review waiting", "publish waiting", "preheat waiting"}},
	} {
		a := s.MustAccept(t, c.n)
		if d := cmp.Diff(c.want, names(a.Stages)); d != "" {
			t.Errorf("stages (-want +got):\n%s", d)
		}
		if d := cmp.Diff(c.n.Plan, s.MustGet(t, a.ID).Plan); d != "" {
			t.Errorf("plan (-want +got):\n%s", d)
		}
	}
}

// What a stage gave is kept for later attempts and for readers, and forgotten when everything begins again.
func (on suite) testResults(t *testing.T) {
	t.Parallel()
	s := on.open(t, store.Config{})
	id := s.MustAccept(t, Everything()).ID
	first := s.MustBegin(t, id)
	results := asset.Results{
		Probe:     &asset.MediaInfo{Container: "MP4", Duration: 90 * time.Second, Width: 640},
		Thumbnail: &asset.Snapshots{Type: asset.ThumbnailTime, List: []asset.Snapshot{{Offset: time.Second, File: "snapshots/1.jpg"}}, Cover: "snapshots/1.jpg"},
		Transcode: &asset.Transcoded{Tool: "ffmpeg", Outputs: []asset.Output{{Name: "low", File: "output/low.m3u8"}}},
		Review:    &asset.Verdict{Suggestion: asset.Pass},
	}
	complete := func(a asset.Attempt, stage string, result any, files ...asset.File) error {
		return s.Complete(t.Context(), a, asset.Stage{Name: stage}, result, files)
	}
	old, made := asset.File{Name: "snapshots/old.jpg", Key: "old"}, asset.File{Name: "snapshots/1.jpg", Bucket: "b", Key: "k", Size: 3, ETag: "e", ContentType: "image/jpeg"}
	if err := errors.Join(complete(first, asset.StageProbe, results.Probe), complete(first, asset.StageThumbnail, results.Thumbnail, old),
		complete(first, asset.StageThumbnail, results.Thumbnail, made), complete(first, asset.StageTranscode, results.Transcode),
		complete(first, asset.StageReview, results.Review)); err != nil {
		t.Fatal(err)
	}
	second := s.MustBegin(t, id)
	if d := cmp.Diff(results, second.Asset.Results); d != "" {
		t.Errorf("results in the next attempt (-want +got):\n%s", d)
	}
	if files, err := s.Files(t.Context(), id); err != nil || !slices.Equal(files, []asset.File{made}) {
		t.Errorf("files are %+v, %v", files, err)
	}
	if err := complete(first, asset.StageProbe, results.Probe); !errors.Is(err, asset.ErrStale) {
		t.Errorf("Complete of the former attempt = %v, want ErrStale", err)
	}
	if err := s.Restart(t.Context(), first); !errors.Is(err, asset.ErrStale) {
		t.Errorf("Restart of the former attempt = %v, want ErrStale", err)
	}
	if err := s.Restart(t.Context(), second); err != nil {
		t.Fatal(err)
	}
	a := s.MustGet(t, id)
	if d := cmp.Diff(asset.Results{}, a.Results); d != "" {
		t.Errorf("results after Restart (-want +got):\n%s", d)
	}
	if files, err := s.Files(t.Context(), id); err != nil || len(files) != 0 {
		t.Errorf("files after Restart: %+v, %v", files, err)
	}
}

// The first key counts, and only its project gets it.
func (on suite) testCipher(t *testing.T) {
	t.Parallel()
	s := on.open(t, store.Config{})
	id := s.MustAccept(t, Everything()).ID
	if id, sealed, err := s.AnySealedKey(t.Context()); id != "" || sealed != nil || err != nil {
		t.Errorf("AnySealedKey = %s, %q, %v before there is one", id, sealed, err)
	}
	for _, sealed := range []string{"first", "second"} {
		if kept, err := s.Cipher(t.Context(), s.MustBegin(t, id), []byte(sealed)); err != nil || string(kept) != "first" {
			t.Errorf("Cipher(%s) = %q, %v", sealed, kept, err)
		}
	}
	if got, err := s.SealedKey(t.Context(), Project, id); err != nil || string(got) != "first" {
		t.Errorf("SealedKey = %q, %v", got, err)
	}
	if _, err := s.SealedKey(t.Context(), "another", id); !errors.Is(err, asset.ErrNotFound) {
		t.Errorf("another project: %v", err)
	}
	if of, sealed, err := s.AnySealedKey(t.Context()); of != id || string(sealed) != "first" || err != nil {
		t.Errorf("AnySealedKey = %s, %q, %v", of, sealed, err)
	}
}

// What was kept first to recognize the key by is what counts.
func (on suite) testKeyCheck(t *testing.T) {
	t.Parallel()
	s := on.open(t, store.Config{})
	for _, c := range []struct{ sealed, want []byte }{
		{nil, nil}, {[]byte("first"), []byte("first")}, {[]byte("second"), []byte("first")}, {nil, []byte("first")},
	} {
		if kept, err := s.KeyCheck(t.Context(), c.sealed); err != nil || string(kept) != string(c.want) || (kept == nil) != (c.want == nil) {
			t.Errorf("KeyCheck(%q) = %q, %v; want %q", c.sealed, kept, err, c.want)
		}
	}
}

// A blocked asset is not published, whoever asks.
func (on suite) testBlocked(t *testing.T) {
	t.Parallel()
	s := on.open(t, store.Config{})
	a := s.MustBegin(t, s.MustAccept(t, Everything()).ID)
	if err := s.Finish(t.Context(), a, asset.Outcome{Media: NewMedia(), Blocked: true}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Publish(t.Context(), Project, a.Asset.ID); !errors.Is(err, asset.ErrBlocked) {
		t.Errorf("Publish = %v, want ErrBlocked", err)
	}
	if got := s.MustGet(t, a.Asset.ID); got.State != asset.Created || !got.Blocked {
		t.Errorf("state %s, blocked %v", got.State, got.Blocked)
	}
}
