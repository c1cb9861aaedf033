package asset_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen"
	"github.com/vod-reproduction/vod/openapi"
	"github.com/vod-reproduction/vod/service/asset"
)

// The table has the types of the document, each once, and what they are served as cannot carry a script.
func TestMediaTypes(t *testing.T) {
	t.Parallel()
	var have []string
	for _, m := range asset.MediaTypes() {
		have = append(have, m.Name)
		if m.Demuxer == "" || m.Extension == "" || m.ContentType == "" || strings.Contains(m.ContentType, "html") {
			t.Errorf("%s is incomplete, or may carry a script: %+v", m.Name, m)
		}
		if !gen.VideoType(m.Name).Valid() {
			t.Errorf("%s is not a video type of the document", m.Name)
		}
	}
	documented := documentedTypes(t)
	for _, name := range documented {
		canonical := string(contract.Canonical(gen.VideoType(name)))
		if !slices.Contains(have, canonical) {
			t.Errorf("%s of the document is not in the table", name)
		}
		if m, ok := asset.FindMediaType(name); !ok || m.Name != canonical {
			t.Errorf("FindMediaType(%q) = %q, %v", name, m.Name, ok)
		}
	}
	if len(have) == 0 || len(slices.Compact(slices.Sorted(slices.Values(have)))) != len(have) {
		t.Errorf("the table has %d types, or one twice: %v", len(have), have)
	}
	if m, ok := asset.FindMediaType("EXE"); ok {
		t.Errorf("an unknown type is %+v", m)
	}
}

// documentedTypes returns the values of video_type in the document.
func documentedTypes(t *testing.T) (names []string) {
	t.Helper()
	_, after, ok := strings.Cut(string(openapi.Reproduction), "File format of the object")
	if !ok {
		t.Fatal("the document does not describe video_type")
	}
	_, list, ok := strings.Cut(after, "enum: [")
	if !ok {
		t.Fatal("video_type has no enum")
	}
	list, _, _ = strings.Cut(list, "]")
	for name := range strings.SplitSeq(list, ",") {
		names = append(names, strings.Trim(strings.TrimSpace(name), `"`))
	}
	return names
}
