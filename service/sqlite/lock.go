package sqlite

import (
	"errors"
	"fmt"
	"os"
)

// ErrInUse means that another process, or another part of this one, has the lock.
var ErrInUse = errors.New("in use by another process")

// FileLock is held by one process at a time, and released by the operating
// system when that process ends in whatever way.
type FileLock struct{ file *os.File }

// Lock takes the lock at path, creating its file, or returns ErrInUse without waiting.
func Lock(path string) (*FileLock, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the lock file: %w", err)
	}
	if err := tryLock(f); err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	return &FileLock{f}, nil
}

// Close releases the lock; closing twice is harmless. The file stays:
// removing it could take away the lock of a process that has just opened it.
func (l *FileLock) Close() error {
	unlock(l.file)
	if err := l.file.Close(); !errors.Is(err, os.ErrClosed) {
		return err
	}
	return nil
}
