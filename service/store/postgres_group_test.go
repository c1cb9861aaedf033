//go:build unix

package store_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/vod-reproduction/vod/internal/servicetest"
	"github.com/vod-reproduction/vod/service/asset"
	"github.com/vod-reproduction/vod/service/store/storetest"
)

// postgresGroups is how many groups are accepted at the same time.
const postgresGroups = 4

// lasting keeps a URL's transactions open on a slow machine.
func lasting(url string) string { return url + "?idle_in_transaction_session_timeout=0" }

func testPostgresGroups(t *testing.T, server *servicetest.Postgres) {
	t.Run("what fails", func(t *testing.T) {
		testFailingGroup(t, lasting(server.Create(t)), postgresGroups, `
			CREATE FUNCTION fail() RETURNS TRIGGER AS $$ BEGIN RAISE 'disk is full'; END $$ LANGUAGE plpgsql;
			CREATE TRIGGER fail BEFORE INSERT ON asset FOR EACH ROW WHEN (new.title = 'failing') EXECUTE FUNCTION fail()`)
	})
	t.Run("what fails in groups", func(t *testing.T) {
		t.Run("deadlock", func(t *testing.T) {
			testUndoneGroup(t, server.Create(t), "40P01", `CREATE TRIGGER fail BEFORE INSERT ON stage FOR EACH ROW EXECUTE FUNCTION fail()`)
		})
		t.Run("commit", func(t *testing.T) {
			testUndoneGroup(t, server.Create(t), "55P03",
				`CREATE CONSTRAINT TRIGGER fail AFTER INSERT ON stage DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION fail()`)
		})
	})
	t.Run("a commit without a response", func(t *testing.T) { testLostCommit(t, server.Create(t)) })
	t.Run("what is held", func(t *testing.T) { testHeldGroup(t, lasting(server.Create(t))) })
	t.Run("who leaves", func(t *testing.T) { testLeftGroup(t, lasting(server.Create(t))) })
	t.Run("the same keys elsewhere", func(t *testing.T) { testGroupsOfTwo(t, server.Create(t)) })
}

// What fails because others are at work in the database succeeds alone, where nothing ends a wait.
func testUndoneGroup(t *testing.T, url, code, trigger string) {
	s := openGroups(t, url)
	for _, statement := range []string{
		`CREATE SEQUENCE failures`, // which no rollback takes back
		`CREATE FUNCTION fail() RETURNS TRIGGER AS $$ BEGIN
			IF current_setting('lock_timeout') <> '0' THEN PERFORM nextval('failures'); RAISE SQLSTATE '` + code + `'; END IF;
			RETURN new;
		END $$ LANGUAGE plpgsql`,
		trigger,
	} {
		s.Execute(t, statement)
	}
	const requests = 10
	var callers sync.WaitGroup
	for i := range requests {
		callers.Go(func() {
			if _, err := s.accept(t.Context(), keyed(fmt.Sprint(i))); err != nil {
				t.Error(err)
			}
		})
	}
	callers.Wait()
	if n := s.Count(t, `SELECT count(*) FROM asset`); n != requests {
		t.Errorf("%d assets, want %d", n, requests)
	}
	if n := s.Count(t, `SELECT count(*) FROM failures WHERE is_called`); n != 1 {
		t.Error("no group failed")
	}
}

// A connection that ends with the commit leaves the outcome open, which nobody may take for a failure.
func testLostCommit(t *testing.T, url string) {
	s := openGroups(t, url)
	for _, statement := range []string{
		`CREATE FUNCTION hang_up() RETURNS TRIGGER AS $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN new; END $$ LANGUAGE plpgsql`,
		`CREATE CONSTRAINT TRIGGER hang_up AFTER INSERT ON stage DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION hang_up()`,
	} {
		s.Execute(t, statement)
	}
	if _, err := s.accept(t.Context(), keyed("open")); !errors.Is(err, asset.ErrOutcomeUnknown) {
		t.Errorf("%v, want that the outcome is not known", err)
	}
}

