// Package client calls VOD: it dumps media from OBS, follows what becomes of it, and opens buckets to the service.
//
// A dump creates an asset that is billed, and the cloud has no way to repeat one safely. So a Client sends it again by
// itself only when the server cannot have taken it: when it was not sent, or was turned away with 429, or with 503 and
// Retry-After. Where the outcome is open it asks the server whether it honors Idempotency-Key. If so, it repeats the
// request under the same key, else it returns an [AmbiguousError] and leaves the decision to the caller. Calls that
// change nothing when repeated are repeated after every temporary failure.
//
// Every error is one of [ValidationError] (nothing was sent), [TransportError] (no answer), [APIError] (refused),
// [AnswerError] (an answer outside the contract), [AmbiguousError] and [JobError] (the asset failed); [Hint] gives the
// next step for each.
package client

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/vod-reproduction/vod/signer"
)

// DefaultTimeout is the time that one attempt may take unless Config says otherwise.
const DefaultTimeout = 30 * time.Second

// Config says which service to call, for which project and as whom.
type Config struct {
	// Endpoint is the service's address, such as https://vod.cn-north-4.myhuaweicloud.com. https:// is added when the
	// scheme is missing; a path is kept and put before that of every call.
	Endpoint string
	// Region, such as cn-north-4, gives the cloud's endpoint when Endpoint is empty.
	Region string
	// ProjectID is the project that owns the assets: 1 to 64 letters, digits, hyphens and underscores.
	ProjectID string
	// Signer signs every attempt with an access key; Tokens gives a token for it instead. Exactly one must be set.
	Signer *signer.Signer
	Tokens signer.TokenSource

	// Transport carries the signed requests; nil means NewTransport(). It must not send a POST twice. Redirects are not
	// followed whatever it is.
	Transport http.RoundTripper
	// Timeout bounds each attempt, from connecting to the last byte of the answer. Zero means DefaultTimeout. The
	// context of a call bounds all its attempts and pauses.
	Timeout time.Duration
	// Retry bounds repetitions; the zero policy is the default one.
	Retry RetryPolicy
	// Clock is the time; nil means the system's.
	Clock Clock
	// Random draws from [0, 1) to spread pauses; nil means math/rand. It is called from several goroutines at once.
	Random func() float64
}

// Client calls one service for one project. It is safe for concurrent use and meant to be kept: connections, the retry
// budget and what it learned about the server are shared by its calls.
type Client struct {
	base      string
	projectID string
	transport http.RoundTripper
	idle      func()
	timeout   time.Duration
	retry     RetryPolicy
	budget    *budget
	clock     Clock
	random    func() float64
	// keysHonored is set once the server has announced that it honors Idempotency-Key.
	keysHonored atomic.Bool
}

// New checks the configuration and makes a Client. It sends nothing.
func New(config Config) (*Client, error) {
	base, err := baseURL(config.Endpoint, config.Region)
	if err != nil {
		return nil, err
	}
	if !projectIDPattern.MatchString(config.ProjectID) {
		return nil, errors.New("client: ProjectID must be 1 to 64 letters, digits, hyphens and underscores")
	}
	if (config.Signer == nil) == (config.Tokens == nil) {
		return nil, errors.New("client: either Signer or Tokens must be set")
	}
	if config.Timeout < 0 {
		return nil, errors.New("client: Timeout must not be negative")
	}
	c := &Client{
		base: base, projectID: config.ProjectID, timeout: config.Timeout, budget: newBudget(),
		clock: config.Clock, random: config.Random, idle: func() {},
	}
	if c.retry, err = config.Retry.withDefaults(); err != nil {
		return nil, err
	}
	if c.timeout == 0 {
		c.timeout = DefaultTimeout
	}
	if c.clock == nil {
		c.clock = SystemClock
	}
	if c.random == nil {
		c.random = rand.Float64
	}
	network := config.Transport
	if network == nil {
		network = NewTransport()
	}
	if pool, ok := network.(interface{ CloseIdleConnections() }); ok {
		c.idle = pool.CloseIdleConnections
	}
	c.transport = &signer.Transport{Base: wire{network}, Signer: config.Signer, Tokens: config.Tokens, Now: c.clock.Now}
	return c, nil
}

// CloseIdleConnections closes the connections that are kept for later calls. The Client stays usable.
func (c *Client) CloseIdleConnections() { c.idle() }

// String names service and project.
func (c *Client) String() string { return fmt.Sprintf("%sv1.0/%s", c.base, c.projectID) }
