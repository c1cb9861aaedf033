package pipeline

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
)

// Space is what a disk has for working files, in bytes.
type Space struct {
	Free  int64 // now; none or less where the disk is as full as working files may make it
	Total int64 // with nothing else on it
	Kept  int64 // beside these, for what else lies on the disk
}

// roomError says that what is to be written does not fit on the disk beside what others are going to write.
type roomError struct {
	needed int64 // in bytes, with what the attempt wrote so far
	disk   Space
}

func (e *roomError) Error() string {
	return fmt.Sprintf("no room on the disk: %d bytes are needed, %d of %d are left", e.needed, max(0, e.disk.Free), e.disk.Total)
}

// disk shares out the room for working files among attempts, before they write.
type disk struct {
	dir   string
	space func(dir string) (Space, error)

	mu       sync.Mutex
	reserved map[*attempt]int64 // bytes that each may have written to its directory in the end, and is to write elsewhere
}

// reserve takes room for so many bytes more for an attempt, until release.
func (d *disk) reserve(w *attempt, size int64) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	space, err := d.left()
	if err != nil {
		return err
	}
	if size > space.Free {
		return &roomError{d.reserved[w] + size, space}
	}
	if d.reserved == nil {
		d.reserved = map[*attempt]int64{}
	}
	d.reserved[w] += size
	return nil
}

// left is what nobody has reserved; the caller holds mu.
func (d *disk) left() (Space, error) {
	space, err := d.space(d.dir)
	for w, reserved := range d.reserved {
		space.Free -= max(0, reserved-written(w.workDir()))
	}
	return space, err
}

// Room returns how many bytes attempts may reserve now.
func (r *Runner) Room() (int64, error) {
	r.disk.mu.Lock()
	defer r.disk.mu.Unlock()
	space, err := r.disk.left()
	return space.Free, err
}

// Disk returns what the disk of the working files has, and how many of its free bytes attempts have reserved.
func (r *Runner) Disk() (disk Space, reserved int64, err error) {
	r.disk.mu.Lock()
	defer r.disk.mu.Unlock()
	left, err := r.disk.left()
	if err != nil {
		return Space{}, 0, err
	}
	disk, err = r.disk.space(r.disk.dir)
	return disk, max(0, disk.Free-left.Free), err
}

// CheckDisk returns an error while working files have no room at all, or cannot be written.
func (r *Runner) CheckDisk() error {
	space, err := r.disk.space(r.disk.dir)
	if err == nil && space.Free <= 0 {
		err = &roomError{1, space}
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
	if reserved, ok := d.reserved[w]; ok {
		d.reserved[w] = max(0, reserved-size) // more may have been written than was expected
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
