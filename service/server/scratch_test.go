package server

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// Processes that share a data directory have working files of their own; those of the dead are removed by whoever starts.
func TestScratch(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	earlier := filepath.Join(dir, "scratch", "asset-of-an-earlier-version")
	if err := os.MkdirAll(earlier, 0o700); err != nil {
		t.Fatal(err)
	}
	take := func() *scratch {
		s, err := takeScratch(dir)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(s.path, "film"), []byte("film"), 0o600); err != nil {
			t.Fatal(err)
		}
		return s
	}
	there := func(s *scratch) bool {
		_, err := os.Stat(filepath.Join(s.path, "film"))
		return err == nil
	}
	first, second, third := take(), take(), take()
	if !there(first) || !there(second) || first.path == second.path || second.path == third.path {
		t.Fatalf("%s, %s and %s share working files", first.path, second.path, third.path)
	}
	if _, err := os.Stat(earlier); err == nil {
		t.Error("working files of an earlier version are left")
	}
	// Their processes die: the system releases their locks, and their files stay.
	for _, dead := range []*scratch{first, third} {
		if err := dead.close(); err != nil {
			t.Fatal(err)
		}
	}
	next := take()
	if next.path != first.path || there(third) || !there(second) {
		t.Errorf("the next process works in %s; files of the dead are there: %v, of the living: %v", next.path, there(third), there(second))
	}
	// A number that is missing between those of the living hides none of them.
	if err := errors.Join(next.close(), os.Remove(next.path+lockSuffix), os.RemoveAll(next.path)); err != nil {
		t.Fatal(err)
	}
	again, fourth := take(), take()
	if err := errors.Join(again.close(), os.Remove(again.path+lockSuffix), second.close(), os.Remove(second.path+lockSuffix)); err != nil {
		t.Fatal(err)
	}
	next = take()
	if !there(fourth) {
		t.Errorf("%s of a living process is removed by that of %s", fourth.path, next.path)
	}
	for _, s := range []*scratch{fourth, next} {
		if err := s.close(); err != nil {
			t.Error(err)
		}
	}
}
