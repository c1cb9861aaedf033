package server

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"github.com/vod-reproduction/vod/service/sqlite"
)

// scratch is the directory of a process's working files: one of the numbered directories below scratch in the data
// directory, which several processes may share. The lock beside it shows whether somebody works there.
type scratch struct {
	path string
	lock *sqlite.FileLock
}

// takeScratch takes the first directory that nobody has, empty, and removes the others whose processes are dead.
func takeScratch(dir string) (s *scratch, err error) {
	root := filepath.Join(dir, "scratch")
	if err := os.MkdirAll(root, 0o700); err != nil {
		return nil, fmt.Errorf("create the directory of working files: %w", err)
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("clear the working files: %w", err)
			if s != nil {
				err = errors.Join(err, s.close())
			}
		}
	}()
	for n := 1; s == nil; n++ {
		path := filepath.Join(root, strconv.Itoa(n))
		lock, err := sqlite.Lock(path + lockSuffix)
		switch {
		case errors.Is(err, sqlite.ErrInUse):
			continue
		case err != nil:
			return nil, err
		}
		s = &scratch{path, lock}
	}
	if err := os.RemoveAll(s.path); err != nil {
		return s, err
	}
	if err := os.Mkdir(s.path, 0o700); err != nil {
		return s, err
	}
	entries, err := os.ReadDir(root)
	for _, e := range entries {
		if path := filepath.Join(root, e.Name()); path != s.path && filepath.Ext(path) != lockSuffix {
			err = errors.Join(err, removeDead(path))
		}
	}
	return s, err
}

const lockSuffix = ".lock"

// removeDead removes a directory of working files unless its process lives. One without a lock is of a version that knew
// one process a data directory, and worked in the root itself.
func removeDead(path string) error {
	if _, err := os.Stat(path + lockSuffix); err == nil {
		lock, err := sqlite.Lock(path + lockSuffix)
		if errors.Is(err, sqlite.ErrInUse) {
			return nil
		}
		if err != nil {
			return err
		}
		return errors.Join(os.RemoveAll(path), lock.Close())
	}
	return os.RemoveAll(path)
}

// close leaves the directory to the next process, which empties it.
func (s *scratch) close() error { return s.lock.Close() }
