// Package client calls VOD: it dumps media from OBS or uploads it, follows the assets that this creates, lists, changes,
// publishes and deletes them, and manages categories, preheating and the authorization of buckets.
//
// A dump creates an asset that is billed, and the cloud has no way to repeat one safely. So a [Client] repeats it by
// itself only when the server cannot have accepted it: when it was not sent, or was rejected with 429, or with 503 and
// Retry-After. Where the outcome is unknown it asks the server whether it honors Idempotency-Key. If so, it repeats the
// request under the same key, else it returns an [AmbiguousError] and leaves the decision to the caller. Operations that
// change nothing when repeated are repeated after every temporary failure.
//
// Every error is one of [ValidationError] (nothing was sent), [TransportError] (no response), [APIError] (refused),
// [ResponseError] (a response outside the contract), [AmbiguousError] and [JobError] (the asset failed), or else says that
// [Client.Wait] was stopped. What a context ended wraps that context's error. [Code] returns the server's error code,
// [Retryable] whether another attempt makes sense, and [Hint] the next step for a person.
package client

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"time"

	"github.com/vod-reproduction/vod/gen"
	"github.com/vod-reproduction/vod/signer"
)

// DefaultTimeout is the time that one attempt may take unless Config says otherwise.
const DefaultTimeout = 30 * time.Second

// Config is the service to call, the project, the credentials, and how to go about it.
type Config struct {
	// Endpoint is the service's address, such as https://vod.cn-north-4.myhuaweicloud.com. https:// is added when the
	// scheme is missing; a path is kept and put before that of every operation.
	Endpoint string
	// Region, such as cn-north-4, selects the cloud's endpoint when Endpoint is empty.
	Region string
	// ProjectID is the project that owns the assets: 1 to 64 letters, digits, hyphens and underscores.
	ProjectID string
	// Auth authenticates every attempt: a [signer.Signer], a [signer.StaticToken], a [signer.IAMToken], or the caller's own
	// type, for instance for a key that stays in a KMS. It is required.
	Auth signer.Authenticator
	// UserAgent is put before this package's own product name in the User-Agent header, such as "uploader/1.4"; visible
	// ASCII and spaces.
	UserAgent string

	// Transport carries the authenticated requests; nil means NewTransport(). It must not send a POST twice. Redirects are not
	// followed whatever it is.
	Transport http.RoundTripper
	// Timeout bounds each attempt, from connecting to the last byte of the response. Zero means DefaultTimeout. The
	// context of an operation bounds all its attempts and pauses.
	Timeout time.Duration
	// Retry bounds repetitions; the zero value is the default policy.
	Retry RetryPolicy
	// Clock is the source of time; nil means the system's.
	Clock Clock
	// Random draws from [0, 1) to spread pauses; nil means math/rand. It is called from several goroutines at once.
	Random func() float64
}

// Client calls one service for one project. It is safe for concurrent use and meant to be kept: connections, the retry
// budget and what it learned about the server are shared by its operations.
type Client struct {
	base      string
	projectID string
	dumpURL   *url.URL
	common    http.Header // of every request; shared by all, and not to be changed
	transport *signer.Transport
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
	switch config.Auth {
	case nil, (*signer.Signer)(nil), (*signer.IAMToken)(nil): // nil pointers are what constructors return beside an error
		return nil, errors.New("client: Auth must be set")
	}
	if !userAgentPattern.MatchString(config.UserAgent) {
		return nil, errors.New("client: UserAgent must be visible ASCII and spaces, up to 256 characters")
	}
	if config.Timeout < 0 {
		return nil, errors.New("client: Timeout must not be negative")
	}
	c := &Client{
		base: base, projectID: config.ProjectID, timeout: config.Timeout, budget: newBudget(),
		common: http.Header{
			"Accept":       {mediaType},
			"User-Agent":   {strings.TrimSpace(config.UserAgent + " " + productName)},
			"X-Project-Id": {config.ProjectID},
		},
		clock: config.Clock, random: config.Random, idle: func() {},
	}
	dump, err := gen.NewPublishAssetFromObsRequestWithBody(base, config.ProjectID, nil, mediaType, http.NoBody)
	if err != nil {
		return nil, fmt.Errorf("client: %w", err)
	}
	c.dumpURL = dump.URL
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
	c.transport = &signer.Transport{Base: wire{network}, Auth: config.Auth, Now: c.clock.Now}
	return c, nil
}

// CloseIdleConnections closes the connections that are kept for later requests. The Client stays usable.
func (c *Client) CloseIdleConnections() { c.idle() }

// String names service and project.
func (c *Client) String() string { return fmt.Sprintf("%sv1.0/%s", c.base, c.projectID) }

var (
	projectIDPattern = regexp.MustCompile(`^[0-9A-Za-z_-]{1,64}$`)
	userAgentPattern = regexp.MustCompile(`^[ -~]{0,256}$`)
	regionPattern    = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+){1,7}$`)
)

// baseURL returns the prefix of every operation's URL, which ends with a slash. The endpoint takes precedence over the
// region.
func baseURL(endpoint, region string) (string, error) {
	if endpoint == "" {
		if region == "" {
			return "", errors.New("client: neither Endpoint nor Region is set")
		}
		if !regionPattern.MatchString(region) {
			return "", errors.New("client: Region must look like cn-north-4")
		}
		return "https://vod." + region + ".myhuaweicloud.com/", nil
	}
	if !strings.Contains(endpoint, "://") {
		endpoint = "https://" + endpoint
	}
	u, err := url.Parse(endpoint)
	if err != nil {
		var parse *url.Error
		if errors.As(err, &parse) {
			err = parse.Err // without the address, which may hold a password
		}
		return "", fmt.Errorf("client: Endpoint is not a URL: %w", err)
	}
	switch {
	case u.Scheme != "https" && u.Scheme != "http":
		return "", fmt.Errorf("client: Endpoint must begin with https:// or http://, not %s://", u.Scheme)
	case u.Hostname() == "":
		return "", errors.New("client: Endpoint has no host")
	case u.User != nil:
		return "", errors.New("client: Endpoint must not hold a user or password; requests are signed instead")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return "", errors.New("client: Endpoint must end with its path")
	}
	for segment := range strings.SplitSeq(u.Path, "/") {
		if segment == "." || segment == ".." {
			return "", errors.New("client: Endpoint must not have dots as a part of its path")
		}
	}
	u.RawPath = strings.TrimRight(u.EscapedPath(), "/") + "/"
	u.Path, err = url.PathUnescape(u.RawPath)
	if err != nil {
		return "", fmt.Errorf("client: Endpoint is not a URL: %w", err)
	}
	return u.String(), nil
}

// Clock is the time as a Client sees it: for signatures, for pauses between attempts, for polling. Both methods are
// called from several goroutines at once.
type Clock interface {
	// Now returns the current time.
	Now() time.Time
	// Sleep waits for d, or until ctx is done, and then returns the cause.
	Sleep(ctx context.Context, d time.Duration) error
}

// SystemClock is the machine's clock.
var SystemClock Clock = systemClock{}

type systemClock struct{}

func (systemClock) Now() time.Time { return time.Now() }

func (systemClock) Sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
