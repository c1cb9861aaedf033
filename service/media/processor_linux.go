package media

import (
	"os/exec"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// processorClock reads the processor time that a command has used.
type processorClock struct {
	cmd *exec.Cmd
	id  atomic.Int32 // of the kernel's clock; 0 before the start
}

func newProcessorClock(cmd *exec.Cmd) *processorClock { return &processorClock{cmd: cmd} }

// started is called once the command runs.
func (c *processorClock) started() {
	const scheduled = 2                                  // CPUCLOCK_SCHED: what the scheduler measured, of all threads
	c.id.Store(int32(^c.cmd.Process.Pid<<3 | scheduled)) //nolint:gosec // process IDs have 22 bits
}

// now returns the processor time so far; not ok after the end.
func (c *processorClock) now() (used time.Duration, ok bool) {
	id := c.id.Load()
	if id == 0 {
		return 0, true
	}
	var t unix.Timespec
	if err := unix.ClockGettime(id, &t); err != nil {
		return 0, false
	}
	return time.Duration(t.Nano()), true
}
