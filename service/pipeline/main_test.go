package pipeline

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/vod-reproduction/vod/service/asset"
	"github.com/vod-reproduction/vod/service/jobs"
	"github.com/vod-reproduction/vod/service/object"
	"github.com/vod-reproduction/vod/service/object/embedded"
	"github.com/vod-reproduction/vod/service/object/objecttest"
	"github.com/vod-reproduction/vod/service/store"
)

const project = "0f5e1b6a2c3d4e5f8091a2b3c4d5e6f7"

// shared is the one S3 server of all tests: a process can run only one.
var shared struct {
	dir    string // of its files, a directory for each bucket
	client *object.S3
	places atomic.Int64
}

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) (code int) {
	fail := func(err error) {
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	dir, err := os.MkdirTemp("", "stage")
	if err != nil {
		fail(err)
		return code
	}
	defer func() { fail(os.RemoveAll(dir)) }()
	shared.dir = filepath.Join(dir, "objects") // where the server keeps the buckets
	server, err := embedded.Start(context.Background(), embedded.Config{
		Dir: dir, Listen: "127.0.0.1:0", Region: "cn-north-4", AccessKey: "test", SecretKey: "test-secret",
	})
	if err != nil {
		fail(err)
		return code
	}
	shared.client, err = object.NewS3(object.Config{
		Endpoint: server.Endpoint(), Region: "cn-north-4", AccessKey: "test", SecretKey: "test-secret",
	})
	if err == nil {
		code = m.Run()
	}
	fail(err)
	if shared.client != nil {
		shared.client.CloseIdleConnections()
	}
	fail(server.Close())
	if code == 0 {
		fail(goleak.Find(objecttest.GatewayLeaks()...))
	}
	return code
}

// tenantPrefix begins the names of the tenants' buckets.
const tenantPrefix = "films-"

// place is a database and two buckets of its own for one test, all real.
type place struct {
	*testing.T
	tenant, vod string // the buckets of the source and of the service
	objects     object.Store
	assets      *store.Store
	jobs        *jobs.Client
	runner      *Runner
}

// newPlace starts a place whose attempts meet the given faults.
func newPlace(t *testing.T, f faults) *place {
	t.Helper()
	log := slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	n := shared.places.Add(1)
	p := &place{T: t, tenant: fmt.Sprintf("%s%d", tenantPrefix, n), vod: fmt.Sprintf("vod-%d", n), objects: shared.client}
	for _, bucket := range []string{p.tenant, p.vod} {
		if err := p.objects.CreateBucket(t.Context(), bucket); err != nil {
			t.Fatal(err)
		}
	}
	var err error
	p.jobs = jobs.New(jobs.Config{MaxAttempts: 3, Log: log, Backoff: func(int) time.Duration { return 0 }})
	p.assets, err = store.Open(t.Context(), store.Config{DSN: filepath.Join(t.TempDir(), "vod.db"), Queue: p.jobs.Connect, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.assets.Close(); err != nil {
			t.Error(err)
		}
	})
	p.runner = New(p.assets, &faulty{Store: p.objects, faults: f, opens: make(map[string]int)}, Config{Bucket: p.vod, Log: log})
	return p
}

// start lets runner work until the test ends.
func (p *place) start(runner jobs.Runner) {
	p.Helper()
	p.startWork(jobs.Work{Runner: runner, Clean: p.runner.Clean, Remove: p.runner.Remove})
}

func (p *place) startWork(work jobs.Work) {
	p.Helper()
	if err := p.jobs.Start(p.Context(), p.assets, work); err != nil {
		p.Fatal(err)
	}
	p.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(p.Context()), time.Minute)
		defer cancel()
		if err := p.jobs.Stop(ctx); err != nil {
			p.Error(err)
		}
	})
}

func (p *place) put(key string, body []byte) {
	p.Helper()
	if _, err := p.objects.Put(p.Context(), p.tenant, key, "text/html", bytes.NewReader(body)); err != nil {
		p.Fatal(err)
	}
}

// request is a plain request for the tenant's object at key.
func (p *place) request(key string) asset.New {
	return asset.New{
		ProjectID: project, Title: "a film", VideoType: "MP4",
		Source: asset.Location{Bucket: p.tenant, Key: key, Region: "cn-north-4"},
	}
}

func (p *place) accept(n asset.New) string {
	p.Helper()
	if err := n.CheckBuckets(func(bucket string) (bool, error) {
		return true, p.assets.AuthorizeBucket(p.Context(), project, bucket)
	}); err != nil {
		p.Fatal(err)
	}
	id, _, err := p.assets.Accept(p.Context(), n)
	if err != nil {
		p.Fatal(err)
	}
	return id
}

// ended waits until an asset has ended.
func (p *place) ended(id string) asset.Asset {
	p.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for timeout := time.After(time.Minute); ; { // only a broken service takes that long
		a, err := p.assets.Get(p.Context(), project, id)
		if err != nil {
			p.Fatal(err)
		}
		if a.State.Terminal() {
			return a
		}
		select {
		case <-tick.C:
		case <-timeout:
			p.Fatalf("asset %s is still %s: %s", id, a.State, a.Reason)
		}
	}
}

// dump accepts a request and returns the asset at its end.
func (p *place) dump(n asset.New) asset.Asset {
	p.Helper()
	id := p.accept(n)
	p.start(p.runner)
	return p.ended(id)
}

