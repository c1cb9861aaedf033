package e2e_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/vod-reproduction/vod/gen/companions"
	"github.com/vod-reproduction/vod/internal/seed"
	"github.com/vod-reproduction/vod/internal/servicetest"
)

// killRounds is enough to notice a broken promise in every run; VOD_KILL_ROUNDS asks for more.
const killRounds = 15

// TestKill kills the service with SIGKILL at random moments while clients dump, asks and fetch, and starts it again.
// Afterwards every dump that was accepted must be there once, complete, and published.
func TestKill(t *testing.T) {
	servicetest.SkipShort(t, "many rounds")
	rounds := killRoundsOr(t, killRounds)
	servicetest.Extend(t, rounds)
	t.Logf("%d rounds", rounds)
	random := seed.Random(t, 0)

	dir := servicetest.NewDir(t)
	s := startOf(t, dir, 0, rounds)
	sources := putSources(t, s, random)

	w := &ledger{accepted: map[string]string{}}
	for round := range rounds {
		work, end := context.WithCancel(servicetest.Context(t))
		var clients sync.WaitGroup
		for client := range 4 {
			clients.Go(func() { w.dumps(work, s, sources, fmt.Sprintf("%d-%d", round, client)) })
		}
		clients.Go(func() { w.fetches(work, s, sources) })
		// The moment of the kill is the random part of this test; nothing is synchronized by it.
		<-time.After(time.Duration(random.Int64N(int64(250 * time.Millisecond))))
		s.Kill()
		end()
		clients.Wait()
		s = startOf(t, dir, round+1, rounds)
	}
	assets := w.settle(t, s, sources)
	s.Stop(t) // the last orphaned objects are removed before it ends
	if copies := s.Copies(t); copies != assets {
		t.Errorf("the service's bucket holds %d objects for %d assets", copies, assets)
	}
}

// killRoundsOr returns the rounds that were asked for, or else usual.
func killRoundsOr(t *testing.T, usual int) int {
	t.Helper()
	asked := os.Getenv("VOD_KILL_ROUNDS")
	if asked == "" {
		return usual
	}
	rounds, err := strconv.Atoi(asked)
	if err != nil {
		t.Fatal("VOD_KILL_ROUNDS:", err)
	}
	return rounds
}

// startOf starts the service for a round. VOD_UPGRADE_FROM names the command of an earlier version that runs the first
// half of the rounds: then the data directory is upgraded in the middle of the work.
func startOf(t *testing.T, dir string, round, rounds int) service {
	t.Helper()
	if former := os.Getenv("VOD_UPGRADE_FROM"); former != "" && round < rounds/2 {
		return service{servicetest.StartBinary(t, former, dir)}
	}
	return start(t, dir)
}

// source is an object with known bytes.
type source struct {
	key     string
	content []byte
}

func putSources(t *testing.T, s service, random *rand.Rand) []source {
	t.Helper()
	var sources []source
	for i, size := range []int{1, 4 << 10, 1 << 20, 6 << 20} {
		content := make([]byte, size)
		for j := range content {
			content[j] = byte(random.Uint32())
		}
		key := fmt.Sprintf("in/%d.mp4", i)
		s.Put(t, servicetest.Bucket, key, content)
		sources = append(sources, source{key, content})
	}
	return sources
}

// ledger remembers what the service promised.
type ledger struct {
	mu       sync.Mutex
	sent     []string          // idempotency keys, whatever became of them
	accepted map[string]string // asset ID by idempotency key, for those that were answered
	half     int               // answers that showed a part of an asset
	fetched  int
}

// sourceOf returns the object that a key dumps: its last digit chooses.
func sourceOf(key string, sources []source) source {
	return sources[int(key[len(key)-1]-'0')%len(sources)]
}

func (w *ledger) dumps(ctx context.Context, s service, sources []source, name string) {
	for i := 0; ctx.Err() == nil; i++ {
		key := fmt.Sprintf("%s-%d", name, i)
		w.mu.Lock()
		w.sent = append(w.sent, key)
		w.mu.Unlock()
		id, err := s.dump(ctx, request(sourceOf(key, sources).key, key), key)
		if err != nil {
			return // killed
		}
		w.mu.Lock()
		w.accepted[key] = id
		w.mu.Unlock()
	}
}

const noAsset = "00000000000000000000000000000000"

// fetches reads published media all the time: it must be complete or not there.
func (w *ledger) fetches(ctx context.Context, s service, sources []source) {
	for ctx.Err() == nil {
		w.mu.Lock()
		key, id := "0-0-0", noAsset
		for key, id = range w.accepted { // the map's order is random
			break
		}
		w.mu.Unlock()
		want := sourceOf(key, sources)
		got, err := s.fetch(ctx, id, want)
		if err != nil {
			return // killed
		}
		w.mu.Lock()
		w.fetched++
		if got.status != http.StatusNotFound && (got.status != http.StatusOK || !bytes.Equal(got.body, want.content)) {
			w.half++
		}
		w.mu.Unlock()
	}
}

func (s service) fetch(ctx context.Context, id string, of source) (response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+"/media/"+id+"/"+of.key[len("in/"):], nil)
	if err != nil {
		return response{}, err
	}
	return do(req)
}

// settle holds the last service against every promise and returns the number of assets.
func (w *ledger) settle(t *testing.T, s service, sources []source) int {
	lost, failed := 0, 0
	ids := map[string]string{}
	for _, key := range w.sent {
		body := request(sourceOf(key, sources).key, key)
		id, err := s.dump(servicetest.Context(t), body, key)
		if err != nil {
			t.Fatalf("dump %s again: %v", key, err)
		}
		if before, ok := w.accepted[key]; ok && before != id {
			lost++
		}
		if other, ok := ids[id]; ok {
			t.Errorf("keys %s and %s share asset %s", key, other, id)
		}
		ids[id] = key
	}
	for id, key := range ids {
		info := s.wait(t, id)
		if info.Status != companions.AssetStatusPublished {
			failed++
			t.Errorf("asset %s is %s: %v", id, info.Status, info.Description)
			continue
		}
		want := sourceOf(key, sources)
		got, err := s.fetch(servicetest.Context(t), id, want)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got.body, want.content) {
			w.half++
		}
	}
	total, err := s.count(servicetest.Context(t))
	if err != nil {
		t.Fatal(err)
	}
	doubled := total - len(ids)
	t.Logf("dumps %d (answered before a kill %d), fetches under way %d: lost %d, doubled %d, failed %d, half visible %d",
		len(w.sent), len(w.accepted), w.fetched, lost, doubled, failed, w.half)
	if lost != 0 || doubled != 0 || w.half != 0 {
		t.Errorf("lost %d, doubled %d, half visible %d; want 0", lost, doubled, w.half)
	}
	return len(ids)
}
