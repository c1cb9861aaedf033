//go:build unix

package pipeline

import (
	"fmt"
	"syscall"
)

// Working files leave kept bytes free on their disk, or one part in keptPart of a small one: the database may lie on it too.
const kept, keptPart = 1 << 30, 10

// space returns what a directory's disk has for working files.
func space(dir string) (Space, error) {
	var disk syscall.Statfs_t
	if err := syscall.Statfs(dir, &disk); err != nil {
		return Space{}, fmt.Errorf("look for free space: %w", err)
	}
	block := int64(disk.Bsize)                    //nolint:unconvert // the types of all three differ between systems
	free := int64(disk.Bavail) * block            //nolint:unconvert // as above
	used := int64(disk.Blocks-disk.Bfree) * block //nolint:unconvert // as above
	return spaceOf(free, used), nil
}

// spaceOf returns what is left to working files of a disk with so many free and used bytes.
func spaceOf(free, used int64) Space {
	keep := min(kept, (free+used)/keptPart)
	return Space{Free: free - keep, Total: free + used - keep, Kept: keep}
}
