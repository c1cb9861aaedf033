package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// newSuffix is that of the file which becomes the configuration.
const newSuffix = ".new"

// replace puts text in the place of the file at path, which is no link, in one step: after a power cut it has the former
// text or the new one. A file that is a mount of its own cannot be replaced; it is overwritten, and the new text lies
// beside it until that is done.
func replace(path string, text []byte) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("write the configuration: %w", err)
		}
	}()
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	next, dir := path+newSuffix, filepath.Dir(path)
	if err := os.Remove(next); err != nil && !errors.Is(err, os.ErrNotExist) { // left by one that was killed
		return err
	}
	file, err := os.OpenFile(next, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) //nolint:gosec // beside the operator's own file
	if err != nil {
		return err
	}
	_, err = file.Write(text)
	if err := errors.Join(err, own(file, info), file.Sync(), file.Close(), syncDir(dir)); err != nil {
		return errors.Join(err, os.Remove(next))
	}
	if err := os.Rename(next, path); err == nil {
		return syncDir(dir)
	} else if !errors.Is(err, syscall.EBUSY) { // of a mount
		return errors.Join(err, os.Remove(next))
	}
	if err := overwrite(path, text); err != nil {
		return fmt.Errorf("the complete new text is in %s: %w", next, err)
	}
	return os.Remove(next)
}

func overwrite(path string, text []byte) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_TRUNC, 0) //nolint:gosec // the operator's own file
	if err != nil {
		return err
	}
	_, err = file.Write(text)
	return errors.Join(err, file.Sync(), file.Close())
}
