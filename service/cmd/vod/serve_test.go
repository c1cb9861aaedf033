package main

import (
	"os"
	"path/filepath"
	"testing"
)

func TestReadyFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ready")
	// Of a process that was killed, and readable by everyone.
	if err := os.WriteFile(path, []byte("former"), 0o644); err != nil { //nolint:gosec // the fault under test
		t.Fatal(err)
	}
	if err := removeReady(path); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Lstat(path); !os.IsNotExist(err) {
		t.Errorf("the former file is still there: %v", err)
	}
	for _, text := range []string{"one", "two"} {
		if err := writeReady(path, text); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != text {
			t.Errorf("the file holds %q, %v, want %q", got, err, text)
		}
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file is %v, %v, want it for its owner only", info.Mode(), err)
	}
	if left, err := filepath.Glob(path + ".*"); err != nil || len(left) != 0 {
		t.Errorf("left behind: %q, %v", left, err)
	}
}

func TestReadyFileIsNoDevice(t *testing.T) {
	t.Parallel()
	link := filepath.Join(t.TempDir(), "ready")
	if err := os.Symlink(os.DevNull, link); err != nil {
		t.Fatal(err)
	}
	if err := removeReady(link); err == nil {
		t.Error("a link is taken for a ready file")
	}
	if _, err := os.Lstat(link); err != nil {
		t.Errorf("the link is gone: %v", err)
	}
}
