package documents_test

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestGeneratedCodeIsCurrent runs go generate on a copy of what it reads, and compares gen with the result.
func TestGeneratedCodeIsCurrent(t *testing.T) {
	t.Parallel()
	copied := t.TempDir()
	for _, name := range []string{"go.mod", "go.sum", "tools.go", "tools/go.mod", "tools/go.sum"} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(copied, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(copied, name), must(os.ReadFile(filepath.Join("../..", name))), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"openapi", "gen", "tools/checkgen", "tools/document", "tools/overlaygen"} {
		if err := os.CopyFS(filepath.Join(copied, name), os.DirFS(filepath.Join("../..", name))); err != nil {
			t.Fatal(err)
		}
	}
	stale := generatedFiles(t, copied)
	if len(stale) < 8 {
		t.Fatalf("gen has %d generated files: the tree looks different", len(stale))
	}
	for name := range stale { // so that a file which nothing writes any more is seen too
		if err := os.Remove(filepath.Join(copied, name)); err != nil {
			t.Fatal(err)
		}
	}
	generate := exec.CommandContext(t.Context(), "go", "generate", ".")
	generate.Dir = copied
	if out, err := generate.CombinedOutput(); err != nil {
		t.Fatalf("go generate: %v\n%s", err, out)
	}
	current := generatedFiles(t, copied)
	for name, content := range current {
		if !bytes.Equal(content, stale[name]) {
			t.Errorf("%s is not what the documents say: run make generate", name)
		}
	}
	for name := range stale {
		if _, ok := current[name]; !ok {
			t.Errorf("nothing generates %s any more", name)
		}
	}
}

// generatedFiles reads the generated files by their path from root.
func generatedFiles(t *testing.T, root string) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	err := filepath.WalkDir(filepath.Join(root, "gen"), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.Contains(entry.Name(), ".gen.") {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		files[name], err = os.ReadFile(path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