// What another transaction holds is waited for by those that need it, and by no others.
func testHeldGroup(t *testing.T, url string) {
	s := openGroups(t, url)
	category, err := s.CreateCategory(t.Context(), storetest.Project, "held", 0)
	if err != nil {
		t.Fatal(err)
	}
	filed, taken := keyed("filed"), keyed("taken")
	filed.CategoryID = category.ID
	other, err := s.Write.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Rollback() }() // does nothing after Commit
	if _, err := other.ExecContext(t.Context(), `SELECT 1 FROM category WHERE id = $1 FOR UPDATE`, category.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := other.ExecContext(t.Context(), `INSERT INTO idempotency (project_id, key, body_sha256, asset_id) VALUES ($1, $2, $3, 'theirs')`,
		storetest.Project, "taken", taken.Idempotency.BodySHA256[:]); err != nil {
		t.Fatal(err)
	}
	release := s.occupy(t, postgresGroups)
	var held, free sync.WaitGroup
	outcomes := make([]string, 2)
	for i, n := range []asset.New{filed, taken} {
		held.Go(func() {
			id, err := s.accept(t.Context(), n)
			outcomes[i] = fmt.Sprint(id, err)
		})
	}
	for i := range 30 {
		free.Go(func() {
			if _, err := s.accept(t.Context(), keyed(fmt.Sprint("free ", i/2))); err != nil {
				t.Error(err)
			}
		})
	}
	release()
	free.Wait() // while the other transaction is under way
	if n := s.Count(t, `SELECT count(*) FROM idempotency`); n != 15 {
		t.Errorf("%d requests are accepted while two others wait, want 15", n)
	}
	if _, err := other.ExecContext(t.Context(), `DELETE FROM category WHERE id = $1`, category.ID); err != nil {
		t.Error(err)
	}
	if err := other.Commit(); err != nil {
		t.Error(err)
	}
	held.Wait()
	if !strings.Contains(outcomes[0], asset.ErrNoCategory.Error()) || outcomes[1] != "theirs<nil>" {
		t.Errorf("those that waited: %q, want that there is no category, and the asset of the other transaction", outcomes)
	}
}

// A caller whose context ends does not wait for a group that is stuck, and its key finds what became of the request.
func testLeftGroup(t *testing.T, url string) {
	s := openGroups(t, url)
	n := keyed("left")
	n.ProjectID = stuck
	ctx, leave := context.WithCancel(t.Context())
	left := make(chan error)
	go func() {
		_, err := s.accept(ctx, n)
		left <- err
	}()
	<-s.queue.begun
	leave()
	if err := <-left; !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "the outcome is not known") {
		t.Errorf("a caller that left: %v", err)
	}
	close(s.queue.release)
	id, replayed, err := s.Accept(t.Context(), n)
	if err != nil || !replayed {
		t.Errorf("the same request again = %q, %v, %v; want the asset of the first", id, replayed, err)
	}
}

// Processes that accept the same requests in any order at the same time agree on the asset of each.
func testGroupsOfTwo(t *testing.T, url string) {
	const keys = 40
	processes := []groupDB{openGroups(t, url), openGroups(t, url)}
	ids := make([][keys]string, len(processes))
	var callers sync.WaitGroup
	for p, s := range processes {
		for i := range keys {
			key := i
			if p > 0 {
				key = keys - 1 - i
			}
			callers.Go(func() {
				var err error
				if ids[p][key], err = s.accept(t.Context(), keyed(fmt.Sprint(key))); err != nil {
					t.Error(err)
				}
			})
		}
	}
	callers.Wait()
	if ids[0] != ids[1] {
		t.Errorf("the assets of the same keys: %q", ids)
	}
	if n := processes[0].Count(t, `SELECT count(*) FROM asset`); n != keys {
		t.Errorf("%d assets of %d keys", n, keys)
	}
}
