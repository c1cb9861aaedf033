package storetest

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vod-reproduction/vod/service/asset"
	"github.com/vod-reproduction/vod/service/store"
)

// NewUpload returns a request for an upload into the service's bucket.
func NewUpload() asset.New {
	n := Everything()
	n.Source = asset.Location{Bucket: "vod", Region: "cn-north-4"}
	n.Idempotency = asset.Idempotency{}
	return n
}

// MustUpload creates an upload.
func (d *DB) MustUpload(t testing.TB, n asset.New) asset.Upload {
	t.Helper()
	u, err := d.CreateUpload(t.Context(), n, "film.mp4")
	if err != nil {
		t.Fatalf("CreateUpload: %v", err)
	}
	return u
}

// uploadOf reads an upload of Project; ok is false when it is none.
func (d *DB) uploadOf(t testing.TB, id string) (u asset.Upload, ok bool) {
	t.Helper()
	u, err := d.Upload(t.Context(), Project, id)
	if err != nil && !errors.Is(err, asset.ErrNotFound) {
		t.Fatalf("Upload: %v", err)
	}
	return u, err == nil
}

// An upload is no asset, and becomes the asset of its ID.
func (on suite) testConfirmUpload(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 16, 8, 0, 0, 0, time.UTC)
	s := on.open(t, store.Config{Now: func() time.Time { return now }})
	u := s.MustUpload(t, NewUpload())
	want := asset.Upload{ID: u.ID, New: NewUpload(), CategoryName: "Other", State: asset.Uploading, CreatedAt: now, UpdatedAt: now, ExpiresAt: now.Add(asset.UploadTime)}
	want.Source.Key, want.CategoryID = asset.UploadKey(u.ID, "film.mp4"), asset.OtherCategory
	if d := cmp.Diff(want, u); d != "" {
		t.Errorf("created (-want +got):\n%s", d)
	}
	if got, _ := s.uploadOf(t, u.ID); cmp.Diff(u, got) != "" {
		t.Errorf("read (-want +got):\n%s", cmp.Diff(u, got))
	}
	if _, err := s.Upload(t.Context(), "another project", u.ID); !errors.Is(err, asset.ErrNotFound) {
		t.Errorf("another project sees it: %v", err)
	}
	if _, err := s.Get(t.Context(), Project, u.ID); !errors.Is(err, asset.ErrNotFound) {
		t.Errorf("it is an asset before it is confirmed: %v", err)
	}
	if jobs := s.Count(t, `SELECT count(*) FROM river_job`); jobs != 0 {
		t.Errorf("%d jobs before it is confirmed", jobs)
	}
	if err := s.ConfirmUpload(t.Context(), "another project", u.ID); !errors.Is(err, asset.ErrNotFound) {
		t.Errorf("confirmed by another project: %v", err)
	}
	now = now.Add(time.Hour)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if err := s.ConfirmUpload(t.Context(), Project, u.ID); err != nil {
				t.Errorf("ConfirmUpload: %v", err)
			}
		})
	}
	all.Wait()
	a := s.MustGet(t, u.ID)
	if a.State != asset.Creating || !a.Uploaded() || !a.CreatedAt.Equal(now) || len(a.Stages) != len(u.Stages()) || cmp.Diff(u.Plan, a.Plan) != "" {
		t.Errorf("confirmed: %+v", a)
	}
	if jobs := s.Count(t, `SELECT count(*) FROM river_job`); jobs != 1 {
		t.Errorf("%d jobs", jobs)
	}
	if _, ok := s.uploadOf(t, u.ID); ok {
		t.Error("it is still an upload")
	}
	if err := s.EndUpload(t.Context(), Project, u.ID, asset.UploadCancelled); !errors.Is(err, asset.ErrNotUploading) {
		t.Errorf("cancelled afterwards: %v", err)
	}
	dump := s.MustAccept(t, NewAsset())
	for id, want := range map[string]error{dump.ID: asset.ErrNotUploading, "unknown": asset.ErrNotFound} {
		if err := s.ConfirmUpload(t.Context(), Project, id); !errors.Is(err, want) {
			t.Errorf("confirmed %s: %v, want %v", id, err, want)
		}
		if err := s.EndUpload(t.Context(), Project, id, asset.UploadFailed); !errors.Is(err, want) {
			t.Errorf("ended %s: %v, want %v", id, err, want)
		}
	}
}

