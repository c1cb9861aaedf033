// Package server puts the parts of the service together: the database and its job queue, the object storage, the
// pipeline, the HTTP API and the status pages, in one process that starts and stops as a whole.
package server

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/vod-reproduction/vod/service/api"
	"github.com/vod-reproduction/vod/service/config"
	"github.com/vod-reproduction/vod/service/jobs"
	"github.com/vod-reproduction/vod/service/keyring"
	"github.com/vod-reproduction/vod/service/metrics"
	"github.com/vod-reproduction/vod/service/object"
	"github.com/vod-reproduction/vod/service/object/embedded"
	"github.com/vod-reproduction/vod/service/store"
	"github.com/vod-reproduction/vod/service/tracing"
	"github.com/vod-reproduction/vod/service/ui"
)

// Config is what a Server needs.
type Config struct {
	// Dir holds everything that must survive: the database and, for the embedded store, the media. It is created.
	Dir string
	// Service is the configuration, checked already. Processes on one database share it, but for where they listen, how
	// many workers they have and where their ffmpeg is.
	Service config.Config
	// Role is what this process does; empty is RoleAll.
	Role Role
	// Node is the name of this process among those on one database; empty is one made of the host's name.
	Node string
	// Key opens sealed keys instead of the file vod.key in Dir, whose content it is; empty is the file's.
	Key config.Secret
	// Unused is called when no other process uses Dir, before anything of it is changed and also when the start then
	// fails; nil is nothing to do. Its error ends the start.
	Unused func() error
	// Owned is called once Dir belongs to this process and before requests are served; nil is nothing to do. Its
	// error ends the start.
	Owned func() error
	// Log takes what operators want to know; nil discards.
	Log *slog.Logger
}

// Role is what one of several processes does.
type Role string

// The roles of a process.
const (
	RoleAll    Role = "all"
	RoleAPI    Role = "api"    // serves requests and pages, and works on nothing
	RoleWorker Role = "worker" // works on what was accepted, and serves health checks only
)

// Valid reports whether r is one of the roles.
func (r Role) Valid() bool { return r == RoleAll || r == RoleAPI || r == RoleWorker }

// shutdownTimeout is far longer than any request but a download takes.
const shutdownTimeout = 5 * time.Second

// flushTimeout is how long a collector of traces may take to accept the last ones.
const flushTimeout = 2 * time.Second

// Server is one running service.
type Server struct {
	assets      *store.Store
	jobs        *jobs.Client
	embedded    *embedded.Server // nil with an external store
	objects     *object.S3
	keyring     *keyring.Keyring
	work        *processing // nil before all parts are up
	server      *http.Server
	url         string
	failed      chan error
	metrics     *metrics.Metrics
	exporter    *exporter // nil where nobody listens
	scratch     *scratch  // nil where nothing is worked on
	live        atomic.Pointer[live]
	limits      api.Limits
	certificate atomic.Pointer[tls.Certificate] // nil without TLS
	stopping    chan struct{}                   // closed when requests that would never end have to
	tracer      *tracing.Tracer

	stopBackground context.CancelFunc
	background     sync.WaitGroup
}

