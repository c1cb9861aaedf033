package config

import (
	"os"
	"path/filepath"
)

// lock returns the path without links. Windows does not lock directories.
func lock(path string) (resolved string, unlock func(), err error) {
	resolved, err = filepath.EvalSymlinks(path)
	return resolved, func() {}, err
}

// own does nothing: a new file inherits what its directory allows.
func own(*os.File, os.FileInfo) error { return nil }

// syncDir does nothing: Windows knows no such thing.
func syncDir(string) error { return nil }
