package asset_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen"
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
		if audio := contract.IsAudio(gen.VideoType(m.Name)); m.Audio != audio {
			t.Errorf("%s is audio here: %v, in the document: %v", m.Name, m.Audio, audio)
		}
	}
	documented, _ := contract.Field("video_type")
	for _, name := range documented.Enum {
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
