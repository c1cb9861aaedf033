package storetest

import (
	"errors"
	"maps"
	"path"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/vod-reproduction/vod/service/asset"
	"github.com/vod-reproduction/vod/service/store"
)

func (on suite) testDelivery(t *testing.T) {
	t.Parallel()
	s := on.open(t, store.Config{})
	id := s.MustAccept(t, NewAsset()).ID
	expect := func(want error) {
		t.Helper()
		d, err := s.Delivery(t.Context(), asset.Address{AssetID: id, Name: path.Base(NewAsset().Source.Key)})
		if !errors.Is(err, want) || err == nil && (d.ProjectID != Project || d.Key == "") {
			t.Errorf("Delivery = %+v, %v; want %v", d, err, want)
		}
	}
	expect(asset.ErrNotFound)
	last := s.MustBegin(t, id)
	if err := s.Finish(t.Context(), last, Ending(last)); err != nil {
		t.Fatal(err)
	}
	expect(asset.ErrNotFound)
	for _, step := range []struct {
		move func() (asset.Asset, error)
		want error
	}{
		{func() (asset.Asset, error) { return s.Publish(t.Context(), Project, id) }, nil},
		{func() (asset.Asset, error) { return s.Unpublish(t.Context(), Project, id) }, asset.ErrNotFound},
	} {
		if _, err := step.move(); err != nil {
			t.Fatal(err)
		}
		expect(step.want)
	}
}

// Of an asset with encrypted outputs everyone gets these, and nobody the media itself.
func (on suite) testDeliveryOfEncrypted(t *testing.T) {
	t.Parallel()
	s := on.open(t, store.Config{})
	n := NewAsset()
	n.AutoPublish, n.Plan.Transcode = true, &asset.Transcode{Format: asset.FormatHLS, Encrypt: true}
	a := s.MustBegin(t, s.MustAccept(t, n).ID)
	made := asset.File{Name: "output/master.m3u8", Bucket: "b", Key: "k", Size: 7, ContentType: "text/plain"}
	if err := s.Complete(t.Context(), a, asset.Stage{Name: asset.StageTranscode}, nil, []asset.File{made}); err != nil {
		t.Fatal(err)
	}
	clear := asset.File{Name: "00000.ts", Bucket: "b", Key: "s", Size: 7, ContentType: "video/mp2t"} // of a recording
	if err := s.Complete(t.Context(), a, asset.Stage{Name: asset.StageSegments}, nil, []asset.File{clear}); err != nil {
		t.Fatal(err)
	}
	end := Ending(a)
	end.Publish = true
	if err := s.Finish(t.Context(), a, end); err != nil {
		t.Fatal(err)
	}
	if d, err := s.Delivery(t.Context(), asset.Address{AssetID: a.Asset.ID, Name: made.Name}); err != nil || d.Key != made.Key || d.Size != made.Size {
		t.Errorf("the output is %+v, %v", d, err)
	}
	for _, name := range []string{a.Asset.MediaName(), clear.Name, "output", ""} {
		if _, err := s.Delivery(t.Context(), asset.Address{AssetID: a.Asset.ID, Name: name}); !errors.Is(err, asset.ErrNotFound) {
			t.Errorf("%q is handed out: %v", name, err)
		}
	}
}

