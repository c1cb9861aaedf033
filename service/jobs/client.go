// Package jobs works on what the database queues, with River: the processing of
// assets, the removal of deleted ones, the delivery of webhooks, and preheating. Work that a stop, a crash or
// a kill cut short is taken up again.
package jobs

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	mathrand "math/rand/v2"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/riverqueue/river/rivertype"

	"github.com/vod-reproduction/vod/service/asset"
	"github.com/vod-reproduction/vod/service/endpoint"
	"github.com/vod-reproduction/vod/service/store"
)

// Config says how work is done.
type Config struct {
	// Workers is how many assets are worked on at the same time; 0 is DefaultWorkers. Up to as many more are when several
	// projects have work, one of each that has none: what one project has under way does not keep others waiting.
	Workers int
	// MaxAttempts is how many attempts may end in an error before the asset
	// fails; 0 is DefaultMaxAttempts. An attempt cut short by a stop or a crash
	// of the service is not among them.
	MaxAttempts int
	// MaxDeferral is how long after it was accepted an asset may wait for what is
	// outside of it and does not work; 0 is DefaultMaxDeferral.
	MaxDeferral time.Duration
	// Backoff returns the pause after the given number of failures, from 1;
	// nil is an exponential one with jitter, from 1 second to 5 minutes.
	Backoff func(failures int) time.Duration
	// Grace is how long Stop lets running work go on before its context is
	// cancelled; 0 is DefaultGrace.
	Grace time.Duration
	// Node is the name of this process, unlike that of any other on the same
	// database; empty is one made of the host's name.
	Node string
	// Digest returns what stands for the configuration that all processes on a database share; nil is an empty one.
	Digest func() string
	// Log is where jobs report; nil discards.
	Log *slog.Logger
	// Now is the clock that the age of work is measured with; nil is time.Now. The
	// queue keeps its own time.
	Now func() time.Time
}

// What the zero values of Config stand for.
const (
	DefaultWorkers     = 4
	DefaultMaxAttempts = 8
	DefaultGrace       = 5 * time.Second
	DefaultMaxDeferral = 24 * time.Hour
)

const (
	// queueAttempts is the queue's own limit. It is out of reach, because the
	// workers decide when to give up, and the queue could only drop the job.
	queueAttempts = 1 << 14
	// fetchEvery bounds how often the queue looks for work after it was notified of some.
	fetchEvery = 10 * time.Millisecond
	// longestPause is longer than any pause of a job, of which a receiver and a reviewer ask for the longest.
	longestPause = endpoint.MaxRetryAfter + time.Hour
	// nearlyDue is longer than the pauses of jobs that River has available all the while: 5 seconds, and the look before them.
	nearlyDue = 10 * time.Second
)

// Work is what the jobs of the queue do.
type Work struct {
	Runner Runner
	// Clean removes what the attempts of an asset left that has failed, as far as
	// it can now; nil does nothing.
	Clean func(ctx context.Context, a asset.Asset)
	// Remove removes all files of a deleted asset, of which it gets what Store.Remains
	// returns. An error is retried without end.
	Remove func(ctx context.Context, a asset.Asset) error
	// Check looks whether a dependency works again that assets wait for. They go on
	// at once when it does; after their pauses when there is no look at it.
	Check map[asset.Dependency]func(ctx context.Context) error
	// Room returns how many bytes on the disk work may take now. Assets that wait for room go on at once when they fit; nil
	// leaves them to their pauses.
	Room      func() (int64, error)
	Notifier  Notifier  // nil: deliveries fail
	Preheater Preheater // nil: preheating fails
}

// Client is the queue and its workers. Its methods may be called from any
// goroutine, each of Connect, Start and Stop once, in this order.
type Client struct {
	cfg     Config
	db      database
	river   *river.Client[*sql.Tx]
	running running
	waiting waiting
	several atomic.Bool // projects have work

	// Set by Start.
	store     *store.Store
	work      Work
	stopOwner context.CancelFunc
	owner     sync.WaitGroup
	differing []string // processes with another configuration, as they were at the last beat
}

// New returns a Client that is to be connected: give its Connect to store.Open.
func New(cfg Config) *Client { return &Client{cfg: cfg.withDefaults()} }

