//go:build unix

package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/vod-reproduction/vod/internal/servicetest"
	"github.com/vod-reproduction/vod/service/asset"
	"github.com/vod-reproduction/vod/service/store"
	"github.com/vod-reproduction/vod/service/store/storetest"
)

func TestPostgres(t *testing.T) {
	t.Parallel()
	server := servicetest.StartPostgres(t)
	t.Run("suite", func(t *testing.T) {
		storetest.Run(t, func(t testing.TB) store.Config { return config(server.Create(t)) })
	})
	t.Run("settings", func(t *testing.T) { testSettings(t, server.Create(t)) })
	t.Run("an older process", func(t *testing.T) { testOlderProcess(t, server.Create(t)) })
	t.Run("another process", func(t *testing.T) { testOtherProcess(t, server.Create(t)) })
	t.Run("a branch that grows", func(t *testing.T) { testGrowingBranch(t, server.Create(t)) })
	t.Run("groups", func(t *testing.T) { testPostgresGroups(t, server) })
	t.Run("behind a pooler", func(t *testing.T) { testPooler(t, server) })
	t.Run("a migration that hangs", func(t *testing.T) { testHangingMigration(t, server.Create(t)) })
	t.Run("opened by many", func(t *testing.T) {
		url := server.Create(t)
		var together sync.WaitGroup
		errs := make([]error, 6)
		for i := range errs {
			together.Go(func() {
				s, err := store.Open(t.Context(), config(url))
				if err == nil {
					err = s.Close()
				}
				errs[i] = err
			})
		}
		together.Wait()
		if err := errors.Join(errs...); err != nil {
			t.Error(err)
		}
	})
}

