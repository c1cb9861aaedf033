package bulk

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/vod-reproduction/vod/client"
	"github.com/vod-reproduction/vod/gen/companions"
)

// Service takes dumps. It is a [client.Client] that makes one attempt a call: when to try again is the run's business,
// so that every call counts against its rate.
type Service interface {
	DumpBody(ctx context.Context, body []byte, options ...client.DumpOption) (string, error)
	HonorsKeys(ctx context.Context) bool
	Assets(ctx context.Context, ids ...string) ([]companions.AssetInfo, error)
	SearchPage(ctx context.Context, search client.Search, page int) (infos []companions.AssetInfo, more bool, err error)
}

// Config says how to run. Zero values take the defaults that are named.
type Config struct {
	// Service is called; it must be safe for concurrent use.
	Service Service
	// Rate is the most calls a minute; 1500, the cloud's limit per tenant. Burst of them may go out at once after a
	// quiet moment; a second's worth.
	Rate  float64
	Burst int
	// Concurrency is the most calls in flight; 8. It also bounds what a crash can leave ambiguous.
	Concurrency int
	// Patience is how long the service may turn every call away before the run stops; 5 minutes.
	Patience time.Duration
	// RetryAmbiguous sends ambiguous items again that no look has settled, even though the service cannot tell a
	// repetition.
	RetryAmbiguous bool
	// Observe, if not nil, is called with what became of an item and in which state the run had found it, once the journal has
	// it. It is called from several goroutines, but not at the same time.
	Observe func(item Item, was State)
	// Clock is the time; nil means the system's.
	Clock client.Clock
}

const (
	// DefaultRate is the cloud's limit, in calls a minute per tenant.
	DefaultRate        = 1500
	defaultConcurrency = 8
	defaultPatience    = 5 * time.Minute
	// settleAttempts bounds how often a run repeats one call whose outcome is open, under its key.
	settleAttempts = 5
	settlePause    = 100 * time.Millisecond
)

func (c Config) withDefaults() (Config, error) {
	if c.Rate < 0 || c.Burst < 0 || c.Concurrency < 0 || c.Patience < 0 {
		return c, errors.New("rate, burst, concurrency and patience must not be negative")
	}
	if c.Rate == 0 {
		c.Rate = DefaultRate
	}
	if c.Burst == 0 {
		c.Burst = max(1, int(c.Rate/60))
	}
	if c.Concurrency == 0 {
		c.Concurrency = defaultConcurrency
	}
	if c.Patience == 0 {
		c.Patience = defaultPatience
	}
	if c.Clock == nil {
		c.Clock = client.SystemClock
	}
	return c, nil
}

// Run sends what is pending in the journal, and settles what is ambiguous: under the same key where the service honors
// keys, else by looking for the asset as far as the service shows it, before it sends and after. It returns
// when nothing is left, when ctx ends (its error, after the requests in flight have ended), or with
// [*FatalError], [*TooManyUnknownError], [*UnavailableError] or [*UnrecordedError]. It can be repeated at any time; a failed item is
// no error.
func Run(ctx context.Context, j *Journal, config Config) error {
	c, err := config.withDefaults()
	if err != nil {
		return err
	}
	r := &run{Config: c, journal: j, pace: newPace(c.Clock, c.Rate, c.Burst, c.Patience)}
	err = r.unrecorded.verdict(r.all(ctx))
	if err != nil && ctx.Err() != nil && errors.Is(err, context.Cause(ctx)) {
		return ctx.Err() // whatever cause the caller gave it
	}
	return err
}

// run is the state of one Run.
type run struct {
	Config
	journal    *Journal
	pace       *pace
	streak     streak
	unrecorded unrecorded
	observing  sync.Mutex

	acceptances chan acceptance // of the items of the present state
}

// all settles, sends, and settles what has become ambiguous by that.
func (r *run) all(ctx context.Context) error {
	if left, err := r.journal.left(ctx); err != nil || !left {
		return err
	}
	l := r.newReconciler()
	began := r.Clock.Now().Truncate(time.Second)
	if err := r.settle(ctx, l, true); err != nil {
		return err
	}
	for {
		if err := r.states(ctx, Pending); err != nil {
			return err
		}
		l.since, l.released = began, 0
		if err := r.settle(ctx, l, false); err != nil || l.released == 0 {
			return err
		}
	}
}

// left reports whether there is anything to send or to settle. One look for both is all that a finished run needs.
func (j *Journal) left(ctx context.Context) (some bool, err error) {
	if err := j.read.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM status WHERE state IN (?, ?))", Pending, Ambiguous).Scan(&some); err != nil {
		return false, fmt.Errorf("read the journal: %w", err)
	}
	return some, nil
}

// settle looks for what is ambiguous where keys do not settle it. With send, it sends what may be sent again.
func (r *run) settle(ctx context.Context, l *reconciler, send bool) error {
	some, err := r.journal.items(ctx, Ambiguous, 0, 1)
	if err != nil || len(some) == 0 {
		return err
	}
	keys := r.Service.HonorsKeys(ctx)
	if !keys {
		if err := r.each(ctx, Ambiguous, l.settle); err != nil {
			return err
		}
	}
	if send && (keys || r.RetryAmbiguous) {
		return r.states(ctx, Ambiguous)
	}
	return nil
}

// each lets several goroutines do one thing with each of the items of a state.
func (r *run) each(ctx context.Context, state State, do func(context.Context, Item) error) error {
	group, reporting := errgroup.WithContext(ctx)
	r.acceptances = make(chan acceptance, r.Concurrency)
	group.Go(func() error { return r.report(group, r.acceptances) })
	group.Go(func() error {
		defer close(r.acceptances)
		workers, working := errgroup.WithContext(reporting)
		items := make(chan Item, r.Concurrency)
		workers.Go(func() error {
			defer close(items)
			return r.feed(working, state, items)
		})
		for range r.Concurrency {
			workers.Go(func() error {
				for item := range items {
					if err := do(working, item); err != nil {
						return err
					}
				}
				return nil
			})
		}
		return workers.Wait()
	})
	return group.Wait()
}

// states sends the items of one state that are there when it begins.
func (r *run) states(ctx context.Context, state State) error {
	err := r.each(ctx, state, r.deliver)
	if err == nil && state == Pending {
		err = r.streak.verdict()
	}
	var fatal *FatalError
	if errors.As(err, &fatal) {
		// These items did nothing wrong: once the cause is gone they can be sent.
		if undo := r.journal.release(ctx, fatal.Code); undo != nil {
			return errors.Join(err, undo)
		}
	}
	return err
}

// feed hands out the items of a state, in order.
func (r *run) feed(ctx context.Context, state State, items chan<- Item) error {
	for after := int64(0); ; {
		some, err := r.journal.items(ctx, state, after, 1000)
		if err != nil || len(some) == 0 {
			return err
		}
		for _, item := range some {
			after = item.ID
			select {
			case items <- item:
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		}
	}
}

// release puts items that failed for one cause back to Pending, under the key they had: the service has refused it.
func (j *Journal) release(ctx context.Context, code string) error {
	err := j.transact(ctx, func() error {
		_, err := j.write.ExecContext(context.WithoutCancel(ctx),
			"UPDATE status SET state = ?, code = '', message = '' WHERE state = ? AND code = ? AND asset_id = ''", Pending, Failed, code)
		return err
	})
	if err != nil {
		return fmt.Errorf("write the journal: %w", err)
	}
	return nil
}
