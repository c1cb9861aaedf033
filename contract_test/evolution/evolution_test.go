// Package evolution_test edits a copy of the document as the API may evolve, generates, builds and checks the copy, and
// holds what a maintainer has to edit by hand beside the document: the rows of docs/evolving.md.
package evolution_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vod-reproduction/vod/internal/servicetest"
)

const root = "../.."

// tree is what a build and the checks need.
var tree = []string{"openapi", "gen", "contract", "client", "internal", "signer", "webhook", "tools", "contract_test", "service", "docs"}

// change is one replacement in openapi/vod-reproduction.yaml.
type change struct{ old, new string }

// step is one command in the copy: a name and what go is called with.
type step struct {
	name string
	args []string
}

var steps = []step{
	{"generate", []string{"generate", "."}},
	{"lint", []string{"-C", "service", "run", "./spec/speccheck", ".."}},
	{"build", []string{"build", "./..."}},
	{"build of the service", []string{"-C", "service", "build", "./..."}},
	{"contract", []string{"test", "./contract/..."}},
	{"documents", []string{"-C", "contract_test", "test", "./documents", "-run", "TestDocuments|TestPageIsTraced"}},
	{"agreement", []string{"-C", "contract_test", "test", ".", "-run", "TestPage|TestRules|OnCorpus|TestCorpusSees|TestAgreeOnRandomRequests", "-rapid.checks=2000"}},
	{"service", []string{"-C", "service", "test", "./cmd/vod", "./api", "./asset", "-run", "Flag|Field|Documented|MediaType"}},
}

// TestEvolution makes each change to a copy. Reminders are the checks that then fail, each with a text of its message that
// says where to edit; a change without reminders needs nothing but the document. Without VOD_EVOLVE only two are tried.
func TestEvolution(t *testing.T) {
	servicetest.SkipShort(t, "it builds the service for every change")
	for i, c := range []struct {
		name      string
		changes   []change
		reminders map[string]string // step, text
	}{
		{"an optional property", []change{{"            storage_mode:\n              type: integer", "            note:\n              type: string\n              maxLength: 100\n              x-addition: Tried.\n              description: A note.\n            storage_mode:\n              type: integer"}},
			map[string]string{"lint": "names `note`", "agreement": "request.note", "service": "note"}},
		{"a property that is no longer mandatory", []change{{"required: [video_type, title, input]", "required: [video_type, title]"}},
			map[string]string{"lint": "names `input`", "build of the service": "Input", "contract": "input/left out", "documents": "DumpRequest.input required", "agreement": "service_test.go", "service": "Input"}},
		{"a longer limit", []change{{"              maxLength: 128\n", "              maxLength: 256\n"}},
			map[string]string{"lint": "names `title`", "documents": "at most 128 characters"}},
		{"a wider range", []change{{"              maximum: 10\n", "              maximum: 20\n"}},
			map[string]string{"lint": "names `thumbnail.quantity`", "documents": "to 10"}},
		{"another default", []change{{"              default: 480\n", "              default: 640\n"}},
			map[string]string{"lint": "names `thumbnail.max_length`", "documents": "480 by default"}},
		{"a value of an enumeration", []change{{"WEBM, WebM,\n                MP3, OGG, WAV, WMA, APE, FLAC, AAC, AC3, MMF, AMR, M4A, M4R, WV, MP2]\n              x-enum-varnames: [", "WEBM, WebM, MP7,\n                MP3, OGG, WAV, WMA, APE, FLAC, AAC, AC3, MMF, AMR, M4A, M4R, WV, MP2]\n              x-enum-varnames: ["}, {"WEBM, WebMAlias,", "WEBM, WebMAlias, MP7,"}},
			map[string]string{"lint": "names `video_type`", "agreement": "enum without MP7", "service": "MP7"}},
		{"a value of an enumeration less", []change{{"MKV, HLS, RMVB, WEBM, WebM,", "MKV, HLS, WEBM, WebM,"}, {"HLS, RMVB, WEBM, WebMAlias", "HLS, WEBM, WebMAlias"}},
			map[string]string{"lint": "names `video_type`", "contract": "video_type/RMVB", "agreement": "RMVB", "service": "RMVB is not a video type"}},
		{"a keyword that is not supported", []change{{"              maxLength: 128\n", "              maxLenght: 128\n"}},
			map[string]string{"generate": "DumpRequest.title: maxLenght is not supported in a string"}},
		{"a nested object in an array", []change{{"            storage_mode:\n              type: integer", "            marks:\n              type: array\n              maxItems: 3\n              x-addition: Tried.\n              description: Marks.\n              items:\n                $ref: '#/components/schemas/Mark'\n            storage_mode:\n              type: integer"},
			{"    DumpResponse:\n", "    Mark:\n      type: object\n      additionalProperties: false\n      required: [at]\n      properties:\n        at:\n          type: integer\n          format: int32\n          minimum: 0\n          x-addition: Tried.\n          description: A timestamp.\n    DumpResponse:\n"}},
			map[string]string{"lint": "names `marks`", "agreement": "request.marks", "service": "marks"}},
	} {
		if i > 1 && os.Getenv("VOD_EVOLVE") == "" {
			break
		}
		t.Run(c.name, func(t *testing.T) {
			ctx := servicetest.Context(t)
			dir := t.TempDir()
			copyTree(t, dir)
			edit(t, filepath.Join(dir, "openapi/vod-reproduction.yaml"), c.changes)
			for _, s := range steps {
				out, failed := run(ctx, dir, s.args)
				reminder, expected := c.reminders[s.name]
				switch {
				case strings.Contains(out, "runtime error"):
					t.Errorf("%s panics:\n%s", s.name, out)
				case failed && !expected:
					t.Errorf("%s fails, and needs a hand edit that nobody knows of:\n%s", s.name, out)
				case !failed && expected:
					t.Errorf("%s passes; it should say %q", s.name, reminder)
				case !strings.Contains(out, reminder):
					t.Errorf("%s does not say %q:\n%s", s.name, reminder, out)
				}
				if failed && slices.Contains([]string{"generate", "build"}, s.name) {
					return // nothing behind it can be judged
				}
			}
		})
	}
}

func copyTree(t *testing.T, dir string) {
	t.Helper()
	for _, name := range tree {
		if err := os.CopyFS(filepath.Join(dir, name), os.DirFS(filepath.Join(root, name))); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"go.mod", "go.sum", "tools.go", "CHANGELOG.md"} {
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func edit(t *testing.T, file string, changes []change) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	edited := string(text)
	for _, c := range changes {
		if strings.Count(edited, c.old) != 1 {
			t.Fatalf("the document does not have %q exactly once", c.old)
		}
		edited = strings.Replace(edited, c.old, c.new, 1)
	}
	if err := os.WriteFile(file, []byte(edited), 0o600); err != nil {
		t.Fatal(err)
	}
}

// run calls go in the copy. Paths are trimmed, so that what a change does not reach is taken from the build cache.
func run(ctx context.Context, dir string, args []string) (out string, failed bool) {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=-trimpath", "GOWORK=off")
	said, err := cmd.CombinedOutput()
	return string(said), err != nil
}