// Start brings up every part, in the order in which they need each other, and returns when requests are served.
// Another process on the same Dir is refused with store.ErrInUse. What Start began is undone when it fails.
func Start(ctx context.Context, c Config) (_ *Server, err error) {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Role == "" {
		c.Role = RoleAll
	}
	if err := errors.Join(c.checkRole(), c.checkFormerStore()); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(c.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("create the data directory: %w", err)
	}
	s := &Server{failed: make(chan error, 1), stopping: make(chan struct{})}
	if s.tracer, err = tracing.New(context.WithoutCancel(ctx), c.Node, c.Log); err != nil {
		return nil, &SettingError{err, "correct the variable, or unset it: a collector's address is like http://127.0.0.1:4318"}
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.release())
		}
	}()
	s.metrics = metrics.New(s.backlog, c.Log)
	if err := checkUnused(c); err != nil {
		return nil, err
	}
	listener, err := listen(ctx, c.Service)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, listener.Close())
		}
	}()
	if s.url, err = publicURL(c.Service, listener.Addr()); err != nil {
		return nil, err
	}
	certificate, err := readCertificate(c.Service.TLS)
	if err != nil {
		return nil, err
	}
	s.certificate.Store(certificate)
	searching, stopSearch := context.WithCancel(ctx)
	tools := findTools(searching, c)
	defer func() {
		stopSearch()
		_ = tools.Wait() // startWork returns its error
	}()
	s.jobs = jobs.New(jobs.Config{Workers: c.Service.Workers, MaxDeferral: time.Duration(c.Service.MaxWaitHours) * time.Hour, Node: c.Node, Digest: s.digest, Log: c.Log})
	s.assets, err = store.Open(ctx, store.Config{
		DSN: cmp.Or(c.Service.Database.Reveal(), dataFile(c.Dir)), Queue: s.jobs.Connect, Wants: s.wants,
		StageEnded: s.stageEnded(c.Log), Log: c.Log,
	})
	if err != nil {
		return nil, err
	}
	if c.Owned != nil {
		if err := c.Owned(); err != nil {
			return nil, err
		}
	}
	if s.keyring, err = openKeyring(ctx, c, s.assets); err != nil {
		return nil, err
	}
	if err := s.openObjects(ctx, c); err != nil {
		return nil, err
	}
	if err := s.load(ctx, c); err != nil {
		return nil, err
	}
	if address := c.Service.MetricsListen; address != "" {
		if s.exporter, err = export(ctx, address, s.metrics, c.Log); err != nil {
			return nil, err
		}
		c.Log.Info("metrics are served", "url", "http://"+s.exporter.address+"/metrics")
	}
	if c.Role != RoleAPI {
		if err := s.startWork(ctx, c, tools); err != nil {
			return nil, err
		}
	}
	s.serve(limitConnections(listener, maxConnections()), c)
	s.startBackground(ctx, c)
	return s, nil
}

// dataFile is where the database of a data directory is.
func dataFile(dir string) string { return filepath.Join(dir, "vod.db") }

// checkUnused refuses a data directory that another process uses.
func checkUnused(c Config) error {
	if c.Service.Database == "" {
		if err := store.CheckUnused(dataFile(c.Dir)); err != nil {
			return err
		}
	}
	if c.Unused == nil {
		return nil
	}
	return c.Unused()
}

// startWork begins to work on what was accepted.
func (s *Server) startWork(ctx context.Context, c Config, tools *toolSearch) (err error) {
	if s.work, err = newProcessing(ctx, s, c, tools); err != nil {
		return err
	}
	return s.jobs.Start(ctx, s.assets, s.work.work)
}

// startBackground begins what goes on beside requests and work until Stop.
func (s *Server) startBackground(ctx context.Context, c Config) {
	ctx, s.stopBackground = context.WithCancel(context.WithoutCancel(ctx))
	if s.work != nil {
		s.background.Go(func() { s.clean(ctx, s.work.runner, c.Log) })
	}
	if s.embedded == nil {
		s.background.Go(func() { s.reportStore(ctx, c) })
	}
}

func (s *Server) serve(listener net.Listener, c Config) {
	s.server = &http.Server{
		Handler:           http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.live.Load().routes.ServeHTTP(w, r) }),
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      time.Minute, // a download puts it off as long as it moves
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(c.Log.Handler(), slog.LevelWarn),
	}
	s.server.RegisterOnShutdown(func() { close(s.stopping) })
	serve := s.server.Serve
	if c.Service.TLS.Enabled() {
		s.server.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
			return s.certificate.Load(), nil
		}}
		serve = func(l net.Listener) error { return s.server.ServeTLS(l, "", "") }
	}
	go func() {
		if err := serve(listener); !errors.Is(err, http.ErrServerClosed) {
			s.failed <- fmt.Errorf("serve: %w", err)
		}
		close(s.failed)
	}()
}

