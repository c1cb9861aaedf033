//go:build unix

package config

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"
)

// lock has this process alone change files of the directory that path leads to. It returns the path without links. The
// lock is on the directory itself: the file is replaced, and a file for the lock would stay, with an owner of its own.
func lock(path string) (resolved string, unlock func(), err error) {
	if resolved, err = filepath.EvalSymlinks(path); err != nil {
		return "", nil, err
	}
	dir, err := os.Open(filepath.Dir(resolved))
	if err != nil {
		return "", nil, err
	}
	if err := unix.Flock(int(dir.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		if errors.Is(err, unix.EWOULDBLOCK) {
			err = ErrLocked
		}
		return "", nil, errors.Join(err, dir.Close())
	}
	return resolved, func() {
		_ = unix.Flock(int(dir.Fd()), unix.LOCK_UN) // also from a process that is being started, which has all files until its program runs
		_ = dir.Close()
	}, nil
}

// own gives a file the owner and the mode of another one.
func own(file *os.File, like os.FileInfo) error {
	info, err := file.Stat()
	if err != nil {
		return err
	}
	has, wants := info.Sys().(*syscall.Stat_t), like.Sys().(*syscall.Stat_t)
	if has.Uid != wants.Uid || has.Gid != wants.Gid {
		if err := file.Chown(int(wants.Uid), int(wants.Gid)); err != nil {
			return err
		}
	}
	return file.Chmod(like.Mode().Perm())
}

// syncDir makes a name in a directory durable.
func syncDir(path string) error {
	dir, err := os.Open(path) //nolint:gosec // the operator's own directory
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
