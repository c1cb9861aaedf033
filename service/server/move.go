package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"

	"github.com/vod-reproduction/vod/service/config"
	"github.com/vod-reproduction/vod/service/jobs"
	"github.com/vod-reproduction/vod/service/store"
)

// MoveDatabase copies everything from the SQLite file of a data directory into a
// new PostgreSQL database, and returns the number of assets. The file stays as it
// is; it must not be in use (store.ErrInUse), and the database must never have been
// used (store.ErrNotEmpty).
func MoveDatabase(ctx context.Context, dir string, url config.Secret, log *slog.Logger) (assets int, err error) {
	path := dataFile(dir)
	if _, err := os.Stat(path); err != nil {
		return 0, fmt.Errorf("find the database of this data directory: %w", err)
	}
	open := func(dsn string) (*store.Store, error) {
		return store.Open(ctx, store.Config{DSN: dsn, Queue: jobs.New(jobs.Config{Log: log}).Connect, Log: log})
	}
	from, err := open(path)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	to, err := open(url.Reveal())
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, to.Close()) }()
	return to.Move(ctx, from)
}