// Connect brings River's tables in db up to date and returns the queue on it.
// It is a store.Config.Queue.
func (c *Client) Connect(ctx context.Context, db store.Connection) (store.Queue, error) {
	c.db = databaseOf(db, c.cfg.Node, c.cfg.Digest)
	migrator, err := rivermigrate.New(c.db.driver(), &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return nil, fmt.Errorf("prepare the queue's migrations: %w", err)
	}
	if _, err := migrator.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return nil, fmt.Errorf("migrate the queue: %w", err)
	}
	workers := river.NewWorkers()
	if err := errors.Join(
		river.AddWorkerSafely(workers, &processWorker{client: c, reviews: shares{most: reviewsPerProject}}),
		river.AddWorkerSafely(workers, &webhookWorker{client: c, shares: shares{most: webhooksPerProject}}),
		river.AddWorkerSafely(workers, &preheatWorker{client: c, shares: shares{most: preheatsPerProject}}),
		river.AddWorkerSafely(workers, &removeWorker{client: c}),
	); err != nil {
		return nil, fmt.Errorf("register the workers: %w", err)
	}
	c.river, err = river.NewClient(c.db.driver(), &river.Config{
		FetchCooldown: fetchEvery,
		ID:            c.cfg.Node,
		Logger:        slog.New(quiet{c.cfg.Log.Handler()}),
		MaxAttempts:   queueAttempts,
		Queues: map[string]river.QueueConfig{
			river.QueueDefault: {MaxWorkers: c.cfg.Workers},
			queueLane:          {MaxWorkers: c.cfg.Workers},
			queueReview:        {MaxWorkers: reviewWorkers},
			queueWebhook:       {MaxWorkers: webhookWorkers},
			queuePreheat:       {MaxWorkers: preheatWorkers},
			queueRemove:        {MaxWorkers: removeWorkers},
		},
		SoftStopTimeout: c.cfg.Grace,
		Workers:         workers,
	})
	if err != nil {
		return nil, fmt.Errorf("prepare the queue: %w", err)
	}
	return queue{c.river, c.db, &bursts{}, &bursts{}}, nil
}

// Start lets work on what s queues be done until Stop, taking up at once what a
// process that died had in hand. ctx bounds only the start itself.
func (c *Client) Start(ctx context.Context, s *store.Store, work Work) error {
	c.store, c.work = s, work
	if err := c.beat(ctx); err != nil {
		return err
	}
	if err := c.takeOver(ctx, true); err != nil {
		return err
	}
	if n, err := c.db.hasten(ctx, longestPause); err != nil {
		return fmt.Errorf("look for jobs of a clock that was ahead: %w", err)
	} else if n > 0 {
		c.cfg.Log.LogAttrs(ctx, slog.LevelWarn, "the clock was set back; jobs scheduled too far ahead are tried now", slog.Int64("jobs", n))
	}
	if err := c.recall(ctx); err != nil {
		return fmt.Errorf("look for deferred jobs: %w", err)
	}
	if err := s.Requeue(ctx); err != nil {
		return err
	}
	ctx = context.WithoutCancel(ctx)
	if err := c.river.Start(ctx); err != nil {
		return fmt.Errorf("start the queue: %w", err)
	}
	ctx, c.stopOwner = context.WithCancel(ctx)
	c.owner.Go(func() { c.own(ctx) })
	c.owner.Go(func() { c.watch(ctx) })
	return nil
}

// Stop lets no further work begin, allows running work Config.Grace to end,
// then cancels its context and puts it back into the queue; a stop is no failure
// of an attempt. If ctx ends first, Stop returns its error, and what is still
// running is taken up again at the next Start. Without a Start it does nothing.
func (c *Client) Stop(ctx context.Context) error {
	if c.stopOwner == nil {
		return nil
	}
	stopped := c.river.Stop(ctx)
	c.stopOwner()
	c.owner.Wait()
	if stopped != nil {
		return fmt.Errorf("stop the queue: %w", stopped)
	}
	return c.db.leave(ctx)
}