// routes is what the process serves in its role.
func (s *Server) routes(handler *api.Server, c Config) http.Handler {
	health := http.NewServeMux()
	s.healthOf(c).handle(health)
	if c.Role == RoleWorker {
		return health
	}
	disk := s.disk
	if c.Role == RoleAPI { // nothing is worked on here
		disk = nil
	}
	calls, pages := handler.Handler(), handler.Wrap(handler.GuardSignIn(ui.New(ui.Config{
		Assets: s.assets, Service: handler, Prefix: uiPrefix, FileURL: handler.FileURL, PublicURL: s.url, Stopping: s.stopping, Disk: disk, Log: c.Log,
	})))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/" && (r.Method == http.MethodGet || r.Method == http.MethodHead) && strings.Contains(r.Header.Get("Accept"), "text/"):
			http.Redirect(w, r, uiPrefix+"/", http.StatusSeeOther) // a browser
		case r.URL.Path == "/" && (r.Method == http.MethodGet || r.Method == http.MethodHead) && r.Header.Get("Accept") == "*/*" && r.Header.Get("Authorization") == "":
			s.introduce(w) // to a person with curl; the requests of S3 clients are signed
		case strings.HasPrefix(r.URL.Path, uiPrefix+"/"):
			pages.ServeHTTP(w, r)
		case isHealth[r.URL.Path]:
			health.ServeHTTP(w, r)
		default:
			calls.ServeHTTP(w, r)
		}
	})
}

// disk returns the state of the disk of the working files.
func (s *Server) disk() (ui.Disk, error) {
	space, reserved, err := s.work.runner.Disk()
	return ui.Disk{Total: space.Total + space.Kept, Free: space.Free, Reserved: reserved, Kept: space.Kept}, err
}

// introduce says what this is, and where to go on.
func (s *Server) introduce(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = fmt.Fprintf(w, `This is vod serve.
Pages:   %[1]s%[2]s/
API:     %[1]s/v1.0/{project_id}/asset/..., signed; "vod env" prints the settings of clients, "vod spec export" the documents
Health:  %[1]s/readyz
`, s.url, uiPrefix) // the client may have left
}

// uiPrefix is the path below which the status pages are.
const uiPrefix = "/ui"

// keyURL is where players ask for the key of an encrypted asset. It stands in
// playlists that are kept, so that every page with the player lies beside it.
func (s *Server) keyURL(assetID string) string { return s.url + ui.KeyPath(uiPrefix, assetID) }

// URL is how clients reach the API.
func (s *Server) URL() string { return s.url }

// StoreEndpoint is how clients reach the object store.
func (s *Server) StoreEndpoint() string {
	if s.embedded == nil {
		return s.live.Load().config.Service.Store.Endpoint
	}
	return s.embedded.Endpoint()
}

// Failed returns the error that ended serving, if any, and is closed when serving ends.
func (s *Server) Failed() <-chan error { return s.failed }

// Stop ends the service and loses nothing: requests under way are completed, work under way goes back to the queue or
// ends. It waits for open requests for five seconds, and for work until ctx is done.
func (s *Server) Stop(ctx context.Context) error {
	ending, cancel := context.WithTimeout(ctx, shutdownTimeout)
	defer cancel()
	if s.server.Shutdown(ending) != nil {
		// What is left is a long download, which its client can resume, or a connection that asks for nothing.
		_ = s.server.Close()
	}
	s.stopBackground()
	s.background.Wait()
	return errors.Join(s.jobs.Stop(ctx), s.release())
}

func (s *Server) release() error {
	flush, cancel := context.WithTimeout(context.Background(), flushTimeout)
	defer cancel()
	faults := []error{s.exporter.close(), s.tracer.Close(flush)}
	if s.assets != nil {
		faults = append(faults, s.assets.Close())
	}
	if s.work != nil {
		s.work.closeIdle()
	}
	if s.objects != nil {
		s.objects.CloseIdleConnections()
	}
	if s.embedded != nil {
		faults = append(faults, s.embedded.Close())
	}
	if s.scratch != nil {
		faults = append(faults, s.scratch.close())
	}
	return errors.Join(faults...)
}
