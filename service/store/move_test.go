//go:build unix

package store_test

import (
	"cmp"
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	diff "github.com/google/go-cmp/cmp"

	"github.com/vod-reproduction/vod/internal/servicetest"
	"github.com/vod-reproduction/vod/service/asset"
	"github.com/vod-reproduction/vod/service/store"
	"github.com/vod-reproduction/vod/service/store/storetest"
)

// Everything moves from one database to another, each way, and goes on there.
func TestMove(t *testing.T) {
	t.Parallel()
	server := servicetest.StartPostgres(t)
	for name, c := range map[string]struct{ from, to string }{
		"SQLite to PostgreSQL": {"", server.Create(t)},
		"PostgreSQL to SQLite": {server.Create(t), ""},
	} {
		t.Run(name, func(t *testing.T) { testMove(t, open(t, c.from), c.to) })
	}
}

func testMove(t *testing.T, old *storetest.DB, dsn string) {
	category, err := old.CreateCategory(t.Context(), storetest.Project, "films", 0)
	if err != nil {
		t.Fatal(err)
	}
	filed := storetest.Everything()
	filed.CategoryID, filed.Idempotency.Key = category.ID, "key"
	done, waiting := old.MustAccept(t, filed), old.MustAccept(t, storetest.NewAsset())
	a := old.MustBegin(t, done.ID)
	files := []asset.File{{Name: "snapshots/1.jpg", Bucket: "b", Key: "k", Size: 3, ETag: "e"}}
	_, sealed := old.Cipher(t.Context(), a, []byte("sealed"))
	_, check := old.KeyCheck(t.Context(), []byte("check"))
	if err := errors.Join(sealed, check, old.Complete(t.Context(), a, asset.Stage{Name: asset.StageThumbnail}, nil, files),
		old.Finish(t.Context(), a, storetest.Ending(a))); err != nil {
		t.Fatal(err)
	}

	deleted := old.MustAccept(t, storetest.NewAsset())
	if err := old.Delete(t.Context(), storetest.Project, deleted.ID); err != nil {
		t.Fatal(err)
	}

	upload := old.MustUpload(t, storetest.NewUpload())

	old.Execute(t, `DELETE FROM river_job WHERE id = (SELECT job_id FROM asset WHERE id = $1)`, done.ID) // as the queue does with what has ended

	into := config(cmp.Or(dsn, filepath.Join(t.TempDir(), "vod.db")))
	var db store.Connection
	connect := into.Queue
	into.Queue = func(ctx context.Context, c store.Connection) (store.Queue, error) {
		db = c
		return connect(ctx, c)
	}
	fresh, err := store.Open(t.Context(), into)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := fresh.Close(); err != nil {
			t.Error(err)
		}
	}()
	// What the object store that the files were copied into says of them.
	moment := time.UnixMilli(1700000000000).UTC()
	media := old.MustGet(t, done.ID).Media
	versions := map[store.Object]store.Version{
		{Bucket: media.Bucket, Key: media.Key}: {ETag: "another", ModTime: moment}, {Bucket: "b", Key: "k"}: {ETag: "other", ModTime: moment},
	}
	files[0].ETag, files[0].ModTime = "other", moment
	if n, err := fresh.Move(t.Context(), old.Store, versions); n != 2 || err != nil {
		t.Fatalf("Move = %d, %v; want 2 assets", n, err)
	}
	for _, id := range []string{done.ID, waiting.ID} {
		want := old.MustGet(t, id)
		if id == done.ID {
			want.Media.ETag, want.Media.ModTime = "another", moment
		}
		if got, err := fresh.Get(t.Context(), storetest.Project, id); err != nil || diff.Diff(want, got) != "" {
			t.Errorf("%v\n%s", err, diff.Diff(want, got))
		}
	}
	var jobs, known, removals int
	if err := db.QueryRowContext(t.Context(), `
		SELECT count(*), count(asset.id), count(deletion.asset_id) FROM river_job
		LEFT JOIN asset ON asset.job_id = river_job.id AND asset.id = $1
		LEFT JOIN deletion ON deletion.job_id = river_job.id`, waiting.ID).
		Scan(&jobs, &known, &removals); jobs != 3 || known != 1 || removals != 1 || err != nil { // the other is of the preheating
		t.Errorf("%d jobs, %d of them known to their asset, %d to their deletion, %v", jobs, known, removals, err)
	}
	if got, err := fresh.Files(t.Context(), done.ID); err != nil || diff.Diff(files, got) != "" {
		t.Errorf("files: %v\n%s", err, diff.Diff(files, got))
	}
	if again, err := fresh.Replay(t.Context(), storetest.Project, filed.Idempotency); again != done.ID || err != nil {
		t.Errorf("the key replays %q, %v", again, err)
	}
	if kept, err := fresh.KeyCheck(t.Context(), nil); string(kept) != "check" || err != nil {
		t.Errorf("the check of the key is %q, %v", kept, err)
	}
	if _, _, err := fresh.Accept(t.Context(), storetest.NewAsset()); err != nil {
		t.Errorf("a new request: %v", err)
	}
	// The new queue has jobs with the numbers that those of the former had, which belong to others.
	if _, busy, ok, err := fresh.Remains(t.Context(), deleted.ID); busy || !ok || err != nil {
		t.Errorf("Remains = busy %v, %v, %v", busy, ok, err)
	}
	if err := fresh.Delete(t.Context(), storetest.Project, done.ID); err != nil {
		t.Error(err)
	}
	var cancelled int
	if err := db.QueryRowContext(t.Context(), `SELECT count(*) FROM river_job WHERE state = 'cancelled'`).Scan(&cancelled); cancelled != 0 || err != nil {
		t.Errorf("deleting a moved asset cancels %d jobs of others, %v", cancelled, err)
	}
	if err := fresh.ConfirmUpload(t.Context(), storetest.Project, upload.ID); err != nil {
		t.Errorf("an upload that was moved: %v", err)
	}
	if _, err := fresh.CreateCategory(t.Context(), storetest.Project, "more", category.ID); err != nil {
		t.Errorf("a new category: %v", err)
	}
	if _, err := fresh.Move(t.Context(), old.Store, nil); !errors.Is(err, store.ErrNotEmpty) {
		t.Errorf("a second Move = %v, want ErrNotEmpty", err)
	}
}
