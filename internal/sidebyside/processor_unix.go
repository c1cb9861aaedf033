//go:build unix

package sidebyside

import (
	"runtime"
	"syscall"
	"testing"
	"time"
)

// CompareProcessor is Compare for work of many goroutines, or work that waits: it measures the processor time of this
// process, in turns of n operations each.
func CompareProcessor(b *testing.B, n, turns int, ours, peer Work) {
	b.Helper()
	var a, z time.Duration
	for range turns {
		runtime.GC()
		a = least(a, processor(b, ours, n))
		runtime.GC()
		z = least(z, processor(b, peer, n))
	}
	b.ReportMetric(allocations(ours, n), "ours-allocs/op")
	b.ReportMetric(allocations(peer, n), "peer-allocs/op")
	report(b, float64(a)/float64(n), float64(z)/float64(n))
}

// processor returns the processor time, of user and system, that the work took.
func processor(b *testing.B, w Work, n int) time.Duration {
	b.Helper()
	before := used(b)
	w(n)
	return used(b) - before
}

func used(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func allocations(w Work, n int) float64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	w(n)
	runtime.ReadMemStats(&after)
	return float64(after.Mallocs-before.Mallocs) / float64(n)
}
