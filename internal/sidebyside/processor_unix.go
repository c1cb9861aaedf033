//go:build unix

package sidebyside

import (
	"syscall"
	"testing"
	"time"
)

// CompareProcessor is [CompareTurns] of the processor time that this process uses, of user and system.
func CompareProcessor(b *testing.B, n, turns int, ours, peer Work) {
	b.Helper()
	compareTurns(b, n, turns, ours, peer, func(w Work, n int) time.Duration {
		before := used(b)
		w(n)
		return used(b) - before
	})
}

func used(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
