package store_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/vod-reproduction/vod/service/asset"
	"github.com/vod-reproduction/vod/service/jobs"
	"github.com/vod-reproduction/vod/service/store"
	"github.com/vod-reproduction/vod/service/store/storetest"
)

// buggyQueue panics for the jobs of one project.
type buggyQueue struct {
	store.Queue
	project string
}

func (q buggyQueue) Enqueue(ctx context.Context, tx *sql.Tx, jobs ...store.Job) ([]int64, error) {
	for _, job := range jobs {
		if job.Project == q.project {
			panic("bug")
		}
	}
	return q.Queue.Enqueue(ctx, tx, jobs...)
}

// Of the requests that share a transaction those are undone that the database refuses, or that meet a bug, and no others.
func TestGroupUndoesOnlyWhatFails(t *testing.T) {
	t.Parallel()
	const failing, buggy = "failing", "another project"
	cfg := config(filepath.Join(t.TempDir(), "vod.db"))
	cfg.Queue = func(ctx context.Context, db store.Connection) (store.Queue, error) {
		queue, err := jobs.New(jobs.Config{}).Connect(ctx, db)
		return buggyQueue{queue, buggy}, err
	}
	s := storetest.Open(t, cfg)
	s.Execute(t, `CREATE TRIGGER failing BEFORE INSERT ON stage
		WHEN EXISTS (SELECT 1 FROM asset WHERE id = new.asset_id AND title = 'failing') BEGIN SELECT RAISE(ABORT, 'disk is full'); END`)
	accept := func(n asset.New) (err error) {
		defer func() {
			if bug := recover(); bug != nil {
				err = fmt.Errorf("panic: %v", bug)
			}
		}()
		_, _, err = s.Accept(t.Context(), n)
		return err
	}
	const each = 5
	kinds := map[string]struct {
		edit func(n *asset.New)
		want string
	}{
		"good":    {func(*asset.New) {}, "<nil>"},
		"refused": {func(n *asset.New) { n.CategoryID = 4711 }, asset.ErrNoCategory.Error()},
		"failing": {func(n *asset.New) { n.Title = failing }, "disk is full"},
		"buggy":   {func(n *asset.New) { n.ProjectID = buggy }, "panic: bug"},
	}
	writer, err := s.Write.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var callers sync.WaitGroup
	for name, kind := range kinds {
		for i := range each {
			n := storetest.NewAsset()
			n.Idempotency.Key = fmt.Sprint(name, i)
			kind.edit(&n)
			callers.Go(func() {
				if got := fmt.Sprint(accept(n)); !strings.Contains(got, kind.want) {
					t.Errorf("%s: %s, want %s", name, got, kind.want)
				}
			})
		}
	}
	if err := writer.Rollback(); err != nil {
		t.Fatal(err)
	}
	callers.Wait()
	for _, table := range []string{"asset", "idempotency", "river_job"} {
		if n := s.Count(t, `SELECT count(*) FROM `+table); n != each {
			t.Errorf("%d rows in %s, want %d", n, table, each)
		}
	}
}
