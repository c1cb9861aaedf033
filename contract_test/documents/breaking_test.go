package documents_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vod-reproduction/vod/openapi"
)

// baseline is the document as callers last got it. A release replaces it.
const baseline = "testdata/baseline/vod-reproduction.yaml"

// breaks compares a document with the baseline and names the changes that break callers.
func breaks(t *testing.T, document string) (changes string, broken bool) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "-C", tools, "tool", "oasdiff", "breaking", "--fail-on", "WARN", absolute(t, baseline), absolute(t, document)).CombinedOutput()
	var exit *exec.ExitError
	if err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 1) {
		t.Fatalf("oasdiff: %v\n%s", err, out)
	}
	return string(out), err != nil
}

// absolute makes a path good for a process in another directory.
func absolute(t *testing.T, path string) string {
	t.Helper()
	abs, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	return abs
}

// TestNothingBreaksCallers names every change against the baseline that a caller would notice.
func TestNothingBreaksCallers(t *testing.T) {
	t.Parallel()
	if changes, broken := breaks(t, "../../openapi/vod-reproduction.yaml"); broken {
		t.Errorf("the document breaks callers of the baseline:\n%s", changes)
	}
}

// TestBreaksAreFound makes changes that break callers and some that do not.
func TestBreaksAreFound(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, old, new string
		broken         bool
	}{
		{"a shorter title", "maxLength: 128", "maxLength: 127", true},
		{"a longer title", "maxLength: 128", "maxLength: 129", false},
		{"a format less", "enum: [MP4, TS, MOV,", "enum: [MP4, MOV,", true},
		{"a mandatory member more", "required: [video_type, title, input]", "required: [video_type, title, input, tags]", true},
		{"a member of another type", "            tags:\n              type: string\n              pattern: ^([^,]{1,24}(,[^,]{1,24}){0,15})?$",
			"            tags:\n              type: integer", true},
		{"a rule more", "      allOf:\n        - x-rule: hls-tenant-storage",
			"      allOf:\n        - not:\n            required: [tags]\n        - x-rule: hls-tenant-storage", true},
		{"an answer without asset_id", "required: [asset_id]", "required: []", true},
		{"another path", "/asset/reproduction:", "/asset/dump:", true},
	}
	for _, test := range tests {
		if strings.Count(string(openapi.Reproduction), test.old) != 1 {
			t.Errorf("%s: the document does not have %q exactly once", test.name, test.old)
			continue
		}
		edited := filepath.Join(t.TempDir(), "edited.yaml")
		if err := os.WriteFile(edited, []byte(strings.Replace(string(openapi.Reproduction), test.old, test.new, 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		if changes, broken := breaks(t, edited); broken != test.broken {
			t.Errorf("%s: broken = %v\n%s", test.name, broken, changes)
		}
	}
}