// An upload that failed, was cancelled, or took too long can no longer be confirmed, and is deleted in the end.
func (on suite) testEndUpload(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		end  asset.State // "" lets the time pass
		want asset.State
	}{
		"failed":    {asset.UploadFailed, asset.UploadFailed},
		"cancelled": {asset.UploadCancelled, asset.UploadCancelled},
		"too long":  {"", asset.UploadFailed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			now := time.Date(2026, 1, 16, 8, 0, 0, 0, time.UTC)
			s := on.open(t, store.Config{Now: func() time.Time { return now }})
			u, other := s.MustUpload(t, NewUpload()), s.MustUpload(t, NewUpload())
			for range 2 { // the second time changes nothing
				if c.end == "" {
					now = u.ExpiresAt
				} else if err := s.EndUpload(t.Context(), Project, u.ID, c.end); err != nil {
					t.Fatal(err)
				}
			}
			if got, ok := s.uploadOf(t, u.ID); !ok || got.State != c.want {
				t.Errorf("the upload is %v, %v", got.State, ok)
			}
			if err := s.ConfirmUpload(t.Context(), Project, u.ID); !errors.Is(err, asset.ErrNotUploading) {
				t.Errorf("confirmed all the same: %v", err)
			}
			if list, err := s.ExpiredUploads(t.Context(), u.ExpiresAt, "", 10); len(list) != 0 || err != nil {
				t.Errorf("over at its end: %v, %v", list, err)
			}
			list, err := s.ExpiredUploads(t.Context(), u.ExpiresAt.Add(time.Millisecond), "", 10)
			if len(list) != 2 || err != nil {
				t.Fatalf("over behind its end: %v, %v", list, err)
			}
			for range 2 { // two processes
				if err := s.ForgetUpload(t.Context(), Project, u.ID); err != nil {
					t.Fatal(err)
				}
			}
			if _, ok := s.uploadOf(t, u.ID); ok {
				t.Error("it is still there")
			}
			if gone, err := s.Deleted(t.Context(), Project, []string{u.ID, other.ID}); !gone[u.ID] || gone[other.ID] || err != nil {
				t.Errorf("Deleted = %v, %v", gone, err)
			}
			if _, _, ok, err := s.Remains(t.Context(), u.ID); ok || err != nil {
				t.Errorf("its file is still to be removed: %v, %v", ok, err)
			}
		})
	}
}

