package config

import (
	"errors"
	"os"
	"path/filepath"

	"golang.org/x/sys/windows"
)

// lock has this process alone change the file that path leads to. It returns the path without links. The lock is a file
// that nobody else can open, and that Windows deletes when this process closes it or ends.
func lock(path string) (resolved string, unlock func(), err error) {
	if resolved, err = filepath.EvalSymlinks(path); err != nil {
		return "", nil, err
	}
	name, err := windows.UTF16PtrFromString(resolved + ".lock")
	if err != nil {
		return "", nil, err
	}
	const shareNothing = 0
	handle, err := windows.CreateFile(name, windows.GENERIC_WRITE, shareNothing, nil, windows.OPEN_ALWAYS,
		windows.FILE_ATTRIBUTE_TEMPORARY|windows.FILE_FLAG_DELETE_ON_CLOSE, 0)
	if errors.Is(err, windows.ERROR_SHARING_VIOLATION) {
		err = ErrLocked
	}
	if err != nil {
		return "", nil, err
	}
	return resolved, func() { _ = windows.CloseHandle(handle) }, nil
}

// own does nothing: a new file inherits what its directory allows.
func own(*os.File, os.FileInfo) error { return nil }

// syncDir does nothing: Windows knows no such thing.
func syncDir(string) error { return nil }