// A start that waits for the migration of another process says so, and who that is, and can be stopped.
func testHangingMigration(t *testing.T, url string) {
	other, err := sql.Open("pgx", url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Close() }()
	conn, err := other.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var pid int
	if err := conn.QueryRowContext(t.Context(), `SELECT pg_backend_pid() FROM pg_advisory_lock(7761764)`).Scan(&pid); err != nil {
		t.Fatal(err)
	}
	c, said := config(url), make(chan string, 100)
	c.Log = slog.New(slog.NewTextHandler(lines(said), nil))
	start := func(ctx context.Context) <-chan error {
		done := make(chan error, 1)
		go func() {
			s, err := store.Open(ctx, c)
			if err == nil {
				err = s.Close()
			}
			done <- err
		}()
		select {
		case line := <-said:
			if !strings.Contains(line, "the start waits") || !strings.Contains(line, fmt.Sprint(pid, " from 127.0.0.1 since ")) {
				t.Errorf("the log says: %s", line)
			}
		case err := <-done:
			t.Fatalf("the start does not wait: %v", err)
		case <-ctx.Done():
			t.Fatal("the log says nothing")
		}
		return done
	}
	ctx, cancel := context.WithCancel(servicetest.Context(t))
	done := start(ctx)
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("stopped while it waits: %v", err)
	}
	done = start(servicetest.Context(t))
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
	if err := other.Close(); err != nil { // ends the connection, and its lock with it
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// lines sends what is written to it.
type lines chan string

func (l lines) Write(line []byte) (int, error) {
	l <- string(line)
	return len(line), nil
}

// A pooler that shares its connections between transactions is refused, whatever else may work behind it; one that keeps them
// for a session is not.
func testPooler(t *testing.T, server *servicetest.Postgres) {
	for mode, refused := range map[string]bool{"session": false, "transaction": true, "statement": true} {
		url := server.StartPgBouncer(t, mode)(server.Create(t))
		for _, url := range []string{url, url + "?default_query_exec_mode=exec"} {
			s, err := store.Open(t.Context(), config(url))
			if err == nil {
				err = s.Close()
			}
			if (err != nil) != refused || refused && !strings.Contains(err.Error(), "set pool_mode = session") {
				t.Errorf("pool_mode %s, %s: %v", mode, url, err)
			}
		}
	}
}

// What the URL sets stays, and the rest is set.
func testSettings(t *testing.T, url string) {
	s := storetest.Open(t, config(url+"?idle_in_transaction_session_timeout=1234"))
	var idle, jit string
	if err := s.Write.QueryRowContext(t.Context(), `SELECT current_setting('idle_in_transaction_session_timeout'), current_setting('jit')`).Scan(&idle, &jit); err != nil {
		t.Fatal(err)
	}
	if idle != "1234ms" || jit != "off" {
		t.Errorf("idle in a transaction for %s, jit %s; want 1234ms, off", idle, jit)
	}
}

// What a transaction of another process has locked is waited for, and what it changed is seen then.
func testOtherProcess(t *testing.T, url string) {
	s := storetest.Open(t, config(url+"?idle_in_transaction_session_timeout=0")) // a slow machine may hold them for long
	category := func(name string) int64 {
		c, err := s.CreateCategory(t.Context(), storetest.Project, name, 0)
		if err != nil {
			t.Fatal(err)
		}
		return c.ID
	}
	filed, changed, above, renamed := category("filed"), category("changed"), category("above"), category("renamed")
	a := s.MustBegin(t, s.MustAccept(t, storetest.Everything()).ID)
	files := []asset.File{{Name: "snapshots/1.jpg", Bucket: "b", Key: "k", Size: 3, ETag: "e"}}
	if err := errors.Join(s.Complete(t.Context(), a, asset.Stage{Name: asset.StageThumbnail}, nil, files), s.Finish(t.Context(), a, storetest.Ending(a))); err != nil {
		t.Fatal(err)
	}
	var task string
	if err := s.Write.QueryRowContext(t.Context(), `SELECT task_id FROM preheat`).Scan(&task); err != nil {
		t.Fatal(err)
	}
	const lock, remove = `SELECT 1 FROM category WHERE id = $1 FOR UPDATE`, `DELETE FROM category WHERE id = $1`
	for _, c := range []struct {
		name, lock, change string
		arg                any
		do                 func() error
		want               error
	}{
		{"accept into a category that goes", lock, remove, filed, func() error {
			n := storetest.NewAsset()
			n.CategoryID = filed
			_, _, err := s.Accept(t.Context(), n)
			return err
		}, asset.ErrNoCategory},
		{"change to a category that goes", lock, remove, changed, func() error {
			return s.Change(t.Context(), storetest.Project, a.Asset.ID, asset.Changes{CategoryID: &changed})
		}, asset.ErrNoCategory},
		{"create below a category that goes", lock, remove, above, func() error {
			_, err := s.CreateCategory(t.Context(), storetest.Project, "below", above)
			return err
		}, asset.ErrNoCategory},
		{"rename to a name that is taken", `INSERT INTO category (project_id, parent_id, level, name) VALUES ($1, 0, 1, 'taken')`,
			`SELECT $1::text`, storetest.Project, func() error {
				_, err := s.RenameCategory(t.Context(), storetest.Project, renamed, "taken")
				return err
			}, asset.ErrCategoryExists},
		{"preheat an asset that goes", `SELECT 1 FROM asset WHERE id = $1 FOR UPDATE`, `DELETE FROM asset WHERE id = $1`, a.Asset.ID, func() error {
			return s.Preheated(t.Context(), task, asset.Preheat{Address: asset.Address{AssetID: a.Asset.ID}, State: asset.PreheatDone})
		}, asset.ErrNotFound},
	} {
		t.Run(c.name, func(t *testing.T) {
			other, err := s.Write.BeginTx(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = other.Rollback() }() // does nothing after Commit
			if _, err := other.ExecContext(t.Context(), c.lock, c.arg); err != nil {
				t.Fatal(err)
			}
			done := make(chan error, 1)
			go func() { done <- c.do() }()
			for s.Count(t, `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`) == 0 {
				select {
				case err := <-done:
					t.Fatalf("it does not wait: %v", err)
				default:
				}
			}
			if _, err := other.ExecContext(t.Context(), c.change, c.arg); err != nil {
				t.Errorf("the other transaction: %v", err)
			}
			if err := other.Commit(); err != nil {
				t.Error(err)
			}
			if err := <-done; !errors.Is(err, c.want) {
				t.Errorf("%v, want %v", err, c.want)
			}
		})
	}
}

// A category that is added at the bottom of a branch while that is deleted takes no asset with it.
func testGrowingBranch(t *testing.T, url string) {
	s := storetest.Open(t, config(url+"?idle_in_transaction_session_timeout=0")) // a slow machine may hold them for long
	create := func(name string, parent int64) int64 {
		c, err := s.CreateCategory(t.Context(), storetest.Project, name, parent)
		if err != nil {
			t.Fatal(err)
		}
		return c.ID
	}
	top := create("top", 0)
	middle := create("middle", top)
	filed := storetest.NewAsset()
	filed.CategoryID = middle
	a := s.MustAccept(t, filed)
	begin := func(query string, args ...any) *sql.Tx {
		tx, err := s.Write.BeginTx(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = tx.Rollback() }) // does nothing after the end
		if _, err := tx.ExecContext(t.Context(), query, args...); err != nil {
			t.Fatal(err)
		}
		return tx
	}
	waits := func(query string, done <-chan error) bool {
		for {
			if s.Count(t, `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE $1`, query) > 0 {
				return true
			}
			select {
			case err := <-done:
				t.Log(query, err)
				return false
			default:
			}
		}
	}
	holding := begin(`SELECT 1 FROM asset WHERE id = $1 FOR UPDATE`, a.ID) // the deletion stops here
	creating := begin(`SELECT 1 FROM category WHERE id = $1 FOR SHARE`, middle)
	var bottom int64
	if err := creating.QueryRowContext(t.Context(), `INSERT INTO category (project_id, parent_id, level, name) VALUES ($1, $2, 3, 'bottom') RETURNING id`,
		storetest.Project, middle).Scan(&bottom); err != nil {
		t.Fatal(err)
	}
	deleted, accepted := make(chan error, 1), make(chan error, 1)
	go func() { deleted <- s.DeleteCategory(t.Context(), storetest.Project, top) }()
	if !waits("%SELECT id FROM category%", deleted) {
		t.Fatal("the deletion does not wait for the new category")
	}
	if err := creating.Commit(); err != nil {
		t.Fatal(err)
	}
	if !waits("%UPDATE asset%", deleted) {
		t.Fatal("the deletion does not wait for the asset")
	}
	go func() {
		filed.CategoryID = bottom
		_, _, err := s.Accept(t.Context(), filed)
		accepted <- err
	}()
	waiting := waits("%FOR SHARE%", accepted)
	if err := holding.Rollback(); err != nil {
		t.Fatal(err)
	}
	if err := <-deleted; err != nil {
		t.Error(err)
	}
	if waiting {
		if err := <-accepted; !errors.Is(err, asset.ErrNoCategory) {
			t.Errorf("accepted into a category that is gone: %v", err)
		}
	}
	if n := s.Count(t, `SELECT count(*) FROM asset WHERE category_id <> $1`, asset.OtherCategory); n != 0 {
		t.Errorf("%d assets are in categories that are gone", n)
	}
}

