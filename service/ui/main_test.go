package ui

import (
	"context"
	"encoding/xml"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/vod-reproduction/vod/service/api"
	"github.com/vod-reproduction/vod/service/asset"
	"github.com/vod-reproduction/vod/service/config"
	"github.com/vod-reproduction/vod/service/jobs"
	"github.com/vod-reproduction/vod/service/keyring"
	"github.com/vod-reproduction/vod/service/object"
	"github.com/vod-reproduction/vod/service/object/objecttest"
	"github.com/vod-reproduction/vod/service/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m, objecttest.GatewayLeaks()...) }

const (
	project  = "0f5e1b6a2c3d4e5f8091a2b3c4d5e6f7"
	stranger = "ffffffffffffffffffffffffffffffff"
	// The users of both have the names of their projects; reader is one of the former that may only look.
	reader   = "reader"
	overseer = "overseer"
	password = "correct horse"
)

var noon = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

// site is the pages on a real database and API.
type site struct {
	http.Handler
	store   *store.Store
	jobs    *jobs.Client
	reached chan struct{} // one value for each script that came to its point
	// preheating gets a value for each file that is to be loaded, which preheated ends.
	preheating chan struct{}
	preheated  chan error
	keys       *keyring.Keyring
	objects    *object.S3    // nil in most tests
	stopping   chan struct{} // closed by the test that stops the service
	now        func() time.Time
}

// Preheat implements asset.Preheater.
func (s *site) Preheat(ctx context.Context, _ asset.Address) error {
	s.preheating <- struct{}{}
	select {
	case err := <-s.preheated:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func newSite(t *testing.T) *site { return newSiteWith(t, nil) }

// newSiteWith is newSite with object storage.
func newSiteWith(t *testing.T, objects *object.S3) *site {
	t.Helper()
	s := &site{
		reached: make(chan struct{}, 100), preheating: make(chan struct{}), preheated: make(chan error), objects: objects, stopping: make(chan struct{}),
		now: func() time.Time { return noon.Add(90 * time.Second) },
	}
	log := slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	clock := func() time.Time { return noon }
	s.jobs = jobs.New(jobs.Config{
		Workers: 10,
		Grace:   time.Millisecond,
		Log:     log,
		Now:     clock,
		// Called when the failure of an attempt is recorded.
		Backoff: func(int) time.Duration { s.reached <- struct{}{}; return time.Hour },
	})
	var err error
	s.store, err = store.Open(t.Context(), store.Config{DSN: filepath.Join(t.TempDir(), "vod.db"), Queue: s.jobs.Connect, Log: log, Now: clock})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.store.Close() }) // twice in the test that breaks the database
	users := []config.User{
		{Name: project, Password: password, Project: project, Permissions: []string{"*"}},
		{Name: stranger, Password: password, Project: stranger, Permissions: []string{"*"}},
		{Name: reader, Password: password, Project: project, Permissions: []string{"vod:asset:get"}},
		{Name: overseer, Password: password, Project: project, Permissions: []string{"*", "vod:service:getUsage"}},
	}
	s.keys, err = keyring.Open(filepath.Join(t.TempDir(), "key"), true)
	if err != nil {
		t.Fatal(err)
	}
	service := api.New(api.Config{
		Service: config.Config{Region: "cn-north-4", Users: users, Media: config.Media{Disabled: true}, Projects: []config.Project{
			{ID: project, Buckets: []config.Bucket{{Name: "source"}, {Name: "closed"}}},
			{ID: stranger, Buckets: []config.Bucket{{Name: "foreign"}}},
		}},
		PublicURL: "https://media.example", Assets: s.store, Objects: s.objects, Keys: s.keys, Log: log, Now: func() time.Time { return s.now() },
	})
	s.Handler = service.Wrap(New(Config{
		Assets: s.store, Service: service, Prefix: "/ui", FileURL: service.FileURL, PublicURL: "https://media.example", Stopping: s.stopping,
		Now:  func() time.Time { return s.now() },
		Disk: func() (Disk, error) { return Disk{Total: 500e9, Free: 100e9, Reserved: 10e9, Kept: 1e9}, nil },
		Log:  log,
	}))
	return s
}

// accept records a plain request, changed by edit.
func (s *site) accept(t *testing.T, edit func(*asset.New)) string {
	t.Helper()
	n := asset.New{
		ProjectID: project,
		Title:     "a film",
		VideoType: "MP4",
		Source:    asset.Location{Bucket: "source", Key: "in/film.mp4", Region: "cn-north-4"},
		Request:   []byte(`{"title":"a film","input":{"bucket":"source"}}`),
		RequestID: "req-1",
	}
	if edit != nil {
		edit(&n)
	}
	for _, bucket := range []string{n.Source.Bucket, n.OutputBucket} {
		if err := s.store.AuthorizeBucket(t.Context(), n.ProjectID, bucket); err != nil {
			t.Fatal(err)
		}
	}
	id, _, err := s.store.Accept(t.Context(), n)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// script is what happens to one asset. One that returns nil and does not end its
// asset leaves it being worked on.
type script func(ctx context.Context, a asset.Attempt) error

type scripts map[string]script

// work runs the scripts, by asset id, and returns when each came to its point.
func (s *site) work(t *testing.T, all scripts) {
	t.Helper()
	if err := s.jobs.Start(t.Context(), s.store, jobs.Work{Runner: runner{s, all}, Preheater: s}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 30*time.Second)
		defer cancel()
		if err := s.jobs.Stop(ctx); err != nil {
			t.Error(err)
		}
	})
	for range all {
		select {
		case <-s.reached:
		case <-time.After(30 * time.Second): // only a broken queue waits this long
			t.Fatal("the scripts did not come to their points")
		}
	}
}

