package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vod-reproduction/vod/service/config"
)

func TestReadyFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ready")
	// Of a process that was killed, and readable by everyone.
	if err := os.WriteFile(path, []byte("former"), 0o644); err != nil { //nolint:gosec // the fault under test
		t.Fatal(err)
	}
	if err := removeReady(path); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Lstat(path); !os.IsNotExist(err) {
		t.Errorf("the former file is still there: %v", err)
	}
	for _, text := range []string{"one", "two"} {
		if err := writeReady(path, text); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != text {
			t.Errorf("the file holds %q, %v, want %q", got, err, text)
		}
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file is %v, %v, want it for its owner only", info.Mode(), err)
	}
	if left, err := filepath.Glob(path + ".*"); err != nil || len(left) != 0 {
		t.Errorf("left behind: %q, %v", left, err)
	}
}

func TestReadyFileIsNoDevice(t *testing.T) {
	t.Parallel()
	link := filepath.Join(t.TempDir(), "ready")
	if err := os.Symlink(os.DevNull, link); err != nil {
		t.Fatal(err)
	}
	if err := removeReady(link); err == nil {
		t.Error("a link is taken for a ready file")
	}
	if _, err := os.Lstat(link); err != nil {
		t.Errorf("the link is gone: %v", err)
	}
}

// A first start on a busy port leaves nothing behind, so that the next one is the first again and shows what to try.
func TestFirstStartOnBusyPort(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = taken.Close() })
	busy := taken.Addr().String()
	for _, flags := range [][]string{
		{"--listen", busy, "--store-listen", "127.0.0.1:0"},
		{"--store-listen", busy, "--listen", "127.0.0.1:0"},
	} {
		t.Run(flags[0], func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "data")
			var messages bytes.Buffer
			vod := exec.CommandContext(t.Context(), "vod", append([]string{"serve", "--data-dir", dir}, flags...)...)
			vod.Stderr = &messages
			_ = vod.Run() // the exit code is looked at below
			if got := vod.ProcessState.ExitCode(); got != exitOther {
				t.Errorf("exit code %d, want %d", got, exitOther)
			}
			setting := map[string]string{"--listen": "listen", "--store-listen": "store.listen"}[flags[0]]
			want := "vod: error: cannot listen on " + busy + " (" + setting + "): address already in use\n" +
				"vod: next: stop the program that uses it, perhaps another vod serve; or choose a free port, such as " +
				flags[0] + " 127.0.0.1:8480\n"
			if got := messages.String(); got != want {
				t.Errorf("standard error is\n%swant\n%s", got, want)
			}
			if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
				t.Errorf("left behind: %v, %v", left, err)
			}
		})
	}
}

// The first start writes its addresses into the configuration, and says nothing of migrations.
func TestFirstStart(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	vod := exec.CommandContext(ctx, "vod", "serve", "--data-dir", dir, "--listen", "127.0.0.1:0", "--store-listen", "127.0.0.1:0")
	vod.Cancel = func() error { return vod.Process.Signal(os.Interrupt) }
	stderr, err := vod.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := vod.Start(); err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for lines := bufio.NewScanner(stderr); lines.Scan(); {
		text.WriteString(lines.Text() + "\n")
		if strings.Contains(lines.Text(), "msg=ready") {
			cancel()
		}
	}
	_ = vod.Wait() // what it wrote is looked at below
	for _, want := range []string{
		"A development configuration was made: " + filepath.Join(dir, "vod.yaml") + "\n",
		`  eval "$(vod env --data-dir `, "  vod upload FILE obs://media/holiday.mp4\n", "  vod dump obs://media/holiday.mp4 --wait\n",
	} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("%q is missing in\n%s", want, text.String())
		}
	}
	if strings.Contains(text.String(), "igrat") {
		t.Errorf("it speaks of migrations:\n%s", text.String())
	}
	c, err := config.Load(filepath.Join(dir, config.FileName))
	if err != nil || c.Listen != "127.0.0.1:0" || c.Store.Listen != "127.0.0.1:0" {
		t.Errorf("the configuration listens on %q and %q, %v", c.Listen, c.Store.Listen, err)
	}
}

// What a start suggests leads to this very process, also where its addresses are not those of the configuration.
func TestFirstSteps(t *testing.T) {
	t.Parallel()
	const api, store = "http://127.0.0.1:8480", "http://127.0.0.1:8481"
	flags := serveFlags{dir: "/data", listen: "127.0.0.1:8480", storeListen: "127.0.0.1:8481"}
	only := serveFlags{dir: "/data", listen: "127.0.0.1:8480"}
	for _, c := range []struct {
		name    string
		flags   serveFlags
		known   []string // what vod env has of API and store
		exports []string
	}{
		{"addresses of the configuration", serveFlags{dir: "/data"}, []string{api, store}, nil},
		{"addresses of all interfaces", serveFlags{dir: "/data"}, []string{"http://0.0.0.0:8480", store}, nil},
		{"the same in the configuration", flags, []string{api, store}, nil},
		{"of the flags", flags, []string{"http://127.0.0.1:80", "http://127.0.0.1:8"}, []string{"export VOD_ENDPOINT='" + api + "'", "export VOD_S3_ENDPOINT='" + store + "'"}},
		{"of one flag", only, []string{"http://127.0.0.1:84800", store}, []string{"export VOD_ENDPOINT='" + api + "'"}},
		{"any port in the configuration", flags, nil, []string{"export VOD_ENDPOINT='" + api + "'", "export VOD_S3_ENDPOINT='" + store + "'"}},
	} {
		known, exports := "", []string(nil)
		if c.known != nil {
			known = clientVariables(config.Development(), c.known[0], c.known[1])
		}
		for line := range strings.Lines(firstSteps(c.flags, config.Development(), false, known, api, store)) {
			if line = strings.TrimSpace(line); strings.HasPrefix(line, "export ") {
				exports = append(exports, line)
			}
		}
		if !slices.Equal(exports, c.exports) {
			t.Errorf("%s: %q, want %q", c.name, exports, c.exports)
		}
	}
}

// A log of JSON is read by programs: there is nothing else in it, also at a first start.
func TestLogIsJSON(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	vod := exec.CommandContext(ctx, "vod", "serve", "--data-dir", filepath.Join(t.TempDir(), "data"), "--log-format", "json",
		"--listen", "127.0.0.1:0", "--store-listen", "127.0.0.1:0")
	vod.Cancel = func() error { return vod.Process.Signal(os.Interrupt) }
	stderr, err := vod.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := vod.Start(); err != nil {
		t.Fatal(err)
	}
	ready := false
	for lines := bufio.NewScanner(stderr); lines.Scan(); {
		var line struct{ Msg string }
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			t.Errorf("%q: %v", lines.Text(), err)
		}
		if line.Msg == "ready" {
			ready = true
			cancel()
		}
	}
	_ = vod.Wait() // what it wrote was looked at
	if !ready {
		t.Error("the log does not say that the service is ready")
	}
}
