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
var tree = []string{".github", "openapi", "gen", "contract", "client", "handler", "vodtest", "internal", "signer", "webhook", "tools", "contract_test", "service", "docs", "deploy", "examples"}

// change is one replacement in openapi/vod-reproduction.yaml: of old, or of all from old up to the next end.
type change struct{ old, end, new string }

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
	{"contract", []string{"test", "-short", "./contract/...", "./client", "./handler", "./vodtest"}},
	{"documents", []string{"-C", "contract_test", "test", "./documents", "-run", "TestDocuments|TestPageIsTraced|TestRequestsAgree"}},
	{"agreement", []string{"-C", "contract_test", "test", ".", "-run", "TestPage|TestRules|OnCorpus|TestCorpusSees|TestAgreeOnRandomRequests", "-rapid.checks=2000"}},
	{"service", []string{"-C", "service", "test", "-short", "./cmd/vod", "./api", "./asset", "./bulk", "./config"}},
}

const (
	optional = "            storage_mode:\n              type: integer" // a place among the properties of the request
	videos   = "WMV, AVI, M4V, F4V, MPEG, 3GP, ASF, MKV, HLS, RMVB, WEBM, WebM,"
	names    = "WMV, AVI, M4V, F4V, MPEG, ThreeGP, ASF, MKV, HLS, RMVB, WEBM, WebMAlias,"
)

// before puts a property before one of the request.
func before(property string) change {
	return change{old: optional, new: strings.ReplaceAll(strings.Trim(property, "\n"), "\t", "  ") + "\n" + optional}
}