type runner struct {
	site *site
	all  scripts
}

func (r runner) Run(ctx context.Context, a asset.Attempt) error {
	run, ok := r.all[a.Asset.ID]
	if !ok {
		<-ctx.Done()
		return ctx.Err()
	}
	if err := run(ctx, a); err != nil {
		return err
	}
	now, err := r.site.store.Get(ctx, a.Asset.ProjectID, a.Asset.ID)
	if err != nil {
		return err
	}
	r.site.reached <- struct{}{}
	if !now.State.Terminal() {
		<-ctx.Done()
		return ctx.Err()
	}
	return nil
}

// finishes ends an asset with media of the given size.
func (s *site) finishes(size int64) script {
	return func(ctx context.Context, a asset.Attempt) error {
		return s.finish(ctx, a, asset.Media{
			Bucket: "vod", Key: "assets/film.mp4", Size: size, SHA256: strings.Repeat("ab", 32), ETag: "etag-1",
		})
	}
}

// finish ends an asset as its request says.
func (s *site) finish(ctx context.Context, a asset.Attempt, m asset.Media) error {
	return s.store.Finish(ctx, a, asset.Outcome{Media: m, Publish: a.Asset.AutoPublish})
}

// fails ends an asset.
func (s *site) fails(code, reason string) script {
	return func(ctx context.Context, a asset.Attempt) error { return s.store.Fail(ctx, a, code, reason) }
}

// reports writes stages and leaves the asset being worked on.
func (s *site) reports(stages ...asset.Stage) script {
	return func(ctx context.Context, a asset.Attempt) error {
		for _, st := range stages {
			if err := s.store.Progress(ctx, a, st); err != nil {
				return err
			}
		}
		return nil
	}
}

// ask sends a request of the project, or of nobody when that is empty.
func (s *site) ask(t *testing.T, project, method, path string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, path, nil)
	if project != "" {
		r.SetBasicAuth(project, password)
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

// page gets a page of the project that must be there.
func (s *site) page(t *testing.T, path string) *node {
	t.Helper()
	w := s.ask(t, project, http.MethodGet, path)
	if w.Code != http.StatusOK {
		t.Fatalf("GET %s = %d\n%s", path, w.Code, w.Body)
	}
	return parsePage(t, w.Body.String())
}

// node is one element of a page.
type node struct {
	name string
	attr map[string]string
	text string // its own and that of everything in it
	kids []*node
}

// apart are the elements that a browser sets apart from their neighbors.
var apart = map[string]bool{"dt": true, "dd": true, "th": true, "td": true}

// parsePage takes a page apart. The templates close every element, so that a
// strict parser can tell a page that is not well nested.
func parsePage(t *testing.T, body string) *node {
	t.Helper()
	root := &node{}
	open := []*node{root}
	decoder := xml.NewDecoder(strings.NewReader(body))
	for {
		token, err := decoder.Token()
		if token == nil {
			if err.Error() != "EOF" {
				t.Fatalf("the page is not well formed: %v\n%s", err, body)
			}
			return root
		}
		switch token := token.(type) {
		case xml.StartElement:
			n := &node{name: token.Name.Local, attr: map[string]string{}}
			for _, a := range token.Attr {
				n.attr[a.Name.Local] = a.Value
			}
			top := open[len(open)-1]
			top.kids = append(top.kids, n)
			open = append(open, n)
		case xml.EndElement:
			open = open[:len(open)-1]
			if apart[token.Name.Local] {
				for _, n := range open {
					n.text += " "
				}
			}
		case xml.CharData:
			for _, n := range open {
				n.text += string(token)
			}
		}
	}
}

// all returns the elements of a name, in the page's order.
func (n *node) all(name string) (found []*node) {
	for _, kid := range n.kids {
		if kid.name == name {
			found = append(found, kid)
		}
		found = append(found, kid.all(name)...)
	}
	return found
}

// one returns the only element of a name whose text contains part.
func (n *node) one(t *testing.T, name, part string) *node {
	t.Helper()
	var found []*node
	for _, e := range n.all(name) {
		if strings.Contains(e.text, part) {
			found = append(found, e)
		}
	}
	if len(found) != 1 {
		t.Fatalf("the page has %d elements %s with %q\n%s", len(found), name, part, n.text)
	}
	return found[0]
}

// wants checks that the element shows every part.
func (n *node) wants(t *testing.T, parts ...string) {
	t.Helper()
	text := strings.Join(strings.Fields(n.text), " ")
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%s lacks %q: %s", n.name, part, text)
		}
	}
}
