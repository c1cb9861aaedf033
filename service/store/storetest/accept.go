package storetest

import (
	"crypto/sha256"
	"errors"
	"regexp"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vod-reproduction/vod/service/asset"
	"github.com/vod-reproduction/vod/service/store"
)

func (on suite) testAcceptRecordsEverything(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 16, 8, 0, 0, 123e6, time.UTC)
	s := on.open(t, store.Config{Now: func() time.Time { return now }})
	n := NewAsset()
	n.Description, n.Tags = "about a film", "one,two"
	n.StorageMode, n.OutputBucket, n.OutputPath = 1, "mine", "out"
	n.AutoPublish = true
	n.Plan = asset.Plan{Thumbnail: &asset.Thumbnail{Type: asset.ThumbnailTime, Every: 12 * time.Second, Cover: 1, MaxLength: 480}, Preheat: true}
	n.Idempotency.Key = "k"

	if err := s.AuthorizeBucket(t.Context(), Project, n.OutputBucket); err != nil {
		t.Fatal(err)
	}
	a := s.MustAccept(t, n)
	if !regexp.MustCompile(`^[0-9a-f]{32}$`).MatchString(a.ID) {
		t.Errorf("ID = %q, want 32 lower-case hex digits", a.ID)
	}
	want := asset.Asset{
		ID: a.ID, ProjectID: Project, Title: n.Title, Description: n.Description,
		CategoryID: asset.OtherCategory, CategoryName: "Other", Tags: n.Tags, VideoType: n.VideoType, Source: n.Source,
		StorageMode: 1, OutputBucket: "mine", OutputPath: "out", AutoPublish: true,
		Request: n.Request, RequestID: n.RequestID, State: asset.Creating,
		Plan: n.Plan, Stages: []asset.Stage{
			{Name: "verify", State: asset.StageWaiting}, {Name: "probe", State: asset.StageWaiting}, {Name: "thumbnail", State: asset.StageWaiting},
			{Name: "publish", State: asset.StageWaiting}, {Name: "preheat", State: asset.StageWaiting},
		},
		CreatedAt: now, UpdatedAt: now,
	}
	if d := cmp.Diff(want, a); d != "" {
		t.Errorf("accepted asset (-want +got):\n%s", d)
	}
	if _, err := s.Get(t.Context(), "another project", a.ID); !errors.Is(err, asset.ErrNotFound) {
		t.Errorf("Get by another project = %v, want ErrNotFound", err)
	}
}

// Whichever write of the transaction fails, nothing of it stays.
func (on suite) testAcceptIsAllOrNothing(t *testing.T) {
	t.Parallel()
	for _, table := range []string{"river_job", "asset", "stage", "idempotency"} {
		t.Run(table, func(t *testing.T) {
			t.Parallel()
			s := on.open(t, store.Config{})
			s.RefuseWrites(t, "INSERT", table)
			n := NewAsset()
			n.Idempotency.Key = "k"

			if _, _, err := s.Accept(t.Context(), n); err == nil {
				t.Fatal("Accept succeeded although a write failed")
			}
			for _, table := range []string{"river_job", "asset", "stage", "idempotency"} {
				if rows := s.Count(t, `SELECT count(*) FROM `+table); rows != 0 {
					t.Errorf("%d rows stayed in %s", rows, table)
				}
			}
			s.AcceptWrites(t)
			s.MustAccept(t, n) // the same key is still unused
		})
	}
}

func (on suite) testAcceptUnknownCategory(t *testing.T) {
	t.Parallel()
	s := on.open(t, store.Config{})
	other, err := s.CreateCategory(t.Context(), "another project", "films", 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []int64{other.ID, 999, -2} {
		n := NewAsset()
		n.CategoryID = id
		if _, _, err := s.Accept(t.Context(), n); !errors.Is(err, asset.ErrNoCategory) {
			t.Errorf("Accept with category %d = %v, want ErrNoCategory", id, err)
		}
	}
}

func (on suite) testIdempotencyKey(t *testing.T) {
	t.Parallel()
	s := on.open(t, store.Config{})
	n := NewAsset()
	n.Idempotency.Key = "k"
	if id, err := s.Replay(t.Context(), n.ProjectID, n.Idempotency); id != "" || err != nil {
		t.Errorf("Replay of an unused key = %q, %v", id, err)
	}
	first := s.MustAccept(t, n)

	if id, err := s.Replay(t.Context(), n.ProjectID, n.Idempotency); id != first.ID || err != nil {
		t.Errorf("Replay = %q, %v; want %s", id, err, first.ID)
	}
	same, replayed, err := s.Accept(t.Context(), n)
	if err != nil || !replayed || same != first.ID {
		t.Errorf("repeated Accept = %s, replayed %v, error %v; want %s again", same, replayed, err, first.ID)
	}
	other := n
	other.Idempotency.BodySHA256 = sha256.Sum256([]byte("another body"))
	if _, _, err := s.Accept(t.Context(), other); !errors.Is(err, asset.ErrIdempotencyMismatch) {
		t.Errorf("Accept of another body = %v, want ErrIdempotencyMismatch", err)
	}
	if _, err := s.Replay(t.Context(), other.ProjectID, other.Idempotency); !errors.Is(err, asset.ErrIdempotencyMismatch) {
		t.Errorf("Replay of another body = %v, want ErrIdempotencyMismatch", err)
	}
	foreign := other
	foreign.ProjectID = "another project"
	if s.MustAccept(t, foreign).ID == first.ID {
		t.Error("the key of one project gave its asset to another")
	}
	keyless := NewAsset()
	if id, err := s.Replay(t.Context(), keyless.ProjectID, keyless.Idempotency); id != "" || err != nil {
		t.Errorf("Replay without a key = %q, %v", id, err)
	}
	if once, again := s.MustAccept(t, keyless), s.MustAccept(t, keyless); once.ID == again.ID {
		t.Error("two requests without a key gave the same asset")
	}
}

func (on suite) testIdempotencyKeyInParallel(t *testing.T) {
	t.Parallel()
	s := on.open(t, store.Config{})
	n := NewAsset()
	n.Idempotency.Key = "k"
	const calls = 32
	ids := make([]string, calls)
	fresh := make([]bool, calls)
	var wg sync.WaitGroup
	for i := range calls {
		wg.Go(func() {
			id, replayed, err := s.Accept(t.Context(), n)
			if err != nil {
				t.Errorf("Accept: %v", err)
			}
			ids[i], fresh[i] = id, !replayed
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
	if jobs := s.Count(t, `SELECT count(*) FROM river_job`); jobs != 1 {
		t.Errorf("%d jobs were queued, want 1", jobs)
	}
}

// A bucket that was revoked meanwhile is refused, and nothing is recorded.
func (on suite) testAcceptUnauthorizedBucket(t *testing.T) {
	t.Parallel()
	s := on.open(t, store.Config{})
	n := NewAsset()
	n.OutputBucket = "closed"
	refused := func(bucket string) {
		t.Helper()
		_, _, err := s.Accept(t.Context(), n)
		if fault, ok := errors.AsType[*asset.BucketError](err); !ok || fault.Bucket != bucket {
			t.Errorf("Accept = %v, want a BucketError of %q", err, bucket)
		}
		if rows := s.Count(t, `SELECT count(*) FROM asset`); rows != 0 {
			t.Errorf("%d assets were recorded", rows)
		}
	}
	refused("closed")
	if err := s.RevokeBucket(t.Context(), Project, n.Source.Bucket); err != nil {
		t.Fatal(err)
	}
	refused(n.Source.Bucket)
}