func (c Config) withDefaults() Config {
	if c.Workers == 0 {
		c.Workers = DefaultWorkers
	}
	if c.MaxAttempts == 0 {
		c.MaxAttempts = DefaultMaxAttempts
	}
	if c.MaxDeferral == 0 {
		c.MaxDeferral = DefaultMaxDeferral
	}
	if c.Backoff == nil {
		c.Backoff = backoff
	}
	if c.Grace == 0 {
		c.Grace = DefaultGrace
	}
	if c.Node == "" {
		host, _ := os.Hostname() // the random part is what tells processes apart
		c.Node = host + "-" + rand.Text()
	}
	if c.Digest == nil {
		c.Digest = func() string { return "" }
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
	return d - mathrand.N(d/4) //nolint:gosec // spreading retries needs no secret numbers
}

// queue is the store.Queue on River.
type queue struct {
	river              *river.Client[*sql.Tx]
	db                 database
	webhooks, preheats *bursts
}

// Enqueue implements store.Queue.
func (q queue) Enqueue(ctx context.Context, tx *sql.Tx, jobs ...store.Job) ([]int64, error) {
	if len(jobs) == 0 { // River takes this for a mistake
		return nil, nil
	}
	params := make([]river.InsertManyParams, len(jobs))
	for i, job := range jobs {
		var err error
		if params[i], err = q.insertion(job); err != nil {
			return nil, err
		}
	}
	inserted, err := q.river.InsertManyTx(ctx, tx, params)
	if err != nil {
		return nil, err
	}
	ids := make([]int64, len(jobs))
	for i, result := range inserted {
		ids[i] = result.Job.ID
	}
	return ids, nil
}

// insertion says how River is to insert a job.
func (q queue) insertion(job store.Job) (p river.InsertManyParams, err error) {
	opts := &river.InsertOpts{}
	p.InsertOpts = opts
	switch job.Kind {
	case store.JobProcess:
		p.Args, opts.Priority = processArgs{AssetID: job.ID}, priority(job.Behind)
		if job.Contended {
			opts.Queue = queueLane
		}
	case store.JobWebhook:
		p.Args, opts.Queue, opts.Priority = webhookArgs{EventID: job.ID}, queueWebhook, priority(q.webhooks.add(job.Project))
	case store.JobPreheat:
		p.Args, opts.Queue, opts.Priority = preheatArgs{TaskID: job.ID}, queuePreheat, priority(q.preheats.add(job.Project))
	case store.JobRemove:
		p.Args, opts.Queue = removeArgs{AssetID: job.ID}, queueRemove
	default:
		err = fmt.Errorf("unknown kind of job %d", job.Kind)
	}
	return p, err
}

// Pending implements store.Queue.
func (q queue) Pending(ctx context.Context, tx *sql.Tx) (list []store.Job, err error) {
	rows, err := tx.QueryContext(ctx, q.db.pending())
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // its error is that of rows.Err
	for rows.Next() {
		var kind, text string
		if err := rows.Scan(&kind, &text); err != nil {
			return nil, err
		}
		job, err := jobOf(kind, []byte(text))
		if err != nil {
			return nil, err
		}
		list = append(list, job)
	}
	return list, rows.Err()
}

// jobOf reads what the queue keeps of a job.
func jobOf(kind string, text []byte) (job store.Job, err error) {
	switch kind {
	case processArgs{}.Kind():
		var args processArgs
		err = json.Unmarshal(text, &args)
		return store.Job{Kind: store.JobProcess, ID: args.AssetID}, err
	case webhookArgs{}.Kind():
		var args webhookArgs
		err = json.Unmarshal(text, &args)
		return store.Job{Kind: store.JobWebhook, ID: args.EventID}, err
	case preheatArgs{}.Kind():
		var args preheatArgs
		err = json.Unmarshal(text, &args)
		return store.Job{Kind: store.JobPreheat, ID: args.TaskID}, err
	case removeArgs{}.Kind():
		var args removeArgs
		err = json.Unmarshal(text, &args)
		return store.Job{Kind: store.JobRemove, ID: args.AssetID}, err
	}
	return store.Job{}, fmt.Errorf("unknown kind of job %q", kind)
}

// Cancel implements store.Queue.
func (q queue) Cancel(ctx context.Context, tx *sql.Tx, id int64) error {
	_, err := q.river.JobCancelTx(ctx, tx, id)
	if errors.Is(err, rivertype.ErrNotFound) { // it ended long ago
		return nil
	}
	return err
}

// Live implements store.Queue.
func (q queue) Live(ctx context.Context, tx *sql.Tx, ids []int64) ([]int64, error) {
	return q.db.live(ctx, tx, ids)
}
