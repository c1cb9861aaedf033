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

const buggy, stuck = "a project that meets a bug", "a project whose jobs wait"

// groupQueue panics for the jobs of one project, and has those of another wait.
type groupQueue struct {
	store.Queue
	begun   chan struct{} // one for each transaction that waits
	release chan struct{}
}

func (q groupQueue) Enqueue(ctx context.Context, tx *sql.Tx, jobs ...store.Job) ([]int64, error) {
	for _, job := range jobs {
		switch job.Project {
		case buggy:
			panic("bug")
		case stuck:
			q.begun <- struct{}{}
			<-q.release
		}
	}
	return q.Queue.Enqueue(ctx, tx, jobs...)
}

// groupDB is a store whose groups can be made to wait.
type groupDB struct {
	*storetest.DB
	queue groupQueue
}

func openGroups(t *testing.T, dsn string) groupDB {
	t.Helper()
	queue := groupQueue{begun: make(chan struct{}), release: make(chan struct{})}
	cfg := config(dsn)
	cfg.Queue = func(ctx context.Context, db store.Connection) (_ store.Queue, err error) {
		queue.Queue, err = jobs.New(jobs.Config{}).Connect(ctx, db)
		return queue, err
	}
	s := groupDB{storetest.Open(t, cfg), queue}
	for _, project := range []string{buggy, stuck} {
		if err := s.AuthorizeBucket(t.Context(), project, storetest.NewAsset().Source.Bucket); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// occupy has so many groups wait until release is called: requests that come meanwhile share a transaction.
func (s groupDB) occupy(t *testing.T, groups int) (release func()) {
	t.Helper()
	var waiting sync.WaitGroup
	for range groups {
		waiting.Go(func() {
			n := storetest.NewAsset()
			n.ProjectID = stuck
			if _, _, err := s.Accept(t.Context(), n); err != nil {
				t.Error(err)
			}
		})
		<-s.queue.begun
	}
	return func() {
		close(s.queue.release)
		waiting.Wait()
	}
}

// accept returns what becomes of a request: the ID of its asset, or why there is none.
func (s groupDB) accept(ctx context.Context, n asset.New) (id string, err error) {
	defer func() {
		if bug := recover(); bug != nil {
			err = fmt.Errorf("panic: %v", bug)
		}
	}()
	id, _, err = s.Accept(ctx, n)
	return id, err
}

func keyed(key string) asset.New {
	n := storetest.NewAsset()
	n.Idempotency.Key = key
	return n
}

func TestGroupUndoesOnlyWhatFails(t *testing.T) {
	t.Parallel()
	testFailingGroup(t, filepath.Join(t.TempDir(), "vod.db"), 1, `CREATE TRIGGER failing BEFORE INSERT ON stage
		WHEN EXISTS (SELECT 1 FROM asset WHERE id = new.asset_id AND title = 'failing') BEGIN SELECT RAISE(ABORT, 'disk is full'); END`)
}

// Of the requests that share a transaction those are undone that the database refuses, or that meet a bug, and no others.
func testFailingGroup(t *testing.T, dsn string, groups int, failing string) {
	s := openGroups(t, dsn)
	s.Execute(t, failing)
	const each = 5
	kinds := map[string]struct {
		edit func(n *asset.New)
		want string
	}{
		"good":    {func(*asset.New) {}, "<nil>"},
		"refused": {func(n *asset.New) { n.CategoryID = 4711 }, asset.ErrNoCategory.Error()},
		"failing": {func(n *asset.New) { n.Title = "failing" }, "disk is full"},
		"buggy":   {func(n *asset.New) { n.ProjectID = buggy }, "panic: bug"},
	}
	release := s.occupy(t, groups)
	var callers sync.WaitGroup
	for name, kind := range kinds {
		for i := range each {
			n := keyed(fmt.Sprint(name, i))
			kind.edit(&n)
			callers.Go(func() {
				if _, err := s.accept(t.Context(), n); !strings.Contains(fmt.Sprint(err), kind.want) {
					t.Errorf("%s: %v, want %s", name, err, kind.want)
				}
			})
		}
	}
	release()
	callers.Wait()
	for table, want := range map[string]int{"asset": each + groups, "river_job": each + groups, "idempotency": each} {
		if n := s.Count(t, `SELECT count(*) FROM `+table); n != want {
			t.Errorf("%d rows in %s, want %d", n, table, want)
		}
	}
}
