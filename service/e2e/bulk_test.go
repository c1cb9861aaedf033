package e2e_test

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vod-reproduction/vod/gen/companions"
	"github.com/vod-reproduction/vod/internal/seed"
	"github.com/vod-reproduction/vod/internal/servicetest"
)

// bulkObjects and bulkKills are enough to notice a broken promise in every run; VOD_BULK_OBJECTS and VOD_BULK_KILLS ask for more.
var bulkObjects, bulkKills = 300, 10

func init() {
	for name, size := range map[string]*int{"VOD_BULK_OBJECTS": &bulkObjects, "VOD_BULK_KILLS": &bulkKills} {
		if asked := os.Getenv(name); asked != "" {
			var err error
			if *size, err = strconv.Atoi(asked); err != nil {
				panic(name + ": " + err.Error())
			}
		}
	}
}

// exitAmbiguous is what the command ends with when the outcome of an object is unknown.
const exitAmbiguous = 7

// killWithin bounds the time until a run is killed.
const killWithin = 500 * time.Millisecond

// bulkRun is a bucket to dump, and the command that does it.
type bulkRun struct {
	service
	endpoint string
	journal  string
}

// newBulkRun fills a bucket. endpoint is where the command finds the service.
func newBulkRun(t *testing.T, s service, endpoint string) bulkRun {
	t.Helper()
	for i := range bulkObjects {
		s.Put(t, servicetest.Bucket, fmt.Sprintf("in/%d.mp4", i), fmt.Appendf(nil, "clip %d", i))
	}
	return bulkRun{s, endpoint, filepath.Join(t.TempDir(), "run.db")}
}

