// Package sidebyside measures two ways to do one thing in turns, in one run, so that their ratio means something on a
// machine that does other work meanwhile. "make bench" turns what it reports into the tables of docs/performance.md.
package sidebyside

import (
	"runtime"
	"slices"
	"testing"
	"time"
)

// Work is one way to do it.
type Work func(n int)

// Each does something n times.
func Each(once func()) Work {
	return func(n int) {
		for range n {
			once()
		}
	}
}

const (
	// turns is how often Compare measures each of the two. The least time of a turn counts.
	turns = 300
	// slice is how long a turn takes: less than a scheduler gives to a busy thread, so that many are not interrupted.
	slice = time.Millisecond
)

// Compare measures ours and a peer's way and reports the time and the allocations of both for each time it is done, and
// the ratio of the times. Both use one goroutine only.
func Compare(b *testing.B, ours, peer Work) {
	b.Helper()
	b.ReportMetric(testing.AllocsPerRun(1000, func() { ours(1) }), "ours-allocs/op")
	b.ReportMetric(testing.AllocsPerRun(1000, func() { peer(1) }), "peer-allocs/op")
	n, m := fill(ours), fill(peer)
	runtime.GC()
	var a, z time.Duration
	for range turns {
		a, z = least(a, wall(ours, n)), least(z, wall(peer, m))
	}
	report(b, float64(a)/float64(n), float64(z)/float64(m))
}

// CompareTurns is Compare for work of many goroutines, or work that waits: every turn has n operations, and the median of the
// turns counts.
func CompareTurns(b *testing.B, n, turns int, ours, peer Work) {
	b.Helper()
	compareTurns(b, n, turns, ours, peer, wall)
}

// CompareTimes is Compare for what takes long and measures itself, and whose allocations say nothing.
func CompareTimes(b *testing.B, turns int, ours, peer func() time.Duration) {
	b.Helper()
	var a, z []time.Duration
	for range turns {
		a, z = append(a, ours()), append(z, peer())
	}
	report(b, median(a), median(z))
}

func compareTurns(b *testing.B, n, turns int, ours, peer Work, measure func(Work, int) time.Duration) {
	b.Helper()
	var a, z []time.Duration
	for range turns {
		runtime.GC()
		a = append(a, measure(ours, n))
		runtime.GC()
		z = append(z, measure(peer, n))
	}
	b.ReportMetric(allocations(ours, n), "ours-allocs/op")
	b.ReportMetric(allocations(peer, n), "peer-allocs/op")
	report(b, median(a)/float64(n), median(z)/float64(n))
}

// median returns the middle one of some times, in nanoseconds.
func median(times []time.Duration) float64 {
	slices.Sort(times)
	return float64(times[(len(times)-1)/2]+times[len(times)/2]) / 2
}

func allocations(w Work, n int) float64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	w(n)
	runtime.ReadMemStats(&after)
	return float64(after.Mallocs-before.Mallocs) / float64(n)
}

// report writes the figures in place of those that a benchmark has by itself.
func report(b *testing.B, ours, peer float64) {
	b.Helper()
	b.ReportMetric(ours, "ours-ns/op")
	b.ReportMetric(peer, "peer-ns/op")
	b.ReportMetric(ours/peer, "ratio")
	b.ReportMetric(0, "ns/op")
}

// fill returns how often the work is done in one turn.
func fill(w Work) int {
	n := 1
	for wall(w, n) < slice/2 {
		n *= 2
	}
	return n
}

func wall(w Work, n int) time.Duration {
	started := time.Now()
	w(n)
	return time.Since(started)
}

// least returns the smaller of two times, of which the first may be none yet.
func least(a, b time.Duration) time.Duration {
	if a == 0 || b < a {
		return b
	}
	return a
}
