package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestCIRecipes runs what docs/linting.md tells people to put into their CI: the script of the action, and the shell
// steps as the page has them.
func TestCIRecipes(t *testing.T) {
	t.Parallel()
	action, err := filepath.Abs("../../../.github/actions/spec")
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile("../../../docs/linting.md")
	if err != nil {
		t.Fatal(err)
	}
	steps := t.TempDir()
	blocks := strings.Split(string(page), "```bash\n")[1:]
	if len(blocks) != 2 {
		t.Fatalf("docs/linting.md has %d shell steps", len(blocks))
	}
	for i, block := range blocks {
		step, _, _ := strings.Cut(block, "```")
		if err := os.WriteFile(filepath.Join(steps, fmt.Sprintf("%d.sh", i+1)), []byte(step), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	testscript.Run(t, parameters("testdata/ci", func(env *testscript.Env) error {
		env.Vars = append(env.Vars, "ACTION="+action, "STEPS="+steps, "GIT_CONFIG_NOSYSTEM=1", "HOME="+env.WorkDir)
		return nil
	}))
}
