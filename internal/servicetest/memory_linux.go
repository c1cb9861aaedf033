package servicetest

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// PeakMemory is the most that the process had in memory so far, in bytes.
func (s *Service) PeakMemory(t testing.TB) int64 {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		var kib int64
		if _, err := fmt.Sscanf(line, "VmHWM: %d kB", &kib); err == nil {
			return kib << 10
		}
	}
	t.Fatal("the system does not say how much memory the process had")
	return 0
}
