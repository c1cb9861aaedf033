package asset

import (
	"errors"
	"fmt"
	"os"
)

// fileLock is held by one process, and given back by the system when that
// process ends in whatever way.
type fileLock struct{ file *os.File }

// lockFile takes the lock at path, or gives ErrInUse without waiting.
func lockFile(path string) (*fileLock, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the lock file: %w", err)
	}
	if err := tryLock(f); err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("lock %s: %w: stop it, or choose another data directory", path, err)
	}
	return &fileLock{f}, nil
}

// release gives the lock back. The file stays: removing it could take away
// the lock of a process that has just opened it. Releasing twice is harmless.
func (l *fileLock) release() error {
	if err := l.file.Close(); !errors.Is(err, os.ErrClosed) {
		return err
	}
	return nil
}
