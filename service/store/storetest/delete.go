package storetest

import (
	"crypto/sha256"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vod-reproduction/vod/service/asset"
	"github.com/vod-reproduction/vod/service/store"
)

// rowsOf are the tables that have rows of an asset.
var rowsOf = map[string]string{"asset": "id", "stage": "asset_id", "file": "asset_id", "event": "asset_id", "preheat": "asset_id"}

// A deleted asset is nowhere any more, whatever its state was, and nobody writes it again.
func (on suite) testDelete(t *testing.T) {
	t.Parallel()
	s := on.open(t, store.Config{Wants: func(string, asset.EventType) bool { return true }})
	files := []asset.File{{Name: "1.jpg", Bucket: "vod", Key: "k"}}
	for name, reach := range map[string]func(a asset.Attempt) error{
		"being made": func(a asset.Attempt) error {
			return s.Complete(t.Context(), a, asset.Stage{Name: asset.StageThumbnail}, nil, files)
		},
		"failed": func(a asset.Attempt) error { return s.Fail(t.Context(), a, "VOD.10003", "no such object") },
		"published": func(a asset.Attempt) error {
			return errors.Join(s.Complete(t.Context(), a, asset.Stage{Name: asset.StageThumbnail}, nil, files), s.Finish(t.Context(), a, Ending(a)))
		},
	} {
		t.Run(name, func(t *testing.T) {
			n := Everything()
			n.Idempotency.Key = name
			id, other := s.MustAccept(t, n).ID, s.MustAccept(t, NewAsset()).ID
			a := s.MustBegin(t, id)
			if err := reach(a); err != nil {
				t.Fatal(err)
			}
			if err := s.Delete(t.Context(), "another project", id); !errors.Is(err, asset.ErrNotFound) {
				t.Errorf("deleted by another project: %v", err)
			}
			for range 2 { // the second time changes nothing
				if err := s.Delete(t.Context(), Project, id); err != nil {
					t.Fatal(err)
				}
			}
			for table, column := range rowsOf {
				if rows := s.Count(t, `SELECT count(*) FROM `+table+` WHERE `+column+` = $1`, id); rows != 0 {
					t.Errorf("%d rows stayed in %s", rows, table)
				}
			}
			if _, err := s.Get(t.Context(), Project, id); !errors.Is(err, asset.ErrNotFound) {
				t.Errorf("Get = %v", err)
			}
			if _, err := s.Delivery(t.Context(), asset.Address{AssetID: id, Name: "film.mp4"}); !errors.Is(err, asset.ErrNotFound) {
				t.Errorf("Delivery = %v", err)
			}
			if _, ok, err := s.Begin(t.Context(), id); ok || err != nil {
				t.Errorf("Begin = %v, %v", ok, err)
			}
			for name, write := range attemptWrites {
				if err := write(t.Context(), s, a); !errors.Is(err, asset.ErrStale) {
					t.Errorf("%s of the attempt that was running = %v, want ErrStale", name, err)
				}
			}
			if again, replayed, err := s.Accept(t.Context(), n); !replayed || again != id || err != nil {
				t.Errorf("the used key made %s, %v, %v", again, replayed, err)
			}
			n.Idempotency.BodySHA256 = sha256.Sum256([]byte("another body"))
			if _, err := s.Replay(t.Context(), Project, n.Idempotency); !errors.Is(err, asset.ErrIdempotencyMismatch) {
				t.Errorf("the used key with another body: %v", err)
			}
			gone, err := s.Deleted(t.Context(), Project, []string{id, other, "unknown"})
			if d := cmp.Diff(map[string]bool{id: true}, gone); err != nil || d != "" {
				t.Errorf("Deleted: %v (-want +got):\n%s", err, d)
			}
			s.MustGet(t, other)
		})
	}
	if err := s.Delete(t.Context(), Project, "unknown"); !errors.Is(err, asset.ErrNotFound) {
		t.Errorf("an unknown asset: %v", err)
	}
}

