//go:build unix

package e2e_test

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/vod-reproduction/vod/internal/servicetest"
)

// bulkLines is the length of the manifest of TestBulkLines; VOD_BULK_LINES asks for more.
var bulkLines = 20_000

// mostMemory is what a run may take, in KiB, however long its manifest is.
const mostMemory = 256 << 10

func init() {
	if asked := os.Getenv("VOD_BULK_LINES"); asked != "" {
		var err error
		if bulkLines, err = strconv.Atoi(asked); err != nil {
			panic("VOD_BULK_LINES: " + err.Error())
		}
	}
}

// TestBulkLines dumps a long manifest into a server that responds at once, and starts again when all is done. The log has
// the figures of docs/performance.md.
func TestBulkLines(t *testing.T) {
	servicetest.SkipShort(t, "20,000 requests")
	servicetest.Extend(t, 1+bulkLines/100_000)
	dumps := new(atomic.Int64)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // the caller sees what goes wrong
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprintf(w, `{"asset_id":"%032x"}`, dumps.Add(1))
	}))
	defer server.Close()
	manifest := filepath.Join(t.TempDir(), "manifest.jsonl")
	writeLines(t, manifest)
	for range 2 {
		vod := exec.CommandContext(servicetest.Context(t), servicetest.Binary(t), "bulk", manifest, "--rate", "1e9", "--burst", "1000000", "--concurrency", "32")
		vod.Env = append(os.Environ(), "VOD_ENDPOINT="+server.URL, "VOD_REGION="+servicetest.Region, "VOD_PROJECT_ID="+servicetest.ProjectID,
			"VOD_ACCESS_KEY="+servicetest.AccessKey, "VOD_SECRET_KEY="+servicetest.SecretKey)
		if out, err := vod.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		if got := dumps.Load(); got != int64(bulkLines) {
			t.Fatalf("%d dumps for %d lines", got, bulkLines)
		}
		usage, ok := vod.ProcessState.SysUsage().(*syscall.Rusage)
		if !ok {
			t.Fatal("this system does not tell what a process has used")
		}
		// Linux counts the peak of a parent as its child's, until that has a higher one.
		var own syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &own); err != nil {
			t.Fatal(err)
		}
		memory := usage.Maxrss
		if runtime.GOOS == "darwin" { // counts bytes
			memory /= 1024
			own.Maxrss /= 1024
		}
		t.Logf("%d lines: processor %s user, %s system; peak memory %d MB", bulkLines, vod.ProcessState.UserTime(), vod.ProcessState.SystemTime(), memory>>10)
		if memory > max(mostMemory, own.Maxrss) {
			t.Errorf("the run took %d KiB of memory", memory)
		}
	}
}

func writeLines(t *testing.T, path string) {
	t.Helper()
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w := bufio.NewWriter(file)
	for i := range bulkLines {
		_, _ = fmt.Fprintf(w, `{"video_type":"MP4","title":"Episode %d","input":{"bucket":"media","location":"cn-north-4","object":"show/episode-%d.mp4"}}`+"\n", i, i)
	}
	if err := w.Flush(); err != nil { // reports errors of all lines
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
}
