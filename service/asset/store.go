package asset

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"path/filepath"
	"sync"
	"time"

	"github.com/riverqueue/river"
)

// Config says where the record lives and how its jobs are run.
type Config struct {
	// Path of the data file, made absolute by Open; its directory must exist. Beside it SQLite keeps
	// -wal and -shm files, and this package a .lock file.
	Path string
	// Workers is how many assets are worked on at the same time; 0 is DefaultWorkers.
	Workers int
	// MaxAttempts is how many attempts may end in an error before the asset
	// fails; 0 is DefaultMaxAttempts. An attempt cut short by a stop or a crash
	// of the service is not among them.
	MaxAttempts int
	// Backoff gives the pause after the given number of failures, from 1;
	// nil is an exponential one with jitter, from 1 second to 5 minutes.
	Backoff func(failures int) time.Duration
	// Grace is how long Stop lets running work go on before its context is
	// canceled; 0 is DefaultGrace.
	Grace time.Duration
	// Log is where the store and its jobs report; nil discards.
	Log *slog.Logger
	// Now is the clock of the record; nil is time.Now. The queue keeps its own time.
	Now func() time.Time
}

// What the zero values of Config stand for.
const (
	DefaultWorkers     = 4
	DefaultMaxAttempts = 8
	DefaultGrace       = 5 * time.Second
)

// Store is the record of all assets. Its methods may be called from any
// goroutine. An error that is none of this package's sentinels comes from the
// data file; nothing was changed then, and the call may be repeated.
type Store struct {
	cfg     Config
	lock    *fileLock
	write   *sql.DB // one connection, shared with River
	read    *sql.DB // read only; sees the last commit
	river   *river.Client[*sql.Tx]
	work    Work // set by Start
	running running

	stopWatch context.CancelFunc // nil before Start
	orphans   sync.WaitGroup
}

// Open opens or creates the data file, takes it for this process alone
// (ErrInUse if another one has it) and brings its tables up to date. Jobs are
// accepted at once and worked on after Start.
func Open(ctx context.Context, cfg Config) (_ *Store, err error) {
	cfg = cfg.withDefaults()
	if cfg.Path, err = filepath.Abs(cfg.Path); err != nil {
		return nil, fmt.Errorf("find the data file: %w", err)
	}
	s := &Store{cfg: cfg}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	if s.lock, err = lockFile(cfg.Path + ".lock"); err != nil {
		return nil, err
	}
	if s.write, err = openWriter(ctx, cfg.Path); err != nil {
		return nil, err
	}
	if err = migrate(ctx, s.write, cfg.Log); err != nil {
		return nil, err
	}
	if s.read, err = openReaders(ctx, cfg.Path); err != nil {
		return nil, err
	}
	if s.river, err = newQueue(s); err != nil {
		return nil, err
	}
	return s, nil
}

// Close gives the data file back; closing twice is harmless. Call Stop first:
// work still running loses its record and is taken up again at the next Start.
func (s *Store) Close() error {
	var errs []error
	for _, db := range []*sql.DB{s.read, s.write} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	if s.lock != nil {
		errs = append(errs, s.lock.release())
	}
	return errors.Join(errs...)
}

func (c Config) withDefaults() Config {
	if c.Workers == 0 {
		c.Workers = DefaultWorkers
	}
	if c.MaxAttempts == 0 {
		c.MaxAttempts = DefaultMaxAttempts
	}
	if c.Backoff == nil {
		c.Backoff = backoff
	}
	if c.Grace == 0 {
		c.Grace = DefaultGrace
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}

// backoff doubles from one second to five minutes and takes away up to a
// quarter at random, so that assets which failed together do not retry together.
func backoff(failures int) time.Duration {
	const first, most = time.Second, 5 * time.Minute
	d := most
	if shift := failures - 1; shift < 9 {
		d = min(first<<shift, most)
	}
	return d - rand.N(d/4) //nolint:gosec // spreading retries needs no secret numbers
}
