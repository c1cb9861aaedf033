package bulk

import (
	"errors"
	"io/fs"
	"os"
)

// Discard closes the journal and removes it. It is for one that was made just now, and that nothing has been sent from.
func (j *Journal) Discard() error {
	lock := j.lock
	j.lock = nil // others are kept away until nothing is left
	errs := []error{j.Close()}
	for _, file := range []string{j.path, j.path + "-wal", j.path + "-shm", lockOf(j.path)} {
		if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(append(errs, lock.Close())...)
}
