// Package storetest is the suite that every database of the service must pass,
// and the means to test what works on one.
package storetest

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/vod-reproduction/vod/service/asset"
	"github.com/vod-reproduction/vod/service/store"
)

// Project is the project of the requests in tests.
const Project = "0f5e1b6a2c3d4e5f8091a2b3c4d5e6f7"

// NewAsset returns a plain valid request, whose bucket every DB has authorized.
func NewAsset() asset.New {
	body := []byte(`{"title":"a film"}`)
	return asset.New{
		ProjectID:   Project,
		Title:       "a film",
		VideoType:   "MP4",
		Source:      asset.Location{Bucket: "source", Key: "in/film.mp4", Region: "cn-north-4"},
		Request:     body,
		RequestID:   "req-1",
		Idempotency: asset.Idempotency{BodySHA256: sha256.Sum256(body)},
	}
}

// Everything returns a request whose plan has all stages.
func Everything() asset.New {
	n := NewAsset()
	n.AutoPublish = true
	n.Plan = asset.Plan{
		Thumbnail: &asset.Thumbnail{Type: asset.ThumbnailTime, Every: time.Second, Cover: 1},
		Transcode: &asset.Transcode{Group: "g", Format: asset.FormatHLS, Encrypt: true, Renditions: []asset.Rendition{{Name: "low", Height: 60}}},
		Review:    &asset.ReviewJob{TemplateID: "t"}, Preheat: true,
	}
	return n
}

// NewMedia returns what an attempt stored.
func NewMedia() asset.Media {
	return asset.Media{Bucket: "vod", Key: "assets/1/film.mp4", Size: 7, SHA256: "ab", ETag: "e",
		ModTime: time.UnixMilli(1795442074626).UTC(), ContentType: "video/mp4"}
}

// Ending returns the usual outcome of an attempt.
func Ending(a asset.Attempt) asset.Outcome {
	return asset.Outcome{Media: NewMedia(), Publish: a.Asset.AutoPublish}
}

// DB is a store under test, closed when the test ends.
type DB struct {
	*store.Store
	Write *sql.DB // changes the database behind the store's back

	kind    store.Kind
	refused string // table of RefuseWrites
}

// Open opens a store: a new one on SQLite, unless cfg has a data source. Its Queue is mandatory.
func Open(t testing.TB, cfg store.Config) *DB {
	t.Helper()
	if cfg.DSN == "" {
		cfg.DSN = filepath.Join(t.TempDir(), "vod.db")
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	}
	d := &DB{}
	connect := cfg.Queue
	cfg.Queue = func(ctx context.Context, db store.Connection) (store.Queue, error) {
		d.Write, d.kind = db.DB, db.Kind
		return connect(ctx, db)
	}
	var err error
	if d.Store, err = store.Open(t.Context(), cfg); err != nil {
		t.Fatalf("Open: %v", err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	for _, project := range []string{Project, "another project"} {
		if err := d.AuthorizeBucket(t.Context(), project, NewAsset().Source.Bucket); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

// MustAccept accepts a new request and reads its asset.
func (d *DB) MustAccept(t testing.TB, n asset.New) asset.Asset {
	t.Helper()
	id, replayed, err := d.Accept(t.Context(), n)
	if err != nil || replayed {
		t.Fatalf("Accept = replayed %v, error %v", replayed, err)
	}
	a, err := d.Get(t.Context(), n.ProjectID, id)
	if err != nil {
		t.Fatalf("Get(%s): %v", id, err)
	}
	return a
}

// MustGet reads an asset of Project.
func (d *DB) MustGet(t testing.TB, id string) asset.Asset {
	t.Helper()
	a, err := d.Get(t.Context(), Project, id)
	if err != nil {
		t.Fatalf("Get(%s): %v", id, err)
	}
	return a
}

// MustBegin starts an attempt by hand.
func (d *DB) MustBegin(t testing.TB, id string) asset.Attempt {
	t.Helper()
	a, ok, err := d.Begin(t.Context(), id)
	if err != nil || !ok {
		t.Fatalf("Begin = %v, %v", ok, err)
	}
	return a
}

// Count returns the single number of a query.
func (d *DB) Count(t testing.TB, query string, args ...any) (n int) {
	t.Helper()
	if err := d.Write.QueryRowContext(t.Context(), query, args...).Scan(&n); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

// Execute changes the database behind the store's back.
func (d *DB) Execute(t testing.TB, query string, args ...any) {
	t.Helper()
	if _, err := d.Write.ExecContext(t.Context(), query, args...); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

// RefuseWrites makes every write of one kind on a table fail, as a full disk
// would, until AcceptWrites.
func (d *DB) RefuseWrites(t testing.TB, kind, table string) {
	t.Helper()
	trigger := `CREATE TRIGGER refuse BEFORE %s ON %s BEGIN SELECT RAISE(ABORT, 'disk is full'); END`
	if d.kind == store.PostgreSQL {
		d.Execute(t, `CREATE OR REPLACE FUNCTION refuse() RETURNS TRIGGER AS $$ BEGIN RAISE 'disk is full'; END $$ LANGUAGE plpgsql`)
		trigger = `CREATE TRIGGER refuse BEFORE %s ON %s FOR EACH ROW EXECUTE FUNCTION refuse()`
	}
	d.Execute(t, fmt.Sprintf(trigger, kind, table))
	d.refused = table
}

// AcceptWrites ends RefuseWrites.
func (d *DB) AcceptWrites(t testing.TB) {
	t.Helper()
	drop := `DROP TRIGGER refuse`
	if d.kind == store.PostgreSQL {
		drop += ` ON ` + d.refused
	}
	d.Execute(t, drop)
}