// stopped ends all work, so that what it leaves behind can be looked at.
func (p *place) stopped() {
	p.Helper()
	if err := p.jobs.Stop(p.Context()); err != nil {
		p.Fatal(err)
	}
}

// keys lists a bucket.
func (p *place) keys(bucket string) (keys []string) {
	p.Helper()
	for info, err := range p.objects.List(p.Context(), bucket, "") {
		if err != nil {
			p.Fatal(err)
		}
		keys = append(keys, info.Key)
	}
	return keys
}

// expectKeys checks what a bucket holds.
func (p *place) expectKeys(bucket string, want ...string) {
	p.Helper()
	if got := p.keys(bucket); !slices.Equal(got, want) {
		p.Errorf("bucket %s holds %q, want %q", bucket, got, want)
	}
}

// expectMedia checks that the asset's media is exactly body.
func (p *place) expectMedia(a asset.Asset, body []byte) {
	p.Helper()
	if a.Media == nil {
		p.Fatalf("asset is %s (%s: %s), without media", a.State, a.ErrorCode, a.Reason)
	}
	r, info, err := p.objects.Open(p.Context(), a.Media.Bucket, a.Media.Key, object.Range{}, "")
	if err != nil {
		p.Fatal(err)
	}
	got, err := io.ReadAll(r)
	if err != nil {
		p.Fatal(err)
	}
	if err := r.Close(); err != nil {
		p.Fatal(err)
	}
	if !bytes.Equal(got, body) {
		p.Errorf("the media is not the source: %d bytes, want %d", len(got), len(body))
	}
	if a.Media.Size != int64(len(body)) || a.Media.SHA256 != sum(body) || a.Media.ETag != info.ETag {
		p.Errorf("media %+v does not describe the object", *a.Media)
	}
}

func sum(body []byte) string {
	s := sha256.Sum256(body)
	return hex.EncodeToString(s[:])
}

// faults stand around the calls of a store; a nil one lets them through.
type faults struct {
	sums bool // the store tells its checksums although open is set
	// open may fail the n-th Open of a bucket, counted from 1.
	open func(n int, bucket string) error
	// stat may fail the Stat of a key.
	stat func(key string) error
	// put may fail the Put of a key.
	put func(key string) error
	// remove may fail the Delete of a key.
	remove func(key string) error
	// copy stands in for the n-th Copy.
	copy func(n int, c copyCall) (object.Info, error)
}

// copyCall is one Copy that is about to be made.
type copyCall struct {
	resume object.Cursor
	save   func(object.Cursor) error
	do     func() (object.Info, error) // makes it
}

// faulty is a real store with faults.
type faulty struct {
	object.Store
	faults faults

	mu     sync.Mutex
	opens  map[string]int
	copies int
}

func (f *faulty) Open(ctx context.Context, bucket, key string, at object.Range, ifMatch string) (io.ReadCloser, object.Info, error) {
	if f.faults.open != nil {
		f.mu.Lock()
		f.opens[bucket]++
		n := f.opens[bucket]
		f.mu.Unlock()
		if err := f.faults.open(n, bucket); err != nil {
			return nil, object.Info{}, err
		}
	}
	return f.Store.Open(ctx, bucket, key, at, ifMatch)
}

// SameSum knows nothing where reads are to be seen.
func (f *faulty) SameSum(ctx context.Context, a, b object.Info) bool {
	return (f.faults.open == nil || f.faults.sums) && f.Store.SameSum(ctx, a, b)
}

func (f *faulty) Stat(ctx context.Context, bucket, key string) (object.Info, error) {
	if f.faults.stat != nil {
		if err := f.faults.stat(key); err != nil {
			return object.Info{}, err
		}
	}
	return f.Store.Stat(ctx, bucket, key)
}

func (f *faulty) Put(ctx context.Context, bucket, key, contentType string, body io.ReadSeeker) (object.Info, error) {
	if f.faults.put != nil {
		if err := f.faults.put(key); err != nil {
			return object.Info{}, err
		}
	}
	return f.Store.Put(ctx, bucket, key, contentType, body)
}

func (f *faulty) Delete(ctx context.Context, bucket, key string) error {
	if f.faults.remove != nil {
		if err := f.faults.remove(key); err != nil {
			return err
		}
	}
	return f.Store.Delete(ctx, bucket, key)
}

func (f *faulty) Copy(ctx context.Context, src object.Info, bucket, key string, resume object.Cursor,
	save func(context.Context, object.Cursor) error) (object.Info, error) {
	do := func() (object.Info, error) { return f.Store.Copy(ctx, src, bucket, key, resume, save) }
	if f.faults.copy == nil {
		return do()
	}
	f.mu.Lock()
	f.copies++
	n := f.copies
	f.mu.Unlock()
	return f.faults.copy(n, copyCall{resume, func(c object.Cursor) error { return save(ctx, c) }, do})
}

// files returns the name, key and size of each file of an asset.
func (p *place) files(a asset.Asset) (lines []string) {
	p.Helper()
	files, err := p.assets.Files(p.Context(), a.ID)
	if err != nil {
		p.Fatal(err)
	}
	for _, f := range files {
		lines = append(lines, fmt.Sprintf("%s %s %d", f.Name, f.Key, f.Size))
	}
	return lines
}
