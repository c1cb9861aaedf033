package bulk

import (
	"errors"
	"io/fs"
	"os"
)

// Discard closes the journal and removes it, with its lock. It is for one that is Fresh, and that nothing has been sent from.
func (j *Journal) Discard() error {
	lock := j.lock
	j.lock = nil // others are kept away until nothing is left
	errs := []error{j.Close()}
	j.read, j.write, j.db = nil, nil, nil
	for _, file := range []string{j.path, j.path + "-wal", j.path + "-shm"} {
		if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	held := os.Remove(lockOf(j.path))
	errs = append(errs, lock.Close())
	if held != nil {
		// Windows removes no open file. Where another run has it by now, it stays, as behind every other run.
		_ = os.Remove(lockOf(j.path))
	}
	return errors.Join(errs...)
}
