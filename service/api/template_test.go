package api

import (
	"encoding/json"
	"testing"

	"github.com/vod-reproduction/vod/gen/companions"
	"github.com/vod-reproduction/vod/service/config"
)

// TestTemplateGroups selects from three groups, and counts those on all pages.
func TestTemplateGroups(t *testing.T) {
	t.Parallel()
	all := []config.TemplateGroup{{Name: "a"}, {Name: "b"}, {Name: "c"}}
	for name, c := range map[string]struct {
		params companions.ListTemplateGroupParams
		want   []string
		total  int32
	}{
		"all":              {want: []string{"a", "b", "c"}, total: 3},
		"first page":       {companions.ListTemplateGroupParams{Size: new(int32(2))}, []string{"a", "b"}, 3},
		"last page":        {companions.ListTemplateGroupParams{Page: new(int32(1)), Size: new(int32(2))}, []string{"c"}, 3},
		"behind the last":  {companions.ListTemplateGroupParams{Page: new(int32(1<<31 - 1)), Size: new(int32(100))}, nil, 3},
		"one":              {companions.ListTemplateGroupParams{GroupID: new("b"), Page: new(int32(7))}, []string{"b"}, 1},
		"none of the ID":   {companions.ListTemplateGroupParams{GroupID: new("d")}, nil, 0},
		"not the default":  {companions.ListTemplateGroupParams{Status: new(companions.TemplateStatusOther)}, []string{"a", "b", "c"}, 3},
		"the default":      {companions.ListTemplateGroupParams{Status: new(companions.TemplateStatusDefault)}, nil, 0},
		"one, not default": {companions.ListTemplateGroupParams{GroupID: new("b"), Status: new(companions.TemplateStatusDefault)}, nil, 0},
	} {
		got := templateGroups(all, c.params)
		same := len(got.TemplateGroupList) == len(c.want) && got.Total == c.total
		for i := 0; same && i < len(c.want); i++ {
			same = got.TemplateGroupList[i].Name == c.want[i]
		}
		if text, _ := json.Marshal(got); !same {
			t.Errorf("%s: %s, want %v of %d", name, text, c.want, c.total)
		}
	}
}

// TestTemplateQuality has the classes of heights with their bounds.
func TestTemplateQuality(t *testing.T) {
	t.Parallel()
	for height, want := range map[int]companions.TemplateQuality{
		32: "FLUENT", 478: "FLUENT", 480: "SD", 718: "SD", 720: "HD", 1078: "HD", 1080: "FULL_HD", 1438: "FULL_HD",
		1440: "2K", 2158: "2K", 2160: "4K", 4320: "4K",
	} {
		if got := templateQuality(height); got != want || !got.Valid() {
			t.Errorf("%d pixels: %s, want %s", height, got, want)
		}
	}
}
