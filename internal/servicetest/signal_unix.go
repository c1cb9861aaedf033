//go:build unix

package servicetest

import (
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Sleep stops the process as a stalled host would, until Wake.
func (s *Service) Sleep(t testing.TB) { s.signal(t, syscall.SIGSTOP) }

// Wake lets a process that sleeps go on.
func (s *Service) Wake(t testing.TB) { s.signal(t, syscall.SIGCONT) }

func (s *Service) signal(t testing.TB, sig os.Signal) {
	t.Helper()
	if err := s.cmd.Process.Signal(sig); err != nil {
		t.Fatal(err)
	}
}

// Reload has the process read its configuration again, and returns when the log says what became of that.
func (s *Service) Reload(t testing.TB) {
	t.Helper()
	done := func() int {
		return strings.Count(s.Log(), "configuration reloaded") + strings.Count(s.Log(), "the configuration was rejected")
	}
	before := done()
	s.signal(t, syscall.SIGHUP)
	for done() == before {
		select {
		case <-Context(t).Done():
			t.Fatalf("the service does not reload: %v\n%s", Context(t).Err(), s.Log())
		case <-time.After(10 * time.Millisecond): // between two looks
		}
	}
}
