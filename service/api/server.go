// Package api is the HTTP API of the service: it limits and authenticates requests, holds them against the contract,
// accepts them as assets, and reports on those. What happens to the media is not its business.
package api

import (
	"cmp"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"github.com/vod-reproduction/vod/gen"
	"github.com/vod-reproduction/vod/gen/companions"
	"github.com/vod-reproduction/vod/service/asset"
	"github.com/vod-reproduction/vod/service/config"
	"github.com/vod-reproduction/vod/service/metrics"
	"github.com/vod-reproduction/vod/service/object"
	"github.com/vod-reproduction/vod/signer"
)

// Objects is what the handlers need of the object store: to look for a source, to hand out published media, to take
// what visitors upload, and to let owners of assets upload by themselves.
type Objects interface {
	Stat(ctx context.Context, bucket, key string) (object.Info, error)
	Open(ctx context.Context, bucket, key string, r object.Range, ifMatch string) (io.ReadCloser, object.Info, error)
	Upload(ctx context.Context, bucket, key, contentType string, body io.Reader) (object.Info, error)
	CheckPresign(ctx context.Context, bucket string) error
	Presign(ctx context.Context, method, bucket, key string, query url.Values, header http.Header, lifetime time.Duration) (string, error)
}

// Assets is what the handlers need of the database; *store.Store is one, and its methods say what each returns.
type Assets interface {
	Replay(ctx context.Context, project string, key asset.Idempotency) (id string, err error)
	Accept(ctx context.Context, n asset.New) (id string, replayed bool, err error)
	CreateUpload(ctx context.Context, n asset.New, name string) (asset.Upload, error)
	Upload(ctx context.Context, project, id string) (asset.Upload, error)
	ConfirmUpload(ctx context.Context, project, id string) error
	EndUpload(ctx context.Context, project, id string, as asset.State) error
	Get(ctx context.Context, project, id string) (asset.Asset, error)
	List(ctx context.Context, q asset.Query) (page []asset.Asset, total int, err error)
	Delete(ctx context.Context, project, id string) error
	Deleted(ctx context.Context, project string, ids []string) (map[string]bool, error)
	Publish(ctx context.Context, project, id string) (asset.Asset, error)
	Unpublish(ctx context.Context, project, id string) (asset.Asset, error)
	SealedKey(ctx context.Context, project, id string) ([]byte, error)
	Delivery(ctx context.Context, file asset.Address) (asset.Delivery, error)
	PreheatAsset(ctx context.Context, project, id string) (task string, err error)
	PreheatFiles(ctx context.Context, project string, files []asset.Address) (task string, err error)
	PreheatTask(ctx context.Context, project, task string) ([]asset.Preheat, error)
	Change(ctx context.Context, project, id string, c asset.Changes) error
	Categories(ctx context.Context, project string) ([]asset.Category, error)
	RenameCategory(ctx context.Context, project string, id int64, name string) (asset.Category, error)
	DeleteCategory(ctx context.Context, project string, id int64) error
	CreateCategory(ctx context.Context, project, name string, parent int64) (asset.Category, error)
	AuthorizeBucket(ctx context.Context, project, bucket string) error
	RevokeBucket(ctx context.Context, project, bucket string) error
	Authorized(ctx context.Context, project, bucket string) (bool, error)
}

// Config is what a Server needs. All fields but Limits and Observe are mandatory.
type Config struct {
	Service config.Config
	// PublicURL is the beginning of every URL in a response, without a slash at the end.
	PublicURL string
	// AssetPage returns the path of the page that shows an asset to people; nil when there are no pages.
	AssetPage func(id string) string
	Assets    Assets
	Objects   Objects
	Keys      Keys
	Log       *slog.Logger
	Now       func() time.Time
	// Limits are shared by Servers that follow one another; nil is new ones.
	Limits *Limits
	// Observe is called for every request that has ended; nil is not called.
	Observe func(metrics.Request)
}

// Server implements the generated server interfaces of both documents.
type Server struct {
	service   config.Config
	publicURL string
	assetPage func(id string) string
	tenants   *tenants
	verifier  *signer.Verifier
	tokens    *tokens
	peers     peers
	limits    *Limits
	sessions  *tokens                  // of visitors
	throttle  map[string]*rate.Limiter // by project; nil entries do not throttle
	presigns  atomic.Bool              // the store was found to check presigned requests
	assets    Assets
	objects   Objects
	keys      Keys
	log       *slog.Logger
	now       func() time.Time
	observe   func(metrics.Request)
}

var (
	_ gen.ServerInterface        = (*Server)(nil)
	_ companions.ServerInterface = (*Server)(nil)
)

// New returns the API. It is safe for concurrent use.
func New(c Config) *Server {
	s := &Server{
		service:   c.Service,
		publicURL: c.PublicURL,
		assetPage: c.AssetPage,
		tenants:   newTenants(c.Service),
		limits:    cmp.Or(c.Limits, &Limits{}),
		assets:    c.Assets,
		objects:   c.Objects,
		keys:      c.Keys,
		log:       c.Log,
		now:       c.Now,
		observe:   c.Observe,
	}
	s.peers = peers{c.Service.ProxyNetworks()}
	s.tokens = &tokens{s.tenants, c.Keys, c.Now, tokenOwner, tokenLifetime}
	s.sessions = &tokens{s.tenants, c.Keys, c.Now, sessionOwner, sessionLifetime}
	s.verifier = &signer.Verifier{Lookup: s.tenants.credentials, Now: c.Now}
	s.throttle = s.limits.throttles(c.Service)
	return s
}

// Handler is the API as one http.Handler: the API below /v1.0/ and /v1.1/, what clients need of IAM below /v3/, and published media
// below /media/.
func (s *Server) Handler() http.Handler {
	api := http.NewServeMux()
	gen.HandlerWithOptions(s, gen.StdHTTPServerOptions{BaseRouter: api, ErrorHandlerFunc: s.badParameter})
	companions.HandlerWithOptions(s, companions.StdHTTPServerOptions{BaseRouter: api, ErrorHandlerFunc: s.badParameter})

	root := http.NewServeMux()
	calls := s.announce(s.authenticate(s.known(api)))
	root.Handle("/v1.0/", calls)
	root.Handle("/v1.1/", calls)
	root.HandleFunc("OPTIONS /v1.0/{project_id}/asset/reproduction", s.options)
	root.HandleFunc("POST /v3/auth/tokens", s.issueToken)
	root.Handle("GET /v3/projects", s.authenticate(http.HandlerFunc(s.listProjects)))
	root.HandleFunc("GET /media/{asset_id}/{name...}", s.bounded(s.media))
	return s.Wrap(s.known(root))
}
