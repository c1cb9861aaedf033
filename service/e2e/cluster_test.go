//go:build unix

package e2e_test

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"

	"github.com/vod-reproduction/vod/gen"
	"github.com/vod-reproduction/vod/gen/companions"
	"github.com/vod-reproduction/vod/internal/seed"
	"github.com/vod-reproduction/vod/internal/servicetest"
	"github.com/vod-reproduction/vod/service/media/mediatest"
)

const (
	clusterAPIs, clusterWorkers = 2, 3
	// clusterDumps is enough to notice a broken promise in every run; VOD_CLUSTER_DUMPS asks for more.
	clusterDumps = 60
	// asleep is longer than a process may be silent, and than a statement may take.
	asleep = 40 * time.Second
)

// TestCluster has several processes on one PostgreSQL and one S3 server, and kills workers, stops them for longer than
// they may be silent, and cuts them from the database. Every accepted dump must be there once in the end, complete.
func TestCluster(t *testing.T) {
	dumps := clusterDumps
	if asked := os.Getenv("VOD_CLUSTER_DUMPS"); asked != "" {
		var err error
		if dumps, err = strconv.Atoi(asked); err != nil {
			t.Fatal("VOD_CLUSTER_DUMPS:", err)
		}
	}
	servicetest.Extend(t, dumps/10)
	c := startCluster(t, seed.Random(t, 0))
	film := mediatest.Film{Frames: 50, Rate: 25, Width: 160, Height: 120, KeyEvery: 25, Sound: true}.Make(t)
	c.apis[0].putFile(t, "film.mp4", film)

	first := c.dump(t, "first")
	c.wait(t, []string{first})
	perAsset := c.apis[0].Copies(t)

	ids := make([]string, dumps)
	var clients, faults sync.WaitGroup
	ended := make(chan struct{})
	faults.Go(func() { c.disturb(t, ended) })
	for n := range 4 {
		clients.Go(func() {
			for i := n; i < dumps; i += 4 {
				ids[i] = c.dump(t, fmt.Sprintf("dump-%d", i))
			}
		})
	}
	clients.Wait()
	c.wait(t, ids)
	close(ended)
	faults.Wait()
	c.settle(t, append(ids, first), perAsset)
}

// cluster is some processes on one database.
type cluster struct {
	apis     []service
	workers  []*worker
	settings string
	db       *sql.DB
	random   *rand.Rand

	mu     sync.Mutex
	deaths map[string]time.Time // of processes that worked on jobs, by name
}

// worker is one place that a process works in. Its line to the database can be cut.
type worker struct {
	dir   string
	line  *line
	lives int
	*servicetest.Service
}

