package storetest

import (
	"errors"
	"testing"

	"pgregory.net/rapid"

	"github.com/vod-reproduction/vod/service/asset"
	"github.com/vod-reproduction/vod/service/store"
)

// model is what an asset must look like, kept beside the store.
type model struct {
	state    asset.State
	attempts []asset.Attempt
}

// current reports whether the fencing token lets the attempt write.
func (m *model) current(a asset.Attempt) bool {
	return m.state == asset.Creating && a.Number == int64(len(m.attempts))
}

// Random interleavings of attempts, old and new, and of the owner's calls never
// break the state diagram.
func (on suite) testStateMachine(t *testing.T) {
	t.Parallel()
	s := on.open(t, store.Config{})
	ctx := t.Context()
	rapid.Check(t, func(rt *rapid.T) {
		n := NewAsset()
		n.AutoPublish = rapid.Bool().Draw(rt, "auto_publish")
		id := s.MustAccept(t, n).ID
		m := model{state: asset.Creating}

		// write runs one write of a random attempt, and expects the fencing token to hold.
		write := func(rt *rapid.T, name string, then asset.State) {
			if len(m.attempts) == 0 {
				rt.Skip("no attempt yet")
			}
			a := rapid.SampledFrom(m.attempts).Draw(rt, "attempt")
			err := attemptWrites[name](ctx, s, a)
			if !m.current(a) {
				if !errors.Is(err, asset.ErrStale) {
					rt.Fatalf("%s of stale attempt %d of %d in %s = %v", name, a.Number, len(m.attempts), m.state, err)
				}
				return
			}
			if err != nil {
				rt.Fatalf("%s of attempt %d: %v", name, a.Number, err)
			}
			m.state = then
		}
		// call runs one call of the owner.
		call := func(rt *rapid.T, move func() (asset.Asset, error), then asset.State) {
			a, err := move()
			if m.state != asset.Created && m.state != asset.Published {
				if !errors.Is(err, asset.ErrNotReady) {
					rt.Fatalf("in %s: %v, want ErrNotReady", m.state, err)
				}
				return
			}
			if err != nil || a.State != then {
				rt.Fatalf("in %s: %s, %v; want %s", m.state, a.State, err, then)
			}
			m.state = then
		}
		finished := asset.Created
		if n.AutoPublish {
			finished = asset.Published
		}
		rt.Repeat(map[string]func(*rapid.T){
			"begin": func(rt *rapid.T) {
				a, ok, err := s.Begin(ctx, id)
				if err != nil || ok != (m.state == asset.Creating) {
					rt.Fatalf("begin in %s = %v, %v", m.state, ok, err)
				}
				if ok {
					m.attempts = append(m.attempts, a)
				}
			},
			"progress": func(rt *rapid.T) { write(rt, "Progress", asset.Creating) },
			"cursor":   func(rt *rapid.T) { write(rt, "SaveCursor", asset.Creating) },
			"set back": func(rt *rapid.T) { write(rt, "Reschedule", asset.Creating) },
			"fail":     func(rt *rapid.T) { write(rt, "Fail", asset.CreateFailed) },
			"finish":   func(rt *rapid.T) { write(rt, "Finish", finished) },
			"publish": func(rt *rapid.T) {
				call(rt, func() (asset.Asset, error) { return s.Publish(ctx, Project, id) }, asset.Published)
			},
			"unpublish": func(rt *rapid.T) {
				call(rt, func() (asset.Asset, error) { return s.Unpublish(ctx, Project, id) }, asset.Created)
			},
			"": func(rt *rapid.T) { // after every step
				a := s.MustGet(t, id)
				if a.State != m.state {
					rt.Fatalf("state %s, want %s", a.State, m.state)
				}
				if a.Attempt != int64(len(m.attempts)) {
					rt.Fatalf("attempt %d, want %d", a.Attempt, len(m.attempts))
				}
				if hasMedia := a.Media != nil; hasMedia != (m.state == asset.Created || m.state == asset.Published) {
					rt.Fatalf("media present: %v in %s", hasMedia, m.state)
				}
				if a.State.Terminal() == a.FinishedAt.IsZero() {
					rt.Fatalf("finished at %v in %s", a.FinishedAt, m.state)
				}
				if a.State == asset.CreateFailed && a.Reason == "" {
					rt.Fatal("failed without a reason")
				}
			},
		})
	})
}

func (on suite) testPublishUnknownAsset(t *testing.T) {
	t.Parallel()
	s := on.open(t, store.Config{})
	a := s.MustAccept(t, NewAsset())
	last := s.MustBegin(t, a.ID)
	if err := s.Finish(t.Context(), last, Ending(last)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ Project, id string }{{Project, "unknown"}, {"another project", a.ID}} {
		if _, err := s.Publish(t.Context(), c.Project, c.id); !errors.Is(err, asset.ErrNotFound) {
			t.Errorf("Publish(%s, %s) = %v, want ErrNotFound", c.Project, c.id, err)
		}
	}
	if got := s.MustGet(t, a.ID); got.State != asset.Created {
		t.Errorf("state %s, want %s", got.State, asset.Created)
	}
}
