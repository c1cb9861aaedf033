package pipeline

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
)

// errNoRoom says that what is to be written does not fit on the disk beside what others are going to write.
var errNoRoom = errors.New("no room on the disk")

// disk shares out the room for working files among attempts, before they write.
type disk struct {
	dir  string
	free func(dir string) (int64, error)

	mu       sync.Mutex
	reserved map[*attempt]int64 // bytes that each may have written to its directory in the end, and is to write elsewhere
}

// reserve takes room for so many bytes more for an attempt, until release.
func (d *disk) reserve(w *attempt, size int64) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	free, err := d.free(d.dir)
	if err != nil {
		return err
	}
	for other, reserved := range d.reserved {
		free -= max(0, reserved-written(other.workDir()))
	}
	if size > free {
		return fmt.Errorf("%w: %d bytes are needed, %d are left", errNoRoom, size, max(0, free))
	}
	if d.reserved == nil {
		d.reserved = map[*attempt]int64{}
	}
	d.reserved[w] += size
	return nil
}

// CheckDisk returns an error while working files have no room, or cannot be written. Attempts
// that need more than is left wait all the same.
func (r *Runner) CheckDisk() error {
	free, err := r.disk.free(r.disk.dir)
	if err == nil && free <= 0 {
		err = errNoRoom
	}
	if err != nil {
		return err
	}
	file, err := os.CreateTemp(r.disk.dir, "check")
	if err != nil {
		return err
	}
	_, err = file.Write(make([]byte, 1<<20))
	return errors.Join(err, file.Close(), os.Remove(file.Name()))
}

// settle returns what an attempt has written elsewhere: the free space lacks it now.
func (d *disk) settle(w *attempt, size int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.reserved[w] > 0 {
		d.reserved[w] -= size
	}
}

// release returns what an attempt reserved.
func (d *disk) release(w *attempt) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.reserved, w)
}

// written is what the files of a directory hold, in bytes; the free space lacks it already.
func written(dir string) (size int64) {
	_ = filepath.WalkDir(dir, func(_ string, entry fs.DirEntry, err error) error { // what has gone meanwhile holds nothing
		if err != nil {
			return nil //nolint:nilerr // as above
		}
		if info, err := entry.Info(); err == nil && info.Mode().IsRegular() {
			size += info.Size()
		}
		return nil
	})
	return size
}

// reserve takes room for files of so many bytes, until the attempt ends.
func (w *attempt) reserve(size int64) error {
	if err := w.disk.reserve(w, size); err != nil {
		return scratchFailure(err)
	}
	return nil
}

// reserveResults takes room for results of so many bytes: here, and where they are uploaded to.
func (w *attempt) reserveResults(size int64) error {
	if w.cfg.Embedded {
		size *= 2
	}
	return w.reserve(size)
}
