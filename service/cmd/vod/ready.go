package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// writeReady makes the ready file in one step, readable by its owner only: who waits for it finds all of it, and it
// holds secrets.
func writeReady(path, variables string) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("write the ready file: %w", err)
		}
	}()
	temp, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*") // for its owner only
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(temp.Name()) }() // finds nothing after the rename
	if _, err := temp.WriteString(variables); err != nil {
		return errors.Join(err, temp.Close())
	}
	if err := temp.Close(); err != nil {
		return err
	}
	return os.Rename(temp.Name(), path)
}

// removeReady removes the file of a service that does not answer requests. What is no regular file, such as a device,
// is not ours.
func removeReady(path string) error {
	if path == "" {
		return nil
	}
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("remove the former ready file: %w", err)
	case !info.Mode().IsRegular():
		return fmt.Errorf("the ready file %s is there and is no regular file: choose another path", path)
	}
	if err := os.Remove(path); err != nil {
		return fmt.Errorf("remove the former ready file: %w", err)
	}
	return nil
}
