package asset

import (
	"errors"
	"testing"

	"pgregory.net/rapid"
)

// model is what an asset must look like, kept beside the store.
type model struct {
	state    State
	attempts []Attempt
}

// current reports whether the fence lets the attempt write.
func (m *model) current(a Attempt) bool {
	return m.state == Creating && a.Number == int64(len(m.attempts))
}

// Random interleavings of attempts, old and new, and of the owner's calls never
// break the state diagram.
func TestStateMachine(t *testing.T) {
	t.Parallel()
	s := open(t, Config{})
	ctx := t.Context()
	rapid.Check(t, func(rt *rapid.T) {
		n := newAsset()
		n.AutoPublish = rapid.Bool().Draw(rt, "auto_publish")
		id := accept(t, s, n).ID
		m := model{state: Creating}

		// write runs one write of a random attempt, and expects the fence to hold.
		write := func(rt *rapid.T, name string, then State) {
			if len(m.attempts) == 0 {
				rt.Skip("no attempt yet")
			}
			a := rapid.SampledFrom(m.attempts).Draw(rt, "attempt")
			err := attemptWrites[name](ctx, s, a)
			if !m.current(a) {
				if !errors.Is(err, ErrStale) {
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
		call := func(rt *rapid.T, move func() (Asset, error), then State) {
			a, err := move()
			if m.state != Created && m.state != Published {
				if !errors.Is(err, ErrNotReady) {
					rt.Fatalf("in %s: %v, want ErrNotReady", m.state, err)
				}
				return
			}
			if err != nil || a.State != then {
				rt.Fatalf("in %s: %s, %v; want %s", m.state, a.State, err, then)
			}
			m.state = then
		}
		finished := Created
		if n.AutoPublish {
			finished = Published
		}
		rt.Repeat(map[string]func(*rapid.T){
			"begin": func(rt *rapid.T) {
				a, ok, err := s.begin(ctx, id)
				if err != nil || ok != (m.state == Creating) {
					rt.Fatalf("begin in %s = %v, %v", m.state, ok, err)
				}
				if ok {
					m.attempts = append(m.attempts, a)
				}
			},
			"progress":  func(rt *rapid.T) { write(rt, "Progress", Creating) },
			"cursor":    func(rt *rapid.T) { write(rt, "SaveCursor", Creating) },
			"set back":  func(rt *rapid.T) { write(rt, "setBack", Creating) },
			"fail":      func(rt *rapid.T) { write(rt, "Fail", CreateFailed) },
			"finish":    func(rt *rapid.T) { write(rt, "Finish", finished) },
			"publish":   func(rt *rapid.T) { call(rt, func() (Asset, error) { return s.Publish(ctx, project, id) }, Published) },
			"unpublish": func(rt *rapid.T) { call(rt, func() (Asset, error) { return s.Unpublish(ctx, project, id) }, Created) },
			"": func(rt *rapid.T) { // after every step
				a := get(t, s, id)
				if a.State != m.state {
					rt.Fatalf("state %s, want %s", a.State, m.state)
				}
				if a.Attempt != int64(len(m.attempts)) {
					rt.Fatalf("attempt %d, want %d", a.Attempt, len(m.attempts))
				}
				if hasMedia := a.Media != nil; hasMedia != (m.state == Created || m.state == Published) {
					rt.Fatalf("media present: %v in %s", hasMedia, m.state)
				}
				if a.State.Terminal() == a.FinishedAt.IsZero() {
					rt.Fatalf("finished at %v in %s", a.FinishedAt, m.state)
				}
				if a.State == CreateFailed && a.Reason == "" {
					rt.Fatal("failed without a reason")
				}
			},
		})
	})
}

func TestPublishUnknownAsset(t *testing.T) {
	t.Parallel()
	s := open(t, Config{})
	a := accept(t, s, newAsset())
	last := begin(t, s, a.ID)
	if err := s.Finish(t.Context(), last, ending(last)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ project, id string }{{project, "unknown"}, {"another project", a.ID}} {
		if _, err := s.Publish(t.Context(), c.project, c.id); !errors.Is(err, ErrNotFound) {
			t.Errorf("Publish(%s, %s) = %v, want ErrNotFound", c.project, c.id, err)
		}
	}
	if got := get(t, s, a.ID); got.State != Created {
		t.Errorf("state %s, want %s", got.State, Created)
	}
}