// command is one start of the run. Its messages go to stderr.
func (b bulkRun) command(t *testing.T, stderr *bytes.Buffer, args ...string) *exec.Cmd {
	args = append([]string{"bulk", "obs://" + servicetest.Bucket + "/in/", "--journal", b.journal}, args...)
	cmd := exec.CommandContext(servicetest.Context(t), servicetest.Binary(t), args...)
	cmd.Env = os.Environ()
	for name, value := range b.Vars {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	cmd.Env = append(cmd.Env, "VOD_ENDPOINT="+b.endpoint)
	cmd.Stderr = stderr
	return cmd
}

// finish runs the command to its end and returns its exit code.
func (b bulkRun) finish(t *testing.T, args ...string) int {
	t.Helper()
	var stderr bytes.Buffer
	cmd := b.command(t, &stderr, args...)
	_ = cmd.Run() // the exit code says
	t.Logf("exit code %d:\n%s", cmd.ProcessState.ExitCode(), stderr.Bytes())
	return cmd.ProcessState.ExitCode()
}

// kills starts the command again and again and kills it with SIGKILL at random moments: in turns at any, and at one when
// calls are going out.
func (b bulkRun) kills(t *testing.T, random *rand.Rand) {
	t.Helper()
	// So slow that even the longest lives together leave objects for the last run.
	perMinute := 0.9 * float64(bulkObjects) / (float64(bulkKills) * killWithin.Minutes())
	for round := range bulkKills {
		var stderr bytes.Buffer
		cmd := b.command(t, &stderr, "--rate", fmt.Sprintf("%.0f", perMinute), "--burst", "1", "-o", "json")
		out := &firstWrite{done: make(chan struct{})}
		cmd.Stdout = out
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if round%2 == 1 {
			<-out.done // planned
		}
		// The moment of the kill is the random part of this test; nothing is synchronized by it.
		<-time.After(time.Duration(random.Int64N(int64(killWithin))))
		_ = cmd.Process.Kill()
		if err := cmd.Wait(); err == nil {
			t.Fatalf("the run ended before it was killed:\n%s", stderr.Bytes())
		}
	}
}

// firstWrite closes a channel when something has been written to it.
type firstWrite struct {
	once sync.Once
	done chan struct{}
}

func (f *firstWrite) Write(p []byte) (int, error) {
	f.once.Do(func() { close(f.done) })
	return len(p), nil
}

// assets counts the assets of every object, which is named by its title.
func (b bulkRun) assets(t *testing.T) map[string]int {
	t.Helper()
	titles := map[string]int{}
	for page := 0; ; page++ {
		got, err := b.send(servicetest.Context(t), http.MethodGet, fmt.Sprintf("/v1.0/%s/asset/info?page=%d&size=100", servicetest.ProjectID, page), "")
		if err != nil || got.status != http.StatusOK {
			t.Fatalf("asset/info: %d %s %v", got.status, got.body, err)
		}
		var list companions.AssetInfoPage
		if err := json.Unmarshal(got.body, &list); err != nil {
			t.Fatal(err)
		}
		if len(list.AssetInfoArray) == 0 {
			return titles
		}
		for _, info := range list.AssetInfoArray {
			titles[*info.BaseInfo.Title]++
		}
	}
}

// report returns the objects that the journal has in a state, by title.
func (b bulkRun) report(t *testing.T, state string) map[string]bool {
	t.Helper()
	out, err := exec.CommandContext(servicetest.Context(t), servicetest.Binary(t), "bulk", "report", b.journal, "--"+state, "-o", "csv").Output()
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(out)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	titles := map[string]bool{}
	for _, row := range rows[1:] {
		titles[row[4]] = true
	}
	return titles
}

// TestBulkKill kills the run at random moments. Every object must have exactly one asset in the end,
// with the embedded store and with an S3 server that is a process of its own.
func TestBulkKill(t *testing.T) {
	servicetest.SkipShort(t, "many rounds")
	t.Parallel()
	for name, start := range map[string]func(*testing.T) service{
		"embedded store": func(t *testing.T) service { return start(t, servicetest.NewDir(t)) },
		"another store":  startOnGateway,
	} {
		t.Run(name, func(t *testing.T) {
			servicetest.Extend(t, bulkKills)
			bulkKill(t, start(t))
		})
	}
}

func bulkKill(t *testing.T, s service) {
	t.Helper()
	b := newBulkRun(t, s, s.URL)
	b.kills(t, seed.Random(t, 0))
	if code := b.finish(t, "--rate", "60000", "--wait"); code != 0 {
		t.Errorf("exit code %d", code)
	}
	if code := b.finish(t, "--rate", "60000"); code != 0 {
		t.Errorf("one more start: exit code %d", code)
	}
	assets := b.assets(t)
	for title, n := range assets {
		if n != 1 {
			t.Errorf("object %s has %d assets", title, n)
		}
	}
	if len(assets) != bulkObjects || len(b.report(t, "done")) != bulkObjects {
		t.Errorf("%d objects have assets and %d are done, want %d", len(assets), len(b.report(t, "done")), bulkObjects)
	}
}

// TestBulkKillWithoutKeys does the same with a service that cannot tell a repetition, and whose responses get lost too.
// No object may be sent twice, and what may have been accepted without a response must be found or reported.
func TestBulkKillWithoutKeys(t *testing.T) {
	servicetest.SkipShort(t, "many rounds")
	t.Parallel()
	for name, hides := range map[string]hidden{"sources": hidesKeys, "no sources": hidesSources} {
		t.Run(name, func(t *testing.T) {
			servicetest.Extend(t, bulkKills)
			s := start(t, servicetest.NewDir(t))
			p := startLossyProxy(t, s.URL, seed.Random(t, 1), hides)
			b := newBulkRun(t, s, p.url)
			b.kills(t, seed.Random(t, 0))
			code := b.finish(t, "--rate", "60000")
			if left := len(b.report(t, "ambiguous")); (code == exitAmbiguous) != (left > 0) {
				t.Errorf("exit code %d with %d ambiguous objects", code, left)
			}
			b.settled(t, p)
		})
	}
}

// settled holds a run that lost responses against what the service has.
func (b bulkRun) settled(t *testing.T, p *lossyProxy) {
	t.Helper()
	assets, ambiguous, accepted := b.assets(t), b.report(t, "ambiguous"), b.report(t, "accepted")
	sentBy, cut := p.seen()
	t.Logf("%d assets, %d accepted, %d ambiguous, %d responses cut", len(assets), len(accepted), len(ambiguous), len(cut))
	for title, n := range sentBy {
		if n > 1 {
			t.Errorf("object %s was sent %d times", title, n)
		}
	}
	for title, n := range assets {
		if n != 1 {
			t.Errorf("object %s has %d assets", title, n)
		}
		if !accepted[title] && !ambiguous[title] {
			t.Errorf("object %s has an asset, and nobody was told", title)
		}
		if ambiguous[title] && p.hides < hidesSources {
			t.Errorf("object %s has an asset that can be seen, and is ambiguous", title)
		}
	}
	for title := range accepted {
		if assets[title] == 0 {
			t.Errorf("object %s is accepted and has no asset", title)
		}
	}
	for title := range cut {
		if ambiguous[title] != (p.hides == hidesSources) {
			t.Errorf("the response for object %s was cut; it is ambiguous: %t", title, ambiguous[title])
		}
	}
	if n := len(accepted) + len(ambiguous); n != bulkObjects {
		t.Errorf("%d objects are accepted or ambiguous, want %d", n, bulkObjects)
	}
}

// TestBulkLostResponses cuts responses after the service has accepted.
func TestBulkLostResponses(t *testing.T) {
	servicetest.SkipShort(t, "many rounds")
	t.Parallel()
	t.Run("keys", func(t *testing.T) {
		s := start(t, servicetest.NewDir(t))
		p := startLossyProxy(t, s.URL, seed.Random(t, 1), hidesNothing)
		b := newBulkRun(t, s, p.url)
		// A run repeats an object a few times only; the next start goes on with what is open, under the same keys.
		code := exitAmbiguous
		for starts := 0; code == exitAmbiguous && starts < 5; starts++ {
			code = b.finish(t, "--rate", "60000")
		}
		if code != 0 {
			t.Errorf("exit code %d: repetitions under the same keys settle everything", code)
		}
		if assets := b.assets(t); len(assets) != bulkObjects {
			t.Errorf("%d objects have assets, want %d", len(assets), bulkObjects)
		}
		if total, err := s.count(servicetest.Context(t)); err != nil || total != bulkObjects {
			t.Errorf("%d assets (%v), want %d", total, err, bulkObjects)
		}
		if _, cut := p.seen(); len(cut) == 0 {
			t.Error("no response was cut")
		}
	})
	t.Run("no keys", func(t *testing.T) {
		s := start(t, servicetest.NewDir(t))
		p := startLossyProxy(t, s.URL, seed.Random(t, 1), hidesKeys)
		b := newBulkRun(t, s, p.url)
		if code := b.finish(t, "--rate", "60000"); code != 0 {
			t.Errorf("exit code %d: every asset can be found by its source", code)
		}
		b.settled(t, p)
	})
	t.Run("neither keys nor sources", func(t *testing.T) {
		s := start(t, servicetest.NewDir(t))
		p := startLossyProxy(t, s.URL, seed.Random(t, 1), hidesSources)
		b := newBulkRun(t, s, p.url)
		if code := b.finish(t, "--rate", "60000"); code != exitAmbiguous {
			t.Errorf("exit code %d, want %d", code, exitAmbiguous)
		}
		b.settled(t, p)
		_, cut := p.seen()
		if ambiguous := b.report(t, "ambiguous"); len(ambiguous) != len(cut) {
			t.Errorf("%d objects are ambiguous for %d cut responses", len(ambiguous), len(cut))
		}
		if code := b.finish(t, "--rate", "60000", "--retry-ambiguous"); code != 0 && code != exitAmbiguous {
			t.Errorf("--retry-ambiguous: exit code %d", code)
		}
	})
}

// TestBulkThrottled asks for far more than the service allows: what is sent must stay near what is accepted.
func TestBulkThrottled(t *testing.T) {
	servicetest.SkipShort(t, "it waits for the limit of requests to pass")
	limit := fmt.Sprintf("requests_per_minute: %d\nregion:", bulkObjects-15)
	s := start(t, servicetest.NewDirWith(t, strings.Replace(servicetest.Settings, "region:", limit, 1)))
	p := startLossyProxy(t, s.URL, nil, hidesNothing)
	b := newBulkRun(t, s, p.url)
	if code := b.finish(t, "--rate", "60000"); code != 0 {
		t.Errorf("exit code %d", code)
	}
	sent := 0
	titles, _ := p.seen()
	for _, n := range titles {
		sent += n
	}
	t.Logf("%d calls for %d objects", sent, bulkObjects)
	if sent > bulkObjects*11/10 {
		t.Errorf("%d calls for %d objects, more than 1.1 times what is allowed", sent, bulkObjects)
	}
}

// TestBulkOneRunAtATime closes the journal of one run to another, and stops and continues a run.
func TestBulkOneRunAtATime(t *testing.T) {
	servicetest.SkipShort(t, "it waits for the rate of requests")
	s := start(t, servicetest.NewDir(t))
	b := newBulkRun(t, s, s.URL)
	var first bytes.Buffer
	cmd := b.command(t, &first, "--rate", "60", "--burst", "1", "-o", "json")
	events, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(events)
	for range 2 { // the plan, and the first object
		if _, err := lines.ReadString('\n'); err != nil {
			t.Fatal(err)
		}
	}
	var second bytes.Buffer
	other := b.command(t, &second)
	if err := other.Run(); err == nil || !strings.Contains(second.String(), "another run is using the journal") {
		t.Errorf("a second run: %v\n%s", err, second.Bytes())
	}
	if got := b.report(t, "accepted"); len(got) == 0 {
		t.Error("the journal cannot be read while the run goes on")
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, lines); err != nil {
		t.Error(err)
	}
	_ = cmd.Wait() // the exit code says
	if code := cmd.ProcessState.ExitCode(); code != 130 || !strings.Contains(first.String(), "start the same command again") {
		t.Errorf("interrupted: exit code %d\n%s", code, first.Bytes())
	}
	if code := b.finish(t, "--rate", "60000"); code != 0 {
		t.Errorf("the start after it: exit code %d", code)
	}
	if total, err := s.count(servicetest.Context(t)); err != nil || total != bulkObjects {
		t.Errorf("%d assets (%v), want %d", total, err, bulkObjects)
	}
}
