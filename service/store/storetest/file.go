package storetest

import (
	"errors"
	"path"
	"testing"

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
