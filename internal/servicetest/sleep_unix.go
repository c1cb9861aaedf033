//go:build unix

package servicetest

import (
	"os"
	"syscall"
	"testing"
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
