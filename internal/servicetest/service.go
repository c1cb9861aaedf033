// Package servicetest runs the real command "vod serve" as a process of its own for tests, in a data directory that can
// outlive it.
package servicetest

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
)

var (
	dir   string   // for the command, while Main runs
	env   []string // for the build: a test may have another HOME, and so other caches, by the time it asks
	built = sync.OnceValues(build)
)

// Main runs the tests and returns the exit code for os.Exit.
func Main(m *testing.M) int {
	env = os.Environ()
	var err error
	if dir, err = os.MkdirTemp("", "vodtest"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	return m.Run()
}

// Binary returns the path of the command under test. The first test that asks builds it, so that tests which do not
// need the service run when it does not compile.
func Binary(t testing.TB) string {
	t.Helper()
	binary, err := built()
	if err != nil {
		t.Fatal(err)
	}
	return binary
}

func build() (string, error) {
	if dir == "" {
		return "", errors.New("TestMain does not call servicetest.Main")
	}
	binary := filepath.Join(dir, "vod")
	_, here, _, _ := runtime.Caller(0)
	cmd := exec.Command("go", "-C", filepath.Join(filepath.Dir(here), "../../service"), "build", "-o", binary, "./cmd/vod")
	cmd.Env = env
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build vod: %w\n%s", err, out)
	}
	return binary, nil
}

// What Settings set up. Every secret ends in Canary, so that a test can look for secrets where none may be.
const (
	ProjectID = "0f5e1b6a2c3d4e5f8091a2b3c4d5e6f7"
	Region    = "cn-north-4"
	// Bucket belongs to ProjectID and is open to VOD; Closed is not open; Foreign belongs to another project.
	Bucket  = "media"
	Closed  = "closed"
	Foreign = "foreign"
	// ServiceBucket is the service's own.
	ServiceBucket = "vod-service"

	Canary = "do-not-show"
	// AccessKey may do everything, ReaderKey only ask.
	AccessKey, SecretKey             = "AKEXAMPLE", "SK" + Canary
	ReaderKey, ReaderSecret          = "AKREADER", "RK" + Canary
	StoreAccessKey, StoreSecretKey   = "storekey", "store" + Canary
	UserName, UserDomain, UserSecret = "developer", "local", "password" + Canary

	// HLSGroup and MP4Group are template groups, Workflow is a workflow with the former.
	HLSGroup, MP4Group, Workflow = "tempName", "mp4only", "workflow"
)

// Settings is the configuration of a new directory, on ports that the kernel chooses. It takes any bytes for media;
// MediaSettings looks into them and makes outputs.
const (
	Settings      = noMedia + shared
	MediaSettings = "edges: [http://127.0.0.1:9]" + shared // nobody listens there
)

const noMedia = "media: {disabled: true}"

const shared = `
listen: 127.0.0.1:0
region: ` + Region + `
template_groups:
  - {name: ` + HLSGroup + `, format: HLS, segment_seconds: 2, renditions: [{name: 360p, height: 360, video_kbps: 600, audio_kbps: 96}, {name: 240p, height: 240, video_kbps: 300, audio_kbps: 64}]}
  - {name: ` + MP4Group + `, format: MP4, renditions: [{name: 240p, height: 240, video_kbps: 300, audio_kbps: 64}]}
workflows:
  - {name: ` + Workflow + `, template_group: ` + HLSGroup + `, thumbnail: {type: quantity, quantity: 2}}
store: {listen: "127.0.0.1:0", bucket: ` + ServiceBucket + `, access_key: ` + StoreAccessKey + `, secret_key: ` + StoreSecretKey + `, path_style: true}
projects:
  - id: ` + ProjectID + `
    name: ` + Region + `
    buckets: [{name: ` + Bucket + `, authorized: true}, {name: ` + Closed + `}]
  - {id: other, name: other, buckets: [{name: ` + Foreign + `, authorized: true}]}
credentials:
  - {access_key: ` + AccessKey + `, secret_key: ` + SecretKey + `, project: ` + ProjectID + `, permissions: ["*"]}
  - {access_key: ` + ReaderKey + `, secret_key: ` + ReaderSecret + `, project: ` + ProjectID + `, permissions: ["vod:asset:get"]}
users:
  - {name: ` + UserName + `, domain: ` + UserDomain + `, password: ` + UserSecret + `, project: ` + ProjectID + `, permissions: ["*"]}
`

