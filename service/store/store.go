// Package store is the database of the service: accepted requests and their
// assets, the attempts at working on them, their files, events, categories and
// the buckets that projects opened to the service.
//
// Jobs are queued through a [Queue] inside the transaction that makes them
// necessary, so that both are recorded or neither is. What is different from
// one database to another is in a dialect; the SQL runs on all of them.
package store

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/vod-reproduction/vod/service/asset"
)

// ErrInUse means that another process has the database open.
var ErrInUse = errors.New("the database is in use by another process")

// Config says where the database is and who is connected to it.
type Config struct {
	// DSN is the data source: the path of a SQLite data file, or a postgres:// URL.
	// The directory of a file must exist; beside it SQLite keeps -wal and -shm
	// files, and this package a .lock file.
	DSN string
	// Queue connects the queue to the open database; mandatory. It is called once,
	// by Open, and may bring tables of its own up to date.
	Queue func(ctx context.Context, db Connection) (Queue, error)
	// Wants reports whether events of a type are delivered to anyone in a project;
	// nil means that nobody wants any.
	Wants func(project string, t asset.EventType) bool
	// StageEnded is called for every stage that ends, once its end is on disk: in
	// every attempt that ends it again. request is the ID of the request that created
	// the asset. nil is not called. It must not call the store.
	StageEnded func(request, assetID string, st asset.Stage)
	// Log is where the store reports; nil discards.
	Log *slog.Logger
	// Now is the clock of the database; nil is time.Now.
	Now func() time.Time
}

// Store is the database of all assets. Its methods may be called from any
// goroutine. An error that is none of the sentinels of this package or of asset
// comes from the database; nothing was changed then, and the call may be repeated. Where
// it is that of a commit, or ctx has ended, a server may have made the change.
type Store struct {
	cfg     Config
	dialect dialect
	connections
	queue Queue
	group group
}

// Open opens the database and brings its tables up to date. A SQLite file is
// created when it is missing, and taken for this process alone (ErrInUse if
// another one has it); a PostgreSQL database is shared, and must exist. Jobs are
// queued at once, and worked on when the queue is started. Errors do not repeat
// the password of a URL.
func Open(ctx context.Context, cfg Config) (_ *Store, err error) {
	s := &Store{cfg: cfg.withDefaults()}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	if s.dialect, err = dialectOf(s.cfg.DSN); err != nil {
		return nil, err
	}
	if s.connections, err = s.dialect.open(ctx, s.cfg.DSN); err != nil {
		return nil, err
	}
	err = s.dialect.alone(ctx, s.write, s.cfg.Log, func(ctx context.Context) (err error) {
		if err = migrate(ctx, s.write, migrations, s.dialect.migrations); err == nil {
			if err := s.dialect.indexText(ctx, s.write); err != nil && ctx.Err() == nil {
				s.cfg.Log.WarnContext(ctx, "searches of many assets are slow: install the extension pg_trgm of PostgreSQL, or let the user create it", "error", err)
			}
			s.queue, err = s.cfg.Queue(ctx, Connection{DB: s.write, Kind: s.dialect.kind, Listen: s.listen})
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return s, nil
}

// Close closes the database; closing twice is harmless. The queue must be
// stopped before: work still running could not be recorded any more.
func (s *Store) Close() error { return s.close() }

func (c Config) withDefaults() Config {
	if c.Wants == nil {
		c.Wants = func(string, asset.EventType) bool { return false }
	}
	if c.StageEnded == nil {
		c.StageEnded = func(string, string, asset.Stage) {}
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}
