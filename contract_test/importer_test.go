package contract_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// light are the modules that an importer of one package may get into its build, beside this one.
var light = map[string][]string{
	"openapi": nil,
	"signer":  nil,
	"gen":     {"github.com/apapsch/go-jsonmerge/v2", "github.com/google/uuid", "github.com/oapi-codegen/runtime"},
	"contract": {
		"github.com/apapsch/go-jsonmerge/v2", "github.com/go-json-experiment/json", "github.com/google/uuid", "github.com/oapi-codegen/runtime",
	},
}

// heavy are parts of the names of modules that no importer may find even in its module graph.
var heavy = []string{
	"kin-openapi", "oapi-codegen/oapi-codegen", "oasdiff", "rapid", "sqlite", "pgx", "river", "aws", "versitygw", "cobra",
	"opentelemetry", "prometheus",
}

// TestImportersStayLight makes a program that imports one package, and looks at what it is built of and at its module
// graph.
func TestImportersStayLight(t *testing.T) {
	t.Parallel()
	root := must(filepath.Abs(".."))
	for pkg, allowed := range light {
		t.Run(pkg, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			write := func(name, text string) {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			write("go.mod", "module importer\n\ngo 1.26.0\n\nrequire github.com/vod-reproduction/vod v0.0.0\n\n"+
				"replace github.com/vod-reproduction/vod => "+root+"\n")
			write("go.sum", string(must(os.ReadFile("../go.sum"))))
			write("main.go", "package main\n\nimport _ \"github.com/vod-reproduction/vod/"+pkg+"\"\n\nfunc main() {}\n")

			built := list(t, dir, "-deps", "-f", "{{with .Module}}{{.Path}}{{end}}", ".")
			for _, module := range built {
				if module != "importer" && module != "github.com/vod-reproduction/vod" && !slices.Contains(allowed, module) {
					t.Errorf("it is built with %s", module)
				}
			}
			if !slices.Contains(built, "github.com/vod-reproduction/vod") {
				t.Errorf("it is built without the package itself: %q", built)
			}
			for _, module := range list(t, dir, "-m", "-f", "{{.Path}}", "all") {
				for _, name := range heavy {
					if strings.Contains(module, name) {
						t.Errorf("its module graph has %s", module)
					}
				}
			}
		})
	}
}

// list runs go list in dir and returns its lines, each once.
func list(t *testing.T, dir string, args ...string) []string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", append([]string{"list"}, args...)...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off")
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list %s: %v\n%s", strings.Join(args, " "), err, stderr.String())
	}
	lines := strings.Fields(string(out))
	slices.Sort(lines)
	return slices.Compact(lines)
}
