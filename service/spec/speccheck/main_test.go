package main

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vod-reproduction/vod/service/spec"
)

const root = "../../.."

func TestRepository(t *testing.T) {
	t.Parallel()
	findings, err := check(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range findings {
		t.Error(f)
	}
}

// unreleased is a changelog before anything has changed.
const unreleased = "# Changelog\n\n## [Unreleased]\n\n### Contract\n\n- reproduction 1.0.0, companions 1.0.0: the first.\n"

// TestCheck edits what a maintainer edits: the documents of the first release, the predicates and a changelog.
func TestCheck(t *testing.T) {
	t.Parallel()
	type edit struct{ file, old, new string }
	const (
		document  = "openapi/vod-reproduction.yaml"
		related   = "openapi/vod-companions.yaml"
		predicate = "contract/rules.go"
		log       = "CHANGELOG.md"
	)
	shorter := edit{document, "maxLength: 128", "maxLength: 127"}
	for _, test := range []struct {
		name  string
		edits []edit
		want  []string // parts of findings; none at all when empty
	}{
		{"nothing", nil, nil},
		{"a mistake", []edit{{document, "maxLength: 128", "maxLenght: 128"}}, []string{"did you mean maxLength?"}},
		{"a rule without predicate", []edit{{predicate, `"review-scores":`, `"reviewscores":`}},
			[]string{"rule review-scores: is checked by no predicate", "rule reviewscores: is checked here, and no document has it"}},
		{"a breaking change", []edit{shorter},
			[]string{"info.version: is 1.", "changes that break clients need 2.0.0", "names `title`"}},
		{"a breaking change of the next major version that nobody is told of", []edit{shorter, {document, "  version: 1.", "  version: 2."}},
			[]string{"reproduction 2.", "names `title`"}},
		{"a breaking change that everybody is told of", []edit{shorter, {document, "  version: 1.", "  version: 2."},
			{log, "- reproduction 1.", "- `title` is shorter.\n- reproduction 2."}}, nil},
	} {
		t.Run(strings.ReplaceAll(test.name, " ", "_"), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for _, file := range []string{document, related, predicate, "contract/preheat.go", log} {
				text := unreleased
				if from, ok := map[string]string{document: "openapi/releases/reproduction-1.0.0.yaml", related: "openapi/releases/companions-1.0.0.yaml"}[file]; ok || file != log {
					content, err := os.ReadFile(filepath.Join(root, cmp.Or(from, file)))
					if err != nil {
						t.Fatal(err)
					}
					text = string(content)
				}
				for _, e := range test.edits {
					if e.file != file {
						continue
					}
					if !strings.Contains(text, e.old) {
						t.Fatalf("%s does not have %q", file, e.old)
					}
					text = strings.Replace(text, e.old, e.new, 1)
				}
				if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, file)), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			findings, err := check(dir)
			if err != nil {
				t.Fatal(err)
			}
			if len(test.want) == 0 && len(findings) > 0 {
				t.Errorf("found %v", findings)
			}
			for _, want := range test.want {
				if !slices.ContainsFunc(findings, func(f spec.Finding) bool { return strings.Contains(f.String(), want) }) {
					t.Errorf("no finding says %q: %v", want, findings)
				}
			}
		})
	}
}
