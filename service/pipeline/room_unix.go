//go:build unix

package pipeline

import (
	"fmt"
	"syscall"
)

// kept is what working files leave free on their disk, in bytes: the database may lie on it too.
const kept = 1 << 30

// free returns how many bytes a directory's disk has for working files.
func free(dir string) (int64, error) {
	var disk syscall.Statfs_t
	if err := syscall.Statfs(dir, &disk); err != nil {
		return 0, fmt.Errorf("look for free space: %w", err)
	}
	return int64(disk.Bavail)*int64(disk.Bsize) - kept, nil //nolint:unconvert // their types differ between systems
}
