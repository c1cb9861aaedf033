package media

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What a program leaves is looked at before it is used.
func TestInspect(t *testing.T) {
	t.Parallel()
	tools := &Tools{limits: Limits{Output: 4 << 10}}
	for name, c := range map[string]struct {
		file  string
		leave func(path string) error
		want  string
	}{
		"whole":     {"a.ts", func(path string) error { return os.WriteFile(path, make([]byte, 2*packetSize), 0o600) }, ""},
		"cut short": {"a.ts", func(path string) error { return os.WriteFile(path, make([]byte, 2*packetSize-1), 0o600) }, "cut short"},
		"empty":     {"a.jpg", func(path string) error { return os.WriteFile(path, nil, 0o600) }, "empty"},
		"too large": {"a.mp4", func(path string) error { return os.WriteFile(path, make([]byte, 4<<10), 0o600) }, errOutput.Error()},
		"link":      {"a.jpg", func(path string) error { return os.Symlink("/etc/passwd", path) }, "is no file"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "out")
			if err := os.MkdirAll(filepath.Join(dir, "low"), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := c.leave(filepath.Join(dir, "low", c.file)); err != nil {
				t.Fatal(err)
			}
			err := tools.inspect(dir)
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("inspect = %v, want %q", err, c.want)
			}
		})
	}
}
