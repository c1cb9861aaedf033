//go:build unix

package store_test

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/vod-reproduction/vod/internal/servicetest"
	"github.com/vod-reproduction/vod/service/store"
	"github.com/vod-reproduction/vod/service/store/storetest"
)

func TestPostgres(t *testing.T) {
	t.Parallel()
	server := servicetest.StartPostgres(t)
	t.Run("suite", func(t *testing.T) {
		storetest.Run(t, func(t testing.TB) store.Config { return config(server.Create(t)) })
	})
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