// An upload can be changed and deleted at every moment, and its file is not removed while it is worked on.
func (on suite) testUploadAndAsset(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 16, 8, 0, 0, 0, time.UTC)
	s := on.open(t, store.Config{Now: func() time.Time { return now }})
	category, err := s.CreateCategory(t.Context(), Project, "films", 0)
	if err != nil {
		t.Fatal(err)
	}
	n := NewUpload()
	n.CategoryID = 999
	if _, err := s.CreateUpload(t.Context(), n, "film.mp4"); !errors.Is(err, asset.ErrNoCategory) {
		t.Errorf("an unknown category: %v", err)
	}
	waiting, working, ended := s.MustUpload(t, NewUpload()), s.MustUpload(t, NewUpload()), s.MustUpload(t, NewUpload())
	for _, u := range []asset.Upload{waiting, working, ended} {
		if err := s.Change(t.Context(), Project, u.ID, asset.Changes{Title: new("changed"), CategoryID: &category.ID}); err != nil {
			t.Fatal(err)
		}
	}
	if got, _ := s.uploadOf(t, waiting.ID); got.Title != "changed" || got.CategoryName != "films" {
		t.Errorf("changed: %+v", got)
	}
	if err := s.DeleteCategory(t.Context(), Project, category.ID); err != nil {
		t.Fatal(err)
	}
	if got, _ := s.uploadOf(t, waiting.ID); got.CategoryID != asset.OtherCategory || got.CategoryName != "Other" {
		t.Errorf("without its category: %+v", got)
	}
	for _, u := range []asset.Upload{working, ended} {
		if err := s.ConfirmUpload(t.Context(), Project, u.ID); err != nil {
			t.Fatal(err)
		}
		if a := s.MustGet(t, u.ID); a.Title != "changed" || a.CategoryID != asset.OtherCategory {
			t.Errorf("confirmed: %+v", a)
		}
	}
	if err := s.Finish(t.Context(), s.MustBegin(t, ended.ID), asset.Outcome{Media: NewMedia()}); err != nil {
		t.Fatal(err)
	}
	for _, u := range []asset.Upload{waiting, ended} {
		for range 2 { // the second time changes nothing
			if err := s.Delete(t.Context(), Project, u.ID); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.ConfirmUpload(t.Context(), Project, u.ID); !errors.Is(err, asset.ErrNotFound) {
			t.Errorf("confirmed after its deletion: %v", err)
		}
		if gone, err := s.Deleted(t.Context(), Project, []string{u.ID}); !gone[u.ID] || err != nil {
			t.Errorf("Deleted = %v, %v", gone, err)
		}
	}
	if a, busy, ok, err := s.Remains(t.Context(), waiting.ID); !ok || busy || err != nil || a.Source.Key != waiting.Source.Key || a.Attempt != 0 {
		t.Errorf("Remains = %+v, %v, %v, %v", a, busy, ok, err)
	}
	list, err := s.ExpiredUploads(t.Context(), waiting.ExpiresAt.Add(time.Millisecond), "", 10)
	if len(list) != 2 || err != nil {
		t.Fatalf("ExpiredUploads = %v, %v; want the two that nobody works on", list, err)
	}
	for _, u := range list {
		if u.ID == working.ID {
			t.Error("the file that is being worked on is to be removed")
		}
		if err := s.ForgetUpload(t.Context(), u.ProjectID, u.ID); err != nil {
			t.Error(err)
		}
	}
	if err := s.Finish(t.Context(), s.MustBegin(t, working.ID), asset.Outcome{Media: NewMedia()}); err != nil {
		t.Fatal(err)
	}
	if err := s.ForgetUpload(t.Context(), Project, working.ID); err != nil {
		t.Fatal(err)
	}
	if err := s.ConfirmUpload(t.Context(), Project, working.ID); err != nil {
		t.Errorf("confirmed long afterwards: %v", err)
	}
}

// An upload that is confirmed and deleted at the same time is deleted in the end, with its asset or before there is one.
func (on suite) testConfirmAndDelete(t *testing.T) {
	t.Parallel()
	s := on.open(t, store.Config{})
	for range 20 {
		u := s.MustUpload(t, NewUpload())
		var both sync.WaitGroup
		both.Go(func() {
			if err := s.ConfirmUpload(t.Context(), Project, u.ID); err != nil && !errors.Is(err, asset.ErrNotFound) {
				t.Errorf("ConfirmUpload: %v", err)
			}
		})
		both.Go(func() {
			if err := s.Delete(t.Context(), Project, u.ID); err != nil {
				t.Errorf("Delete: %v", err)
			}
		})
		both.Wait()
		if _, err := s.Get(t.Context(), Project, u.ID); !errors.Is(err, asset.ErrNotFound) {
			t.Fatalf("Get = %v", err)
		}
		if _, busy, ok, err := s.Remains(t.Context(), u.ID); !ok || busy || err != nil {
			t.Fatalf("Remains = %v, %v, %v", busy, ok, err)
		}
	}
}