// What is wrong with a URL is said without its password.
func TestPostgresPassword(t *testing.T) {
	t.Parallel()
	for _, url := range []string{
		"postgres://vod:CANARY@127.0.0.1:1/vod",
		"postgres://vod:CANARY@%zz/vod",
		"postgres://vod:CAN ARY#CANARY@127.0.0.1:1/vod",
		"postgres://vod:CANARY@127.0.0.1:1/vod?sslmode=CANARY",
		"postgres://vod:CANARY@127.0.0.1:port/vod",
	} {
		s, err := store.Open(t.Context(), config(url))
		if err == nil || strings.Contains(err.Error(), "CANARY") || strings.Contains(err.Error(), "ARY") {
			t.Errorf("Open(%s) = %v, %v", url, s, err)
		}
	}
}

// A server that cannot be reached is told from one that cannot be used, on one line, which has each address once.
func TestPostgresUnreachable(t *testing.T) {
	t.Parallel()
	_, err := store.Open(t.Context(), config("postgres://vod:CANARY@127.0.0.1:1/films"))
	fault, ok := errors.AsType[*store.ConnectError](err)
	const want = "connect to the database films at 127.0.0.1:1: failed to connect to `user=vod database=films`: " +
		"127.0.0.1:1 (127.0.0.1): dial error: dial tcp 127.0.0.1:1: connect: connection refused"
	if !ok || !fault.Refused() || err.Error() != want {
		t.Errorf("Open = %v", err)
	}
}

// A server that has gone is named as at the start.
func TestPostgresGone(t *testing.T) {
	t.Parallel()
	server := servicetest.StartPostgres(t)
	s, err := store.Open(t.Context(), config(server.Create(t)))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	if err := s.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	server.Kill()
	for range 100 { // connections of the pool break one after the other
		if err = s.Ping(t.Context()); errors.Is(err, syscall.ECONNREFUSED) {
			break
		}
	}
	want := "connect to the database test1 at " + server.Address() + ": "
	if err == nil || !strings.Contains(err.Error(), want) || strings.Count(err.Error(), "connection refused") != 1 || strings.Contains(err.Error(), "\n") {
		t.Errorf("Ping = %v, want %q", err, want)
	}
}

// While processes are replaced one by one, those of the former version work on tables that a newer one has changed; none of
// them starts any more.
func testOlderProcess(t *testing.T, url string) {
	s := storetest.Open(t, config(url+"?idle_in_transaction_session_timeout=0")) // a slow machine may hold them for long
	before := s.MustBegin(t, s.MustAccept(t, storetest.NewAsset()).ID)
	for _, statement := range []string{ // as a later migration may have, see TestMigrationsOnlyAdd
		`ALTER TABLE asset ADD COLUMN later TEXT NOT NULL DEFAULT 'x'`,
		`ALTER TABLE stage ADD COLUMN later BIGINT`,
		`CREATE TABLE later (asset_id TEXT)`,
		`INSERT INTO schema_version SELECT max(version) + 1 FROM schema_version`,
	} {
		if _, err := s.Write.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	during := s.MustBegin(t, s.MustAccept(t, storetest.NewAsset()).ID)
	for _, a := range []asset.Attempt{before, during} {
		if err := s.Progress(t.Context(), a, asset.Stage{Name: asset.StageCopy, State: asset.StageRunning}); err != nil {
			t.Error(err)
		}
		if err := s.Finish(t.Context(), a, storetest.Ending(a)); err != nil {
			t.Error(err)
		}
		if got, err := s.Get(t.Context(), storetest.Project, a.Asset.ID); err != nil || !got.State.Terminal() {
			t.Errorf("%s, %v", got.State, err)
		}
	}
	if again, err := store.Open(t.Context(), config(url)); err == nil || !strings.Contains(err.Error(), "use the newer program") {
		t.Errorf("a start of the older program: %v", err)
		if err == nil {
			_ = again.Close()
		}
	}
}
