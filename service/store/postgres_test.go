//go:build unix

package store_test

import (
	"errors"
	"strings"
	"sync"
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
	t.Run("an older process", func(t *testing.T) { testOlderProcess(t, server.Create(t)) })
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

// While processes are replaced one by one, those of the former version work on tables that a newer one has changed; none of
// them starts any more.
func testOlderProcess(t *testing.T, url string) {
	s := storetest.Open(t, config(url))
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