// Files that were copied into another object store have other versions there.
func (on suite) testTakeVersions(t *testing.T) {
	t.Parallel()
	s := on.open(t, store.Config{})
	var ids []string
	made := asset.File{Name: "cover.jpg", Bucket: "b", Key: "k", Size: 7, ETag: "1", ModTime: NewMedia().ModTime, ContentType: "image/jpeg"}
	for range 2 {
		a := s.MustBegin(t, s.MustAccept(t, NewAsset()).ID)
		if err := errors.Join(s.Complete(t.Context(), a, asset.Stage{Name: asset.StageThumbnail}, nil, []asset.File{made}), s.Finish(t.Context(), a, Ending(a))); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, a.Asset.ID)
	}
	waiting := s.MustAccept(t, NewAsset())
	moment := time.UnixMilli(1700000000000).UTC()
	media := *s.MustGet(t, ids[0]).Media
	files, err := s.TakeVersions(t.Context(), map[store.Object]store.Version{
		{Bucket: media.Bucket, Key: media.Key}: {ETag: "another", ModTime: moment}, {Bucket: "b", Key: "other"}: {ETag: "3", ModTime: moment},
	})
	if files != 2 || err != nil {
		t.Errorf("TakeVersions = %d, %v; both assets have the same media", files, err)
	}
	for _, id := range ids {
		want := media
		want.ETag, want.ModTime = "another", moment
		if got := s.MustGet(t, id).Media; *got != want {
			t.Errorf("the media is %+v, want %+v", *got, want)
		}
		if got, err := s.Files(t.Context(), id); err != nil || !cmp.Equal(got, []asset.File{made}) {
			t.Errorf("files without another version are %+v, %v", got, err)
		}
	}
	if files, err := s.TakeVersions(t.Context(), map[store.Object]store.Version{{Bucket: "b", Key: "k"}: {ETag: "2", ModTime: moment}}); files != 2 || err != nil {
		t.Errorf("TakeVersions = %d, %v", files, err)
	}
	made.ETag, made.ModTime = "2", moment
	if got, err := s.Files(t.Context(), ids[1]); err != nil || !cmp.Equal(got, []asset.File{made}) {
		t.Errorf("files are %+v, %v", got, err)
	}
	if got := s.MustGet(t, waiting.ID); got.Media != nil {
		t.Errorf("an asset without media has %+v", got.Media)
	}
}

// What the object store holds is the media of assets that have ended, and all files.
func (on suite) testStored(t *testing.T) {
	t.Parallel()
	s := on.open(t, store.Config{})
	a := s.MustBegin(t, s.MustAccept(t, NewAsset()).ID)
	made := asset.File{Name: "cover.jpg", Bucket: "b", Key: "k", Size: 7, ETag: "1", ModTime: NewMedia().ModTime, ContentType: "image/jpeg"}
	if err := s.Complete(t.Context(), a, asset.Stage{Name: asset.StageThumbnail}, nil, []asset.File{made}); err != nil {
		t.Fatal(err)
	}
	made.Name = ""
	expect := func(want ...asset.File) {
		t.Helper()
		var got []asset.File
		for f, err := range s.Stored(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, f)
		}
		if diff := cmp.Diff(want, got, cmpopts.SortSlices(func(a, b asset.File) bool { return a.Key < b.Key })); diff != "" {
			t.Error(diff)
		}
	}
	expect(made)
	if err := s.Finish(t.Context(), a, Ending(a)); err != nil {
		t.Fatal(err)
	}
	m := NewMedia()
	expect(made, asset.File{Bucket: m.Bucket, Key: m.Key, Size: m.Size, ETag: m.ETag, ModTime: m.ModTime, ContentType: m.ContentType})
}

func (on suite) testPing(t *testing.T) {
	t.Parallel()
	s := on.open(t, store.Config{})
	if err := s.Ping(t.Context()); err != nil {
		t.Errorf("Ping: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Ping(t.Context()); err == nil {
		t.Error("Ping succeeded after Close")
	}
}

// Usage counts what the service stored: not media that stay where they are, and not their segments.
func (on suite) testUsage(t *testing.T) {
	t.Parallel()
	s := on.open(t, store.Config{})
	if usage, err := s.Usage(t.Context()); err != nil || len(usage) != 0 {
		t.Errorf("of nothing: %v, %v", usage, err)
	}
	for i, mode := range []int{0, 0, 1} {
		n := NewAsset()
		n.StorageMode = mode
		n.OutputBucket = n.Source.Bucket
		last := s.MustBegin(t, s.MustAccept(t, n).ID)
		for stage, size := range map[string]int64{asset.StageThumbnail: 7, asset.StageTranscode: 1000, asset.StageSegments: 1 << 40} {
			file := asset.File{Name: stage, Bucket: "b", Key: stage, Size: size, ContentType: "text/plain"}
			if err := s.Complete(t.Context(), last, asset.Stage{Name: stage}, nil, []asset.File{file}); err != nil {
				t.Fatal(err)
			}
		}
		if i == 0 {
			continue // it has no media yet
		}
		if err := s.Finish(t.Context(), last, Ending(last)); err != nil {
			t.Fatal(err)
		}
	}
	want := map[string]asset.Usage{Project: {Assets: 3, Copies: NewMedia().Size, Outputs: 3 * 1007}}
	if usage, err := s.Usage(t.Context()); err != nil || !maps.Equal(usage, want) {
		t.Errorf("%+v, %v; want %+v", usage, err, want)
	}
}
