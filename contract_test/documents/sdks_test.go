package documents_test

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/vod-reproduction/vod/tools/oracle"
)

// TestSDKTable holds the table of the SDK's calls against the documents: it says of exactly their operations that they are
// served.
func TestSDKTable(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/sdks.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := regexp.MustCompile("(?m)^\\| `[A-Za-z0-9]+` \\| `([A-Z]+ /[^`]+)` \\| (yes)? ?\\|$").FindAllStringSubmatch(string(text), -1)
	if len(rows) != 82 {
		t.Errorf("the table has %d calls, the SDK 82", len(rows))
	}
	said := map[string]bool{}
	for _, row := range rows {
		if row[2] == "yes" {
			said[row[1]] = true
		}
	}
	served := map[string]bool{}
	for _, document := range documents {
		for path, item := range must(oracle.Load(document)).Paths.Map() {
			for method := range item.Operations() {
				served[strings.ToUpper(method)+" "+path] = true
			}
		}
	}
	if !maps.Equal(said, served) {
		t.Errorf("the table says that %q are served; the documents have %q", slices.Sorted(maps.Keys(said)), slices.Sorted(maps.Keys(served)))
	}
}