func startCluster(t *testing.T, random *rand.Rand) *cluster {
	t.Helper()
	g, server := startGateway(t), servicetest.StartPostgres(t)
	url := server.Create(t)
	c := &cluster{random: random, deaths: map[string]time.Time{}}
	c.settings = g.settings(servicetest.MediaSettings) + "public_url: http://127.0.0.1:1\n"
	var err error
	if c.db, err = sql.Open("pgx", url); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.db.Close() })
	var key []byte
	for i := range clusterAPIs + clusterWorkers {
		dir, own := servicetest.NewDirWith(t, c.settings), url
		var l *line
		if i >= clusterAPIs {
			l = newLine(t, server.Address())
			own = strings.Replace(url, server.Address(), l.address, 1)
		}
		if err := os.WriteFile(filepath.Join(dir, "vod.yaml"), []byte(c.settings+"database: "+own+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if i > 0 {
			if err := os.WriteFile(filepath.Join(dir, "vod.key"), key, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if i < clusterAPIs {
			address := servicetest.FreeAddress(t)
			s := service{servicetest.StartBinary(t, servicetest.Binary(t), dir, "--role", "api", "--listen", address)}
			s.Store, s.URL = g.root, "http://"+address // behind the public URL there would be a balancer
			c.apis = append(c.apis, s)
		} else {
			w := &worker{dir: dir, line: l}
			w.start(t, i)
			c.workers = append(c.workers, w)
		}
		if i == 0 {
			if key, err = os.ReadFile(filepath.Join(dir, "vod.key")); err != nil {
				t.Fatal(err)
			}
		}
	}
	return c
}

// start begins a new life under a new name.
func (w *worker) start(t *testing.T, n int) {
	t.Helper()
	w.lives++
	w.Service = servicetest.StartBinary(t, servicetest.Binary(t), w.dir, "--role", "worker", "--node", fmt.Sprintf("worker%d-%d", n, w.lives))
}

// disturb kills workers, stops them, and cuts their lines, one after the other, until the work has ended.
func (c *cluster) disturb(t *testing.T, ended <-chan struct{}) {
	for round := 0; ; round++ {
		// The moments are the random part of this test; nothing is synchronized by them.
		pause := time.Duration(c.random.Int64N(int64(2 * time.Second)))
		select {
		case <-ended:
			return
		case <-time.After(pause):
		}
		n := c.random.IntN(len(c.workers))
		w := c.workers[n]
		name := fmt.Sprintf("worker%d-%d", n+clusterAPIs, w.lives)
		switch round % 3 {
		case 0:
			w.Kill()
			c.died(name)
			w.start(t, n+clusterAPIs)
		case 1:
			w.Sleep(t)
			c.died(name)
			<-time.After(asleep)
			w.Wake(t)
		case 2:
			w.line.cut(true)
			<-time.After(asleep)
			w.line.cut(false)
		}
	}
}

func (c *cluster) died(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.deaths[name] = time.Now()
}

// dump sends one request to any API under its title as the key, and again while the response is lost or refused for now.
func (c *cluster) dump(t *testing.T, title string) string {
	body, err := json.Marshal(gen.DumpRequest{
		VideoType: gen.VideoTypeMP4, Title: title, AutoPublish: new(gen.AutoPublishOn),
		Input:     gen.FileAddr{Bucket: servicetest.Bucket, Location: servicetest.Region, Object: "film.mp4"},
		Thumbnail: &gen.Thumbnail{Type: gen.ThumbnailTypeQuantity, Quantity: new(int32(2))},
	})
	if err != nil {
		t.Error(err)
		return ""
	}
	ids := map[string]bool{}
	for _, api := range c.apis { // each must know the key
		id, err := api.dump(servicetest.Context(t), string(body), title)
		if err != nil {
			t.Errorf("dump %s: %v", title, err)
		}
		ids[id] = true
	}
	if len(ids) != 1 {
		t.Errorf("%s has the assets %v", title, ids)
	}
	for id := range ids {
		return id
	}
	return ""
}

// wait waits until all assets have ended.
func (c *cluster) wait(t *testing.T, ids []string) {
	t.Helper()
	for _, id := range ids {
		if info := c.apis[0].wait(t, id); info.Status != companions.AssetStatusPublished {
			t.Errorf("asset %s is %s: %v", id, info.Status, *info.Description)
		}
	}
}

// settle holds the cluster against every promise.
func (c *cluster) settle(t *testing.T, ids []string, perAsset int) {
	t.Helper()
	for _, w := range c.workers {
		w.Stop(t) // the last orphaned objects are removed before it ends
	}
	total, err := c.apis[1].count(servicetest.Context(t))
	if err != nil || total != len(ids) {
		t.Errorf("there are %d assets, %v; want %d", total, err, len(ids))
	}
	if copies := c.apis[0].Copies(t); copies != perAsset*len(ids) {
		t.Errorf("the service's bucket holds %d objects for %d assets with %d each", copies, len(ids), perAsset)
	}
	var open, retried int
	if err := c.db.QueryRowContext(t.Context(), `SELECT count(*) FILTER (WHERE state <> 'completed'), count(*) FILTER (WHERE attempt > 1) FROM river_job`).
		Scan(&open, &retried); err != nil || open != 0 {
		t.Errorf("%d jobs are not completed, %v", open, err)
	}
	takeovers := c.takeovers(t)
	t.Logf("%d assets, %d jobs begun more than once, %d deaths; lost 0, doubled 0, stuck 0", len(ids), retried, len(c.deaths))
	if n := len(takeovers); n > 0 {
		t.Logf("from a death to the next start of its job, %d jobs: p50 %s, p99 %s", n, takeovers[n/2], takeovers[n*99/100])
	}
}

// takeovers are the times from a process's death to the start of the job that it had, where that was the last start.
func (c *cluster) takeovers(t *testing.T) (list []time.Duration) {
	t.Helper()
	rows, err := c.db.QueryContext(t.Context(), `
		SELECT attempted_by[array_upper(attempted_by, 1) - 1], attempted_at FROM river_job WHERE array_length(attempted_by, 1) > 1`)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var from string
		var at time.Time
		if err := rows.Scan(&from, &at); err != nil {
			t.Fatal(err)
		}
		if death, ok := c.deaths[from]; ok && at.After(death) {
			list = append(list, at.Sub(death).Round(time.Millisecond))
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	slices.Sort(list)
	return list
}
