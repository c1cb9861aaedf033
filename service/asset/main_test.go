package asset

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/riverqueue/river"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if path := os.Getenv(crashFileEnv); path != "" {
		crashingProcess(path) // never returns
	}
	goleak.VerifyTestMain(m)
}

const project = "0f5e1b6a2c3d4e5f8091a2b3c4d5e6f7"

// newAsset is a plain valid request.
func newAsset() New {
	body := []byte(`{"title":"a film"}`)
	return New{
		ProjectID:  project,
		Title:      "a film",
		VideoType:  "MP4",
		Source:     Location{Bucket: "source", Key: "in/film.mp4", Region: "cn-north-4"},
		Request:    body,
		RequestID:  "req-1",
		BodySHA256: sha256.Sum256(body),
	}
}

func media() Media {
	return Media{Bucket: "vod", Key: "assets/1/film.mp4", Size: 7, SHA256: "ab", ETag: "e",
		ModTime: time.UnixMilli(1795442074626).UTC(), ContentType: "video/mp4"}
}

// open opens a new record for one test.
func open(t testing.TB, cfg Config) *Store {
	t.Helper()
	if cfg.Path == "" {
		cfg.Path = filepath.Join(t.TempDir(), "vod.db")
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	}
	s, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return s
}

// runFunc is a Runner in one function.
type runFunc func(ctx context.Context, a Attempt) error

func (f runFunc) Run(ctx context.Context, a Attempt) error { return f(ctx, a) }

// finisher finishes every attempt at once.
func finisher(s *Store) Runner {
	return runFunc(func(ctx context.Context, a Attempt) error { return s.Finish(ctx, a, ending(a)) })
}

// start starts work, and gives a function that waits until an asset's job has
// been handled once more: its end, its retry or its putting off is recorded.
func start(t *testing.T, s *Store, r Runner) (handled func(id string) *river.Event) {
	t.Helper()
	events, cancel := s.river.Subscribe(river.EventKindJobCompleted, river.EventKindJobFailed,
		river.EventKindJobSnoozed, river.EventKindJobCancelled, river.EventKindJobInterrupted)
	t.Cleanup(cancel)
	if err := s.Start(t.Context(), Work{Runner: r}); err != nil {
		t.Fatalf("Start: %v", err)
	}
	t.Cleanup(func() { stop(t, s) })
	seen := make(map[string][]*river.Event)
	return func(id string) *river.Event {
		t.Helper()
		for len(seen[id]) == 0 {
			select {
			case e := <-events:
				var args jobArgs
				if err := json.Unmarshal(e.Job.EncodedArgs, &args); err != nil {
					t.Fatal(err)
				}
				seen[args.AssetID] = append(seen[args.AssetID], e)
			case <-time.After(30 * time.Second): // only a broken queue waits this long
				t.Fatalf("the job of asset %s was not handled", id)
			}
		}
		e := seen[id][0]
		seen[id] = seen[id][1:]
		return e
	}
}

func stop(t testing.TB, s *Store) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 30*time.Second)
	defer cancel()
	if err := s.Stop(ctx); err != nil {
		t.Errorf("Stop: %v", err)
	}
}

func accept(t testing.TB, s *Store, n New) Asset {
	t.Helper()
	a, replayed, err := s.Accept(t.Context(), n)
	if err != nil || replayed {
		t.Fatalf("Accept = replayed %v, error %v", replayed, err)
	}
	return a
}

func get(t testing.TB, s *Store, id string) Asset {
	t.Helper()
	a, err := s.Get(t.Context(), project, id)
	if err != nil {
		t.Fatalf("Get(%s): %v", id, err)
	}
	return a
}

// count gives the single number of a query.
func count(t testing.TB, s *Store, query string, args ...any) (n int) {
	t.Helper()
	if err := s.write.QueryRowContext(t.Context(), query, args...).Scan(&n); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

// execute changes the data file behind the store's back.
func execute(t testing.TB, s *Store, query string, args ...any) {
	t.Helper()
	if _, err := s.write.ExecContext(t.Context(), query, args...); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

// refuseWrites makes every write of one kind on a table fail, as a full disk would.
func refuseWrites(t testing.TB, s *Store, kind, table string) {
	t.Helper()
	execute(t, s, fmt.Sprintf(`CREATE TRIGGER refuse BEFORE %s ON %s BEGIN SELECT RAISE(ABORT, 'disk is full'); END`, kind, table))
}

// ending is the usual outcome of an attempt.
func ending(a Attempt) Outcome { return Outcome{Media: media(), Publish: a.Asset.AutoPublish} }
