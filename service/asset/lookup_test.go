package asset

import (
	"errors"
	"testing"
)

func TestPublished(t *testing.T) {
	t.Parallel()
	s := open(t, Config{})
	id := accept(t, s, newAsset()).ID
	expect := func(want error) {
		t.Helper()
		if a, err := s.Published(t.Context(), id); !errors.Is(err, want) || err == nil && a.ID != id {
			t.Errorf("Published = %q, %v; want %v", a.ID, err, want)
		}
	}
	expect(ErrNotFound)
	if err := s.Finish(t.Context(), begin(t, s, id), media()); err != nil {
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