// TestEvolution makes each change to a copy, with a version and a line of the changelog. Reminders are the checks that then
// fail, each with a text of its message that says where to edit; a change without reminders needs nothing but the document
// and the changelog. Without VOD_EVOLVE only two are tried.
func TestEvolution(t *testing.T) {
	servicetest.SkipShort(t, "it builds the service for every change")
	evolutions := []struct {
		name      string
		changes   []change
		subjects  string            // what the changelog names
		reminders map[string]string // step, text
	}{
		{"optional properties of each plain kind", []change{before(`
						note:
							type: string
							maxLength: 100
							x-addition: Tried.
							x-ignored: Nothing reads it.
							description: A note.
						level:
							type: integer
							format: int32
							minimum: 1
							maximum: 9
							default: 3
							x-page: 'Table 3, level'
							x-ignored: Nothing reads it.
							description: A level.
						mood:
							type: string
							enum: [calm, loud]
							default: calm
							x-addition: Tried.
							x-ignored: Nothing reads it.
							description: A mood.
						kept:
							type: boolean
							default: true
							x-addition: Tried.
							x-ignored: Nothing reads it.
							description: Whether it is kept.
						words:
							type: array
							maxItems: 3
							x-addition: Tried.
							x-ignored: Nothing reads it.
							description: Words.
							items:
								type: string
								maxLength: 9`)}, "note level mood kept words", nil},
		{"a property that is no longer mandatory", []change{{old: "required: [video_type, title, input]", new: "required: [video_type, title]"}}, "input",
			map[string]string{"build of the service": "FileAddr", "contract": "FileAddr", "documents": "DumpRequest.input required", "agreement": "FileAddr", "service": "FileAddr"}},
		{"an optional property that nothing acts on", []change{before(`
						note:
							type: string
							maxLength: 100
							x-addition: Tried.
							description: A note.`)}, "note", map[string]string{"service": "note: acted on: false"}},
		{"an optional property with a pattern", []change{before(`
						note:
							type: string
							pattern: ^[a-z]{2,9}$
							x-pattern-message: must be 2 to 9 small letters
							x-addition: Tried.
							x-ignored: Nothing reads it.
							description: A note.`)}, "note", map[string]string{"agreement": "request.note: no pattern"}},
		{"a longer limit", []change{{old: "              maxLength: 128\n", new: "              maxLength: 256\n"}}, "title", map[string]string{"documents": "title string differs"}},
		{"a wider range", []change{{old: "              maximum: 10\n", new: "              maximum: 20\n"}}, "thumbnail.quantity", map[string]string{"documents": "thumbnail.quantity integer differs"}},
		{"another default", []change{{old: "              default: 480\n", new: "              default: 640\n"}}, "thumbnail.max_length", map[string]string{"documents": "thumbnail.max_length integer differs"}},
		{"a value of an enumeration", []change{{old: "              type: integer\n              format: int32\n              enum: [1]\n", new: "              type: integer\n              format: int32\n              enum: [1, 2]\n"}},
			"thumbnail.format", map[string]string{"documents": "thumbnail.format integer differs"}},
		{"a value that nothing acts on", []change{{old: "              enum: [time, dots, quantity]\n", new: "              enum: [time, dots, quantity, scene]\n"}},
			"thumbnail.type", map[string]string{"documents": "thumbnail.type string differs", "service": "thumbnail.type: nothing acts on scene"}},
		{"a media type", []change{{old: videos, new: videos + " MP7,"}, {old: names, new: names + " MP7,"}}, "video_type",
			map[string]string{"service": "MP7 of the document is not in the table"}},
		{"a keyword that is not supported", []change{{old: "              maxLength: 128\n", new: "              maxLenght: 128\n"}}, "title",
			map[string]string{"generate": "DumpRequest.title: maxLenght is not supported in a string"}},
		{"a nested object", []change{before(`
						mark:
							x-addition: Tried.
							description: A mark.
							allOf:
								- $ref: '#/components/schemas/Mark'`), mark}, "mark", map[string]string{"service": "mark.at: acted on: false"}},
		{"a nested object in an array", []change{before(`
						marks:
							type: array
							maxItems: 3
							x-addition: Tried.
							description: Marks.
							items:
								$ref: '#/components/schemas/Mark'`), mark}, "marks",
			map[string]string{"agreement": "request.marks[]", "service": "marks"}},
		{"a property of the response", []change{{old: "          description: ID that VOD assigned to the new asset. It never changes.\n",
			new: "          description: ID that VOD assigned to the new asset. It never changes.\n        place:\n          type: integer\n          format: int32\n          x-addition: Tried.\n          description: Place in the queue.\n"}},
			"response place", nil},
		{"a header parameter", []change{{old: "        - $ref: '#/components/parameters/IdempotencyKey'\n",
			new: "        - $ref: '#/components/parameters/IdempotencyKey'\n        - name: Trace-Id\n          in: header\n          description: Tried.\n          schema:\n            type: string\n            maxLength: 9\n"}},
			"Trace-Id", map[string]string{"contract": "handler.go does not read TraceID", "service": "nothing in dump.go acts on TraceID"}},

		// What the API's history has taken, backwards.
		{"history: no RMVB and no WEBM", []change{{old: "HLS, RMVB, WEBM, WebM,", new: "HLS,"}, {old: "HLS, RMVB, WEBM, WebMAlias,", new: "HLS,"}}, "video_type",
			map[string]string{"service": "RMVB is not a video type"}},
		{"history: no HLS", []change{
			{old: "MKV, HLS, RMVB, WEBM, WebM,", new: "MKV, RMVB, WEBM, WebM,"}, {old: "MKV, HLS, RMVB, WEBM, WebMAlias,", new: "MKV, RMVB, WEBM, WebMAlias,"},
			{old: "        - x-rule: hls-same-directory", end: "        - x-rule: same-region"},
			{old: "        - x-rule: hls-tenant-storage", end: "        - x-rule: tenant-storage-bucket"},
			{old: "              hls:\n", end: "              file:\n"},
		}, "video_type",
			map[string]string{"lint": "rule hls-tenant-storage", "build": "VideoTypeHLS"}},
		{"history: no quantity", []change{
			{old: "        - x-rule: thumbnail-quantity-required", end: "        - x-rule: thumbnail-dots-required"},
			{old: "        - x-rule: thumbnail-quantity-only", end: "        - x-rule: thumbnail-time-only"},
			{old: "            quantity:\n", end: "            time:\n"},
			{old: "              enum: [time, dots, quantity]\n", new: "              enum: [time, dots]\n"},
			{old: "                enum: [dots, quantity]\n", new: "                enum: [dots]\n"},
			{old: "                enum: [time, quantity]\n", new: "                enum: [time]\n"},
		}, "thumbnail.quantity", map[string]string{"lint": "thumbnail-quantity-required", "build": "Quantity"}},
		{"history: time from 1 to 12", []change{{old: "              minimum: 0\n              maximum: 100\n              default: 12\n", new: "              minimum: 1\n              maximum: 12\n              default: 12\n"}}, "thumbnail.time", map[string]string{"documents": "thumbnail.time integer differs"}},
		{"history: not published by default", []change{{old: "              default: 1\n              x-page: 'Table 3, auto_publish'", new: "              default: 0\n              x-page: 'Table 3, auto_publish'"}}, "auto_publish", map[string]string{"documents": "auto_publish integer differs"}},
		{"history: tags of 16 characters", []change{{old: "^([^,]{1,24}(,[^,]{1,24}){0,15})?$", new: "^([^,]{1,16}(,[^,]{1,16}){0,15})?$"}, {old: "tags of 1 to 24 characters", new: "tags of 1 to 16 characters"}}, "tags",
			map[string]string{"documents": "tags string differs"}},
		{"history: a review names its template", []change{{old: "          properties:\n            template_id:", new: "          required: [template_id]\n          properties:\n            template_id:"}}, "review.template_id", nil},
	}
	if os.Getenv("VOD_EVOLVE") == "" {
		evolutions = evolutions[:2]
	}
	for i, c := range evolutions {
		t.Run(c.name, func(t *testing.T) {
			t.Logf("evolution %d of %d", i+1, len(evolutions))
			servicetest.Extend(t, len(steps))
			ctx := servicetest.Context(t)
			dir := t.TempDir()
			copyTree(t, dir)
			edit(t, filepath.Join(dir, "openapi/vod-reproduction.yaml"), append(c.changes, change{old: "  version: ", end: "\n", new: "  version: 9.0.0"}))
			edit(t, filepath.Join(dir, "CHANGELOG.md"), []change{{old: "### Contract\n", new: "### Contract\n\n- reproduction 9.0.0: `" + strings.ReplaceAll(c.subjects, " ", "`, `") + "`.\n"}})
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

// mark is an object for the request to hold.
var mark = change{old: "    DumpResponse:\n", new: strings.ReplaceAll(`    Mark:
			type: object
			additionalProperties: false
			required: [at]
			properties:
				at:
					type: integer
					format: int32
					minimum: 0
					x-addition: Tried.
					description: A timestamp.
    DumpResponse:
`, "\t", "  ")}

func copyTree(t *testing.T, dir string) {
	t.Helper()
	for _, name := range tree {
		if err := os.CopyFS(filepath.Join(dir, name), os.DirFS(filepath.Join(root, name))); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"go.mod", "go.sum", "tools.go", "CHANGELOG.md", "README.md"} {
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
		before, after, ok := strings.Cut(edited, c.old)
		if !ok || c.end == "" && strings.Contains(after, c.old) {
			t.Fatalf("%s does not have %q exactly once", file, c.old)
		}
		if c.end != "" {
			if _, after, ok = strings.Cut(after, c.end); !ok {
				t.Fatalf("%s does not have %q behind %q", file, c.end, c.old)
			}
			after = c.end + after
		}
		edited = before + c.new + after
	}
	if err := os.WriteFile(file, []byte(edited), 0o600); err != nil {
		t.Fatal(err)
	}
}

// run calls go in the copy. Paths are trimmed, so that what a change does not reach is taken from the build cache; what no
// verdict depends on, vet and debugging information, is left out.
func run(ctx context.Context, dir string, args []string) (out string, failed bool) {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=-trimpath -ldflags=-w -vet=off", "GOWORK=off")
	said, err := cmd.CombinedOutput()
	return string(said), err != nil
}
