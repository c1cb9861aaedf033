package newfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

func TestCreate(t *testing.T) {
	t.Parallel()
	for name, link := range map[string]func(string, string) error{
		"hard links": os.Link,
		"none": func(from, to string) error {
			return &os.LinkError{Op: "link", Old: from, New: to, Err: errors.ErrUnsupported}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "vod.key")
			if err := create(path, []byte("first"), link); err != nil {
				t.Fatal(err)
			}
			if err := create(path, []byte("second"), link); !errors.Is(err, fs.ErrExist) {
				t.Errorf("a second one: %v", err)
			}
			if text, err := os.ReadFile(path); err != nil || string(text) != "first" {
				t.Errorf("the file has %q, %v", text, err)
			}
			if info, err := os.Stat(path); err != nil || info.Mode().Perm()&0o077 != 0 {
				t.Errorf("the file's mode is %v, %v", info.Mode(), err)
			}
			if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) != 1 {
				t.Errorf("left beside the file: %v, %v", left, err)
			}
		})
	}
}
