//go:build unix

package pipeline

import (
	"fmt"
	"syscall"
)

// reserve is what working files leave free on their disk: the database may lie on it too.
const reserve = 1 << 30

// room reports an error when a directory's disk has no room for that many bytes.
func room(dir string, size int64) error {
	var disk syscall.Statfs_t
	if err := syscall.Statfs(dir, &disk); err != nil {
		return fmt.Errorf("look for free space: %w", err)
	}
	if free := int64(disk.Bavail) * int64(disk.Bsize); size > free-reserve { //nolint:unconvert // their types differ between systems
		return fmt.Errorf("%d bytes are needed, %d are free and %d of them reserved", size, free, int64(reserve))
	}
	return nil
}
