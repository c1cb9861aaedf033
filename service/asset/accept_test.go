package asset

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"regexp"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestAcceptRecordsEverything(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 16, 8, 0, 0, 123e6, time.UTC)
	s := open(t, Config{Now: func() time.Time { return now }})
	n := newAsset()
	n.Description, n.Tags = "about a film", "one,two"
	n.StorageMode, n.OutputBucket, n.OutputPath = 1, "mine", "out"
	n.AutoPublish = true
	n.Plan = Plan{Thumbnail: &Thumbnail{Type: ThumbnailTime, Every: 12 * time.Second, Cover: 1, MaxLength: 480}, Preheat: true}
	n.IdempotencyKey = "k"

	a := accept(t, s, n)
	if !regexp.MustCompile(`^[0-9a-f]{32}$`).MatchString(a.ID) {
		t.Errorf("ID = %q, want 32 lower-case hex digits", a.ID)
	}
	want := Asset{
		ID: a.ID, ProjectID: project, Title: n.Title, Description: n.Description,
		CategoryID: OtherCategory, CategoryName: "Other", Tags: n.Tags, VideoType: n.VideoType, Source: n.Source,
		StorageMode: 1, OutputBucket: "mine", OutputPath: "out", AutoPublish: true,
		Request: n.Request, RequestID: n.RequestID, State: Creating,
		Plan: n.Plan, Stages: []Stage{
			{Name: "verify", State: StageWaiting}, {Name: "probe", State: StageWaiting}, {Name: "thumbnail", State: StageWaiting},
			{Name: "publish", State: StageWaiting}, {Name: "preheat", State: StageWaiting},
		},
		CreatedAt: now, UpdatedAt: now,
	}
	if d := cmp.Diff(want, a); d != "" {
		t.Errorf("accepted asset (-want +got):\n%s", d)
	}
	if d := cmp.Diff(want, get(t, s, a.ID)); d != "" {
		t.Errorf("read asset (-want +got):\n%s", d)
	}
	if _, err := s.Get(t.Context(), "another project", a.ID); !errors.Is(err, ErrNotFound) {
		t.Errorf("Get by another project = %v, want ErrNotFound", err)
	}
}

// Whichever write of the transaction fails, nothing of it stays.
func TestAcceptIsAllOrNothing(t *testing.T) {
	t.Parallel()
	for _, table := range []string{"river_job", "asset", "stage", "idempotency"} {
		t.Run(table, func(t *testing.T) {
			t.Parallel()
			s := open(t, Config{})
			refuseWrites(t, s, "INSERT", table)
			n := newAsset()
			n.IdempotencyKey = "k"

			if _, _, err := s.Accept(t.Context(), n); err == nil {
				t.Fatal("Accept succeeded although a write failed")
			}
			for _, table := range []string{"river_job", "asset", "stage", "idempotency"} {
				if rows := count(t, s, `SELECT count(*) FROM `+table); rows != 0 {
					t.Errorf("%d rows stayed in %s", rows, table)
				}
			}
			execute(t, s, `DROP TRIGGER refuse`)
			accept(t, s, n) // the same key is still unused
		})
	}
}

func TestAcceptUnknownCategory(t *testing.T) {
	t.Parallel()
	s := open(t, Config{})
	other, err := s.CreateCategory(t.Context(), "another project", "films", 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []int64{other.ID, 999, -2} {
		n := newAsset()
		n.CategoryID = id
		if _, _, err := s.Accept(t.Context(), n); !errors.Is(err, ErrNoCategory) {
			t.Errorf("Accept with category %d = %v, want ErrNoCategory", id, err)
		}
	}
}

func TestIdempotencyKey(t *testing.T) {
	t.Parallel()
	s := open(t, Config{})
	n := newAsset()
	n.IdempotencyKey = "k"
	if a, ok, err := s.Replay(t.Context(), n); ok || err != nil {
		t.Errorf("Replay of an unused key = %s, %v, %v", a.ID, ok, err)
	}
	first := accept(t, s, n)

	if a, ok, err := s.Replay(t.Context(), n); a.ID != first.ID || !ok || err != nil {
		t.Errorf("Replay = %s, %v, %v; want %s", a.ID, ok, err, first.ID)
	}
	same, replayed, err := s.Accept(t.Context(), n)
	if err != nil || !replayed || same.ID != first.ID {
		t.Errorf("repeated Accept = %s, replayed %v, error %v; want %s again", same.ID, replayed, err, first.ID)
	}
	other := n
	other.BodySHA256 = sha256.Sum256([]byte("another body"))
	if _, _, err := s.Accept(t.Context(), other); !errors.Is(err, ErrIdempotencyMismatch) {
		t.Errorf("Accept of another body = %v, want ErrIdempotencyMismatch", err)
	}
	if _, _, err := s.Replay(t.Context(), other); !errors.Is(err, ErrIdempotencyMismatch) {
		t.Errorf("Replay of another body = %v, want ErrIdempotencyMismatch", err)
	}
	foreign := other
	foreign.ProjectID = "another project"
	if accept(t, s, foreign).ID == first.ID {
		t.Error("the key of one project gave its asset to another")
	}
	keyless := newAsset()
	if _, ok, err := s.Replay(t.Context(), keyless); ok || err != nil {
		t.Errorf("Replay without a key = %v, %v", ok, err)
	}
	if once, again := accept(t, s, keyless), accept(t, s, keyless); once.ID == again.ID {
		t.Error("two requests without a key gave the same asset")
	}
}

func TestIdempotencyKeyInParallel(t *testing.T) {
	t.Parallel()
	s := open(t, Config{})
	n := newAsset()
	n.IdempotencyKey = "k"
	const calls = 32
	ids := make([]string, calls)
	fresh := make([]bool, calls)
	var wg sync.WaitGroup
	for i := range calls {
		wg.Go(func() {
			a, replayed, err := s.Accept(t.Context(), n)
			if err != nil {
				t.Errorf("Accept: %v", err)
			}
			ids[i], fresh[i] = a.ID, !replayed
		})
	}
	wg.Wait()
	made := 0
	for i := range calls {
		if ids[i] != ids[0] {
			t.Errorf("call %d gave asset %s, call 0 gave %s", i, ids[i], ids[0])
		}
		if fresh[i] {
			made++
		}
	}
	if made != 1 {
		t.Errorf("%d calls made an asset, want 1", made)
	}
	if jobs := count(t, s, `SELECT count(*) FROM river_job`); jobs != 1 {
		t.Errorf("%d jobs were queued, want 1", jobs)
	}
}

func BenchmarkAccept(b *testing.B) {
	for _, parallel := range []bool{false, true} {
		b.Run(fmt.Sprintf("parallel=%v", parallel), func(b *testing.B) {
			s := open(b, Config{})
			one := func() {
				n := newAsset()
				n.IdempotencyKey = newID()
				if _, _, err := s.Accept(b.Context(), n); err != nil {
					b.Error(err)
				}
			}
			if !parallel {
				for b.Loop() {
					one()
				}
				return
			}
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					one()
				}
			})
		})
	}
}
