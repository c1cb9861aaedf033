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

// takeScratch takes the first directory that nobody has, empty, and empties the others whose processes are dead.
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
	kept := map[string]bool{}
	for n := 1; ; n++ {
		path := filepath.Join(root, strconv.Itoa(n))
		kept[path], kept[path+".lock"] = true, true
		if s != nil {
			if _, err := os.Stat(path + ".lock"); err != nil {
				break // no process came this far
			}
		}
		lock, err := sqlite.Lock(path + ".lock")
		switch {
		case errors.Is(err, sqlite.ErrInUse):
			continue
		case err != nil:
			return s, err
		}
		if err := os.RemoveAll(path); err != nil {
			return s, errors.Join(err, lock.Close())
		}
		if s != nil {
			if err := lock.Close(); err != nil {
				return s, err
			}
			continue
		}
		s = &scratch{path, lock}
		if err := os.Mkdir(path, 0o700); err != nil {
			return s, err
		}
	}
	// Versions that knew one process a data directory worked in the root itself.
	entries, err := os.ReadDir(root)
	for _, e := range entries {
		if path := filepath.Join(root, e.Name()); !kept[path] {
			err = errors.Join(err, os.RemoveAll(path))
		}
	}
	return s, err
}

// close leaves the directory to the next process, which empties it.
func (s *scratch) close() error { return s.lock.Close() }