// Service is one process.
type Service struct {
	// Dir is its data directory.
	Dir string
	// Store is the directory of its store's buckets, where Put and Copies look. A test that gives the service another
	// store sets it.
	Store string
	// URL is its endpoint.
	URL string
	// Vars are the variables that it gives to clients, such as VOD_S3_ENDPOINT.
	Vars map[string]string

	cmd  *exec.Cmd
	done chan struct{} // closed when the log has ended
	mu   sync.Mutex
	log  bytes.Buffer
}

// NewDir makes a data directory with Settings.
func NewDir(t testing.TB) string {
	t.Helper()
	return NewDirWith(t, Settings)
}

// NewDirWith makes a data directory with other settings.
func NewDirWith(t testing.TB, settings string) string {
	t.Helper()
	if looksIntoMedia(settings) {
		NeedFFmpeg(t)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "vod.yaml"), []byte(settings), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

// Start runs the service on dir and returns when it serves requests. It is killed when the test ends.
func Start(t testing.TB, dir string) *Service {
	t.Helper()
	return StartBinary(t, Binary(t), dir)
}

// StartBinary is Start for another version of the command, such as the one that is upgraded from, or with more flags.
func StartBinary(t testing.TB, binary, dir string, flags ...string) *Service {
	t.Helper()
	s := &Service{Dir: dir, Store: filepath.Join(dir, "store", "objects"), done: make(chan struct{})}
	ready := filepath.Join(dir, "ready")
	s.cmd = exec.Command(binary, "serve", "--data-dir", dir, "--ready-file", ready)
	s.cmd.Args = append(s.cmd.Args, flags...)
	stderr, err := s.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	up := make(chan bool, 1)
	go func() {
		defer close(s.done)
		lines := bufio.NewScanner(stderr)
		for lines.Scan() {
			s.mu.Lock()
			s.log.Write(append(lines.Bytes(), '\n'))
			s.mu.Unlock()
			if strings.Contains(lines.Text(), "msg=ready") {
				up <- true
			}
		}
		close(up)
	}()
	t.Cleanup(s.Kill)
	select {
	case ready := <-up:
		if !ready {
			t.Fatalf("the service ended before it was ready:\n%s", s.Log())
		}
	case <-Context(t).Done():
		t.Fatalf("the service is not ready: %v\n%s", context.Cause(Context(t)), s.Log())
	}
	if s.Vars, err = variables(ready); err != nil {
		t.Fatal(err)
	}
	s.URL = s.Vars["VOD_ENDPOINT"]
	return s
}

// PID is the number of the process.
func (s *Service) PID() int { return s.cmd.Process.Pid }

// Kill ends the process with SIGKILL, which it cannot see coming. A process that has ended stays so.
func (s *Service) Kill() {
	_ = s.cmd.Process.Kill()
	<-s.done
	_ = s.cmd.Wait()
}

// Stop ends the process as an operator would, and fails the test when that is not clean.
func (s *Service) Stop(t testing.TB) {
	t.Helper()
	if err := s.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	select {
	case <-s.done:
	case <-Context(t).Done():
		t.Fatalf("the service does not stop: %v\n%s", context.Cause(Context(t)), s.Log())
	}
	if err := s.cmd.Wait(); err != nil {
		t.Fatalf("the service did not stop cleanly: %v\n%s", err, s.Log())
	}
}

// Log is what the process has written for operators so far.
func (s *Service) Log() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.log.String()
}

// Put lays a file into a bucket of the embedded store, where the service finds it at once.
func (s *Service) Put(t testing.TB, bucket, key string, content []byte) {
	t.Helper()
	path := filepath.Join(s.Store, bucket, filepath.FromSlash(key))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// Copies counts the objects in the service's own bucket.
func (s *Service) Copies(t testing.TB) int {
	t.Helper()
	n := 0
	root := filepath.Join(s.Store, ServiceBucket)
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() && !strings.Contains(path, ".sgwtmp") {
			n++
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// variables reads the shell lines of a ready file.
func variables(file string) (map[string]string, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	vars := map[string]string{}
	for line := range bytes.Lines(text) {
		name, value, _ := strings.Cut(strings.TrimPrefix(strings.TrimSpace(string(line)), "export "), "=")
		vars[name] = strings.Trim(value, "'")
	}
	return vars, nil
}

// Run runs the command to its end and returns what it wrote to both outputs.
func Run(t testing.TB, args ...string) (string, error) {
	t.Helper()
	out, err := exec.CommandContext(Context(t), Binary(t), args...).CombinedOutput()
	return string(out), err
}

// FreeAddress returns a loopback address that nobody listened on a moment ago.
func FreeAddress(t testing.TB) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // ends at once
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }() // only its address was wanted
	return listener.Addr().String()
}