// What is needed to find the files of a deleted asset is kept until they are removed.
func (on suite) testRemains(t *testing.T) {
	t.Parallel()
	s := on.open(t, store.Config{})
	n := Everything()
	n.StorageMode, n.OutputBucket, n.OutputPath = 1, "source", "out"
	id := s.MustAccept(t, n).ID
	s.MustBegin(t, id)
	if err := s.Delete(t.Context(), Project, id); err != nil {
		t.Fatal(err)
	}
	want := asset.Asset{ID: id, ProjectID: Project, VideoType: n.VideoType, Source: asset.Location{Key: n.Source.Key}, StorageMode: 1,
		OutputBucket: n.OutputBucket, OutputPath: n.OutputPath, Plan: n.Plan, Attempt: 1}
	got, busy, ok, err := s.Remains(t.Context(), id)
	if d := cmp.Diff(want, got); !ok || busy || err != nil || d != "" {
		t.Errorf("Remains = %v, %v, %v (-want +got):\n%s", busy, ok, err, d)
	}
	// Its job is lost.
	s.Execute(t, `DELETE FROM river_job`)
	if err := s.Requeue(t.Context()); err != nil {
		t.Fatal(err)
	}
	const jobs = `SELECT count(*) FROM river_job JOIN deletion ON job_id = river_job.id WHERE asset_id = $1 AND state = 'available'`
	if n := s.Count(t, jobs, id); n != 1 {
		t.Errorf("the lost removal has %d jobs", n)
	}
	if err := s.MarkRemoved(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if _, _, ok, err := s.Remains(t.Context(), id); ok || err != nil {
		t.Errorf("after the removal Remains = %v, %v", ok, err)
	}
	if n := s.Count(t, `SELECT count(*) FROM deletion WHERE source_key <> '' OR output_path <> ''`); n != 0 {
		t.Error("the deletion still knows the names of the tenant's files")
	}
}

// Whichever write of the deletion fails, the asset stays as it is, and its work goes on.
func (on suite) testDeleteIsAllOrNothing(t *testing.T) {
	t.Parallel()
	for kind, table := range map[string]string{"UPDATE": "river_job", "INSERT": "deletion", "DELETE": "asset"} {
		t.Run(table, func(t *testing.T) {
			t.Parallel()
			s := on.open(t, store.Config{})
			id := s.MustAccept(t, NewAsset()).ID
			before := s.MustGet(t, id)
			s.RefuseWrites(t, kind, table)
			if err := s.Delete(t.Context(), Project, id); err == nil {
				t.Fatal("Delete succeeded although a write failed")
			}
			s.AcceptWrites(t)
			if d := cmp.Diff(before, s.MustGet(t, id)); d != "" {
				t.Errorf("the asset changed (-before +after):\n%s", d)
			}
			if n := s.Count(t, `SELECT count(*) FROM river_job WHERE state = 'available'`); n != 1 {
				t.Errorf("%d jobs are available, want that of the asset", n)
			}
		})
	}
}

func (on suite) testEnded(t *testing.T) {
	t.Parallel()
	clock := time.Date(2026, 1, 16, 8, 0, 0, 0, time.UTC)
	s := on.open(t, store.Config{Now: func() time.Time { return clock }})
	foreign := NewAsset()
	foreign.ProjectID = "another project"
	var ended []string
	for i := range 4 {
		clock = clock.Add(time.Hour)
		s.MustAccept(t, NewAsset()) // does not end
		for _, n := range []asset.New{NewAsset(), foreign} {
			a := s.MustBegin(t, s.MustAccept(t, n).ID)
			if err := s.Finish(t.Context(), a, Ending(a)); err != nil {
				t.Fatal(err)
			}
			if n.ProjectID == Project && i < 3 {
				ended = append(ended, a.Asset.ID)
			}
		}
	}
	for _, limit := range []int{1, 2, 10} {
		got, err := s.Ended(t.Context(), Project, clock, limit)
		if d := cmp.Diff(ended[:min(limit, len(ended))], got); err != nil || d != "" {
			t.Errorf("up to %d: %v (-want +got):\n%s", limit, err, d)
		}
	}
}
