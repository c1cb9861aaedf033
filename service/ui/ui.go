// Package ui is the pages of the service, for people with a browser: every
// asset of a project, what became of each, and what can be done with it.
//
// The pages are rendered on the server and work without JavaScript, which only
// makes them more comfortable. A visitor signs in with the name and password of
// a user of the configuration. Every change is a POST that other sites cannot
// send, and asks first.
package ui

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/vod-reproduction/vod/service/api"
	"github.com/vod-reproduction/vod/service/asset"
)

// Assets is what the pages need of the database; *store.Store is one. Its
// methods behave as that type's do.
type Assets interface {
	Get(ctx context.Context, project, id string) (asset.Asset, error)
	List(ctx context.Context, q asset.Query) (page []asset.Asset, total int, err error)
	CountStates(ctx context.Context, q asset.Query) (counts map[asset.State]int, more bool, err error)
	Categories(ctx context.Context, project string) ([]asset.Category, error)
	Usage(ctx context.Context) (map[string]asset.Usage, error)
}

// Config is what the pages need.
type Config struct {
	Assets Assets
	// Service knows who a visitor is, and does what a visitor asks for.
	Service *api.Server
	// Prefix is the path below which the pages are, such as "/ui": with a slash
	// at its start and none at its end.
	Prefix string
	// FileURL returns the absolute http or https URL of a file of a published asset.
	FileURL func(a asset.Asset, name string) string
	// PublicURL is how browsers reach the service. Behind a proxy it is the
	// origin that forms may be sent from, and with https it keeps sessions from
	// being sent in the clear.
	PublicURL string
	// Disk returns the state of the disk that files are worked on and, with the embedded store, kept on; nil where this process
	// has none.
	Disk func() (Disk, error)
	// Stopping is closed when the service stops: events of assets end then. Nil never is.
	Stopping <-chan struct{}
	// Now is the clock that running stages are measured with; nil is time.Now.
	Now func() time.Time
	// Log gets what visitors do not see; nil discards.
	Log *slog.Logger
}

type ui struct {
	Config
	static     map[string]staticFile
	usage      usage
	protection *http.CrossOriginProtection
}

// New makes the handler of every path below Prefix: the list at Prefix/, an
// asset at Prefix/assets/{id}, its request at Prefix/assets/{id}/request, the
// key of its encrypted outputs at KeyPath, and what is done with an asset at
// Prefix/assets/{id}/{action}. It panics when Prefix cannot be part of a route.
func New(c Config) http.Handler {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	u := &ui{Config: c, static: loadStatic(), protection: http.NewCrossOriginProtection()}
	if origin := originOf(c.PublicURL); origin != "" {
		_ = u.protection.AddTrustedOrigin(origin) // an origin of originOf is one
	}
	pages := http.NewServeMux()
	reads := func(path string, get pageFunc) { pages.Handle(c.Prefix+path, u.page(get, nil)) }
	reads("/{$}", u.listPage)
	reads("/storage", u.storagePage)
	reads("/assets/{id}", u.assetPage)
	reads("/assets/{id}/request", u.request)
	reads("/assets/{id}/key", u.key)
	reads("/assets/{id}/events", u.events)
	pages.Handle(c.Prefix+"/assets/{id}/{action}", u.page(u.confirmPage, u.act))
	pages.Handle(c.Prefix+dumpPath, u.page(u.dumpPage, u.dump))
	pages.Handle(c.Prefix+uploadPath, u.page(u.uploadPage, u.upload))
	pages.Handle(c.Prefix+"/signin", u.open(u.signInPage, u.signIn))
	pages.Handle(c.Prefix+"/signout", u.open(nil, u.signOut))
	pages.Handle(c.Prefix+"/static/{name}", u.open(u.staticFile, nil))
	pages.Handle("/", u.page(u.nothing, nil))
	return u.guard(pages)
}
