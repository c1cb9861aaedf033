// Package newfile creates files that must not exist yet, such as a key, and never half of one where the file system allows that.
package newfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// Create makes the file at path, readable by its owner only. A file that is there already is left alone, which is an
// fs.ErrExist. A crash leaves no half of the file, except where the file system has no hard links, as exFAT and SMB.
func Create(path string, text []byte) error { return create(path, text, os.Link) }

func create(path string, text []byte, link func(from, to string) error) error {
	temp, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(temp.Name()) }()
	if err := write(temp, text); err != nil {
		return err
	}
	if err := link(temp.Name(), path); errors.Is(err, fs.ErrExist) {
		return err
	} else if err != nil { // systems have many errors for a file system without hard links
		if err := writeInPlace(path, text); err != nil {
			return err
		}
	}
	return syncDir(filepath.Dir(path))
}

func writeInPlace(path string, text []byte) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if err := write(file, text); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}

// write fills a new file and closes it.
func write(file *os.File, text []byte) error {
	_, err := file.Write(text)
	return errors.Join(err, file.Sync(), file.Close())
}

// syncDir makes a new name durable, where the system can.
func syncDir(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	err = dir.Sync()
	if runtime.GOOS == "windows" {
		err = nil // knows no such thing
	}
	return errors.Join(err, dir.Close())
}
