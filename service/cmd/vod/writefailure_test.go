package main

import (
	"io/fs"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/vod-reproduction/vod/service/config"
)

// Where a directory cannot be written, the next step is that of the reason.
func TestUnwritableDirectory(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := config.Create(dir, config.Development()); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		reason        error
		start, change string
	}{
		"no permission": {
			syscall.EACCES, "let this user read and write the directory, or choose another one by --data-dir", "run it as the user that owns " + dir,
		},
		"read-only": {
			syscall.EROFS, "mount the file system for writing, or choose another directory by --data-dir",
			"mount the file system for writing, and repeat the command",
		},
		"full": {syscall.ENOSPC, "free disk space, or choose another directory by --data-dir", "free disk space, and repeat the command"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fault := &fs.PathError{Op: "open", Path: filepath.Join(dir, "x"), Err: c.reason}
			if got := explain(startFailure(dir, fault)).next; got != c.start {
				t.Errorf("a start: %q, want %q", got, c.start)
			}
			a := accounts{session: &session{}, files: serveFlags{dir: dir}}
			if got := explain(a.change(func(string) error { return fault })).next; got != c.change {
				t.Errorf("a change: %q, want %q", got, c.change)
			}
		})
	}
}
