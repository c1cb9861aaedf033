package documents_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/vod-reproduction/vod/openapi"
	"github.com/vod-reproduction/vod/tools/document"
)

// baseline is the document of the last release.
const baseline = "../../openapi/releases/reproduction-1.0.0.yaml"

// breaks compares a document with the baseline and names the changes that break callers. A rule that both have under one
// name counts as the same: what it accepts is compared by TestAcceptedStaysAccepted, since no diff of schemas can tell a
// rule that became looser from one that became stricter.
func breaks(t *testing.T, edited []byte) (changes string, broken bool) {
	t.Helper()
	before, after := must(document.Parse(must(os.ReadFile(baseline)))), must(document.Parse(edited))
	old, now := rules(before), rules(after)
	for name, rule := range old {
		if now[name] != nil {
			*now[name] = *rule
		}
	}
	dir := t.TempDir()
	write := func(name string, root *document.Node) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, must(yaml.Marshal(root)), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	out, err := exec.CommandContext(t.Context(), "go", "-C", tools, "tool", "oasdiff", "breaking", "--fail-on", "WARN",
		write("baseline.yaml", before), write("edited.yaml", after)).CombinedOutput()
	var exit *exec.ExitError
	if err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 1) {
		t.Fatalf("oasdiff: %v\n%s", err, out)
	}
	return string(out), err != nil
}

// rules finds every schema of a document that is a rule, by name.
func rules(node *document.Node) map[string]*document.Node {
	found := map[string]*document.Node{}
	var walk func(*document.Node)
	walk = func(node *document.Node) {
		if name := document.Get(node, "x-rule"); name != nil {
			found[name.Value] = node
		}
		for _, below := range node.Content {
			walk(below)
		}
	}
	walk(node)
	return found
}

// TestNothingBreaksCallers names every change against the baseline that a caller would notice.
func TestNothingBreaksCallers(t *testing.T) {
	t.Parallel()
	if changes, broken := breaks(t, openapi.Reproduction); broken {
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
		{"a mandatory field more", "required: [video_type, title, input]", "required: [video_type, title, input, tags]", true},
		{"a field of another type", "            tags:\n              type: string\n              pattern: ^([^,]{1,24}(,[^,]{1,24}){0,15})?$",
			"            tags:\n              type: integer", true},
		{"a rule more", "      allOf:\n        - x-rule: hls-tenant-storage",
			"      allOf:\n        - not:\n            required: [tags]\n        - x-rule: hls-tenant-storage", true},
		{"a response without asset_id", "required: [asset_id]", "required: []", true},
		{"another path", "/asset/reproduction:", "/asset/dump:", true},
	}
	for _, test := range tests {
		if strings.Count(string(openapi.Reproduction), test.old) != 1 {
			t.Errorf("%s: the document does not have %q exactly once", test.name, test.old)
			continue
		}
		edited := strings.Replace(string(openapi.Reproduction), test.old, test.new, 1)
		if changes, broken := breaks(t, []byte(edited)); broken != test.broken {
			t.Errorf("%s: broken = %v\n%s", test.name, broken, changes)
		}
	}
}
