package jobs

import (
	"context"
	"encoding/json"
	"os"
	"testing"
	"time"

	"github.com/riverqueue/river"
	"go.uber.org/goleak"

	"github.com/vod-reproduction/vod/service/asset"
	"github.com/vod-reproduction/vod/service/store"
	"github.com/vod-reproduction/vod/service/store/storetest"
)

func TestMain(m *testing.M) {
	if path := os.Getenv(crashFileEnv); path != "" {
		crashingProcess(path) // never returns
	}
	goleak.VerifyTestMain(m)
}

// place is a store with its queue.
type place struct {
	*storetest.DB
	Client *Client
}

// config is what one test needs beside the usual.
type config struct {
	Config
	path  string
	wants func(project string, t asset.EventType) bool
}

// open opens a new store for one test, or the one at c.path.
func open(t testing.TB, c config) *place {
	t.Helper()
	client := New(c.Config)
	return &place{storetest.Open(t, store.Config{DSN: c.path, Queue: client.Connect, Now: c.Now, Wants: c.wants}), client}
}

// runFunc is a Runner in one function.
type runFunc func(ctx context.Context, a asset.Attempt) error

func (f runFunc) Run(ctx context.Context, a asset.Attempt) error { return f(ctx, a) }

// finisher finishes every attempt at once.
func finisher(s *place) Runner {
	return runFunc(func(ctx context.Context, a asset.Attempt) error { return s.Finish(ctx, a, storetest.Ending(a)) })
}

// start starts work, and returns a function that waits until an asset's job has
// been handled once more: its end, its retry or its deferral is recorded.
func start(t *testing.T, s *place, r Runner) (handled func(id string) *river.Event) {
	t.Helper()
	return startWork(t, s, Work{Runner: r})
}

// startWork does as start does.
func startWork(t *testing.T, s *place, work Work) (handled func(id string) *river.Event) {
	t.Helper()
	events, cancel := s.Client.river.Subscribe(river.EventKindJobCompleted, river.EventKindJobFailed,
		river.EventKindJobSnoozed, river.EventKindJobCancelled, river.EventKindJobInterrupted)
	t.Cleanup(cancel)
	if err := s.Client.Start(t.Context(), s.Store, work); err != nil {
		t.Fatalf("Start: %v", err)
	}
	t.Cleanup(func() { stop(t, s) })
	seen := make(map[string][]*river.Event)
	return func(id string) *river.Event {
		t.Helper()
		for len(seen[id]) == 0 {
			e := soon(t, "the job of asset "+id+" is handled once more", events)
			var args processArgs
			if err := json.Unmarshal(e.Job.EncodedArgs, &args); err != nil {
				t.Fatal(err)
			}
			seen[args.AssetID] = append(seen[args.AssetID], e)
		}
		e := seen[id][0]
		seen[id] = seen[id][1:]
		return e
	}
}

// soon waits for the next of c, which only a broken queue does not send in a minute.
func soon[T any](t *testing.T, what string, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(time.Minute):
		t.Fatalf("nothing came in a minute of waiting until %s", what)
		panic("unreachable")
	}
}

func stop(t testing.TB, s *place) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 30*time.Second)
	defer cancel()
	if err := s.Client.Stop(ctx); err != nil {
		t.Errorf("Stop: %v", err)
	}
}

func TestStopWithoutStart(t *testing.T) {
	t.Parallel()
	if err := open(t, config{}).Client.Stop(t.Context()); err != nil {
		t.Errorf("Stop: %v", err)
	}
}
