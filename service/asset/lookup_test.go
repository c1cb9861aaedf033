package asset

import (
	"errors"
	"path"
	"testing"
)

func TestDelivery(t *testing.T) {
	t.Parallel()
	s := open(t, Config{})
	id := accept(t, s, newAsset()).ID
	expect := func(want error) {
		t.Helper()
		d, err := s.Delivery(t.Context(), Address{AssetID: id, Name: path.Base(newAsset().Source.Key)})
		if !errors.Is(err, want) || err == nil && (d.ProjectID != project || d.Key == "") {
			t.Errorf("Delivery = %+v, %v; want %v", d, err, want)
		}
	}
	expect(ErrNotFound)
	last := begin(t, s, id)
	if err := s.Finish(t.Context(), last, ending(last)); err != nil {
		t.Fatal(err)
	}
	expect(ErrNotFound)
	for _, step := range []struct {
		move func() (Asset, error)
		want error
	}{
		{func() (Asset, error) { return s.Publish(t.Context(), project, id) }, nil},
		{func() (Asset, error) { return s.Unpublish(t.Context(), project, id) }, ErrNotFound},
	} {
		if _, err := step.move(); err != nil {
			t.Fatal(err)
		}
		expect(step.want)
	}
}

// Of an asset with encrypted outputs everyone gets these, and nobody the media itself.
func TestDeliveryOfEncrypted(t *testing.T) {
	t.Parallel()
	s := open(t, Config{})
	n := newAsset()
	n.AutoPublish, n.Plan.Transcode = true, &Transcode{Format: FormatHLS, Encrypt: true}
	a := begin(t, s, accept(t, s, n).ID)
	made := File{Name: "output/master.m3u8", Bucket: "b", Key: "k", Size: 7, ContentType: "text/plain"}
	if err := s.Complete(t.Context(), a, Stage{Name: StageTranscode}, nil, []File{made}); err != nil {
		t.Fatal(err)
	}
	clear := File{Name: "00000.ts", Bucket: "b", Key: "s", Size: 7, ContentType: "video/mp2t"} // of a recording
	if err := s.Complete(t.Context(), a, Stage{Name: StageSegments}, nil, []File{clear}); err != nil {
		t.Fatal(err)
	}
	end := ending(a)
	end.Publish = true
	if err := s.Finish(t.Context(), a, end); err != nil {
		t.Fatal(err)
	}
	if d, err := s.Delivery(t.Context(), Address{a.Asset.ID, made.Name}); err != nil || d.Key != made.Key || d.Size != made.Size {
		t.Errorf("the output is %+v, %v", d, err)
	}
	for _, name := range []string{a.Asset.MediaName(), clear.Name, "output", ""} {
		if _, err := s.Delivery(t.Context(), Address{a.Asset.ID, name}); !errors.Is(err, ErrNotFound) {
			t.Errorf("%q is handed out: %v", name, err)
		}
	}
}

func TestPing(t *testing.T) {
	t.Parallel()
	s := open(t, Config{})
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
