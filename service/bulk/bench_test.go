//go:build unix

package bulk_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/vod-reproduction/vod/client"
	"github.com/vod-reproduction/vod/gen"
	"github.com/vod-reproduction/vod/gen/companions"
	"github.com/vod-reproduction/vod/service/bulk"
)

// free takes every dump at once, so that what is measured is all but the HTTP call.
type free struct{}

func (free) Dump(context.Context, *gen.DumpRequest, ...client.DumpOption) (string, error) {
	return "0123456789abcdef0123456789abcdef", nil
}
func (free) HonorsKeys(context.Context) bool { return false }
func (free) SearchPage(context.Context, client.Search, int) ([]companions.AssetInfo, bool, error) {
	return nil, false, nil
}
func (free) Assets(context.Context, ...string) ([]companions.AssetInfo, error) {
	return nil, nil
}

func writeManifest(tb testing.TB, lines int) string {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), "manifest.jsonl")
	file, err := os.Create(path)
	if err != nil {
		tb.Fatal(err)
	}
	w := bufio.NewWriter(file)
	for i := range lines {
		_, _ = fmt.Fprintf(w, `{"video_type":"MP4","title":"Episode %d","tags":"show,season","auto_publish":1,`+
			`"input":{"bucket":"media","location":"cn-north-4","object":"show/season/episode-%08d.mp4"}}`+"\n", i, i)
	}
	if err := w.Flush(); err != nil {
		tb.Fatal(err)
	}
	if err := file.Close(); err != nil {
		tb.Fatal(err)
	}
	return path
}

// processor is the time that this process has had a processor, in microseconds.
func processor(tb testing.TB) float64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		tb.Fatal(err)
	}
	return float64(usage.Utime.Sec+usage.Stime.Sec)*1e6 + float64(usage.Utime.Usec+usage.Stime.Usec)
}

// BenchmarkManifest takes b.N lines from the file to accepted, and reports the processor time of each step an object.
func BenchmarkManifest(b *testing.B) {
	path := writeManifest(b, b.N)
	journal, err := bulk.Open(b.Context(), filepath.Join(b.TempDir(), "run.db"))
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = journal.Close() }()
	b.ResetTimer()
	begin := processor(b)
	plan, err := journal.Plan(b.Context(), &bulk.Manifest{Path: path}, bulk.PlanOptions{})
	if err != nil || plan.Ready != int64(b.N) {
		b.Fatalf("%+v %v", plan, err)
	}
	planned := processor(b)
	config := bulk.Config{Service: free{}, Rate: 1e9, Burst: 1e6, Concurrency: 64}
	if err := bulk.Run(b.Context(), journal, config); err != nil {
		b.Fatal(err)
	}
	ran := processor(b)
	if plan, err = journal.Plan(b.Context(), &bulk.Manifest{Path: path}, bulk.PlanOptions{}); err != nil || plan.Read {
		b.Fatalf("%+v %v", plan, err)
	}
	if counts, err := journal.Counts(b.Context()); err != nil || counts[bulk.Accepted] != int64(b.N) {
		b.Fatalf("%v %v", counts, err)
	}
	resumed := processor(b)
	b.ReportMetric((planned-begin)/float64(b.N), "plan-µs/object")
	b.ReportMetric((ran-planned)/float64(b.N), "run-µs/object")
	b.ReportMetric((resumed-ran)/float64(b.N), "resume-µs/object")
	b.ReportMetric(0, "ns/op")
}
