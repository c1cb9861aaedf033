package main

import (
	"strings"
	"testing"

	"github.com/vod-reproduction/vod/gen"
)

// Nothing but yes is taken for consent, and the person sees first what it is about.
func TestConfirmDelete(t *testing.T) {
	t.Parallel()
	c, server := startCloud()
	t.Cleanup(server.Close)
	c.assets["a1"] = &cloudAsset{request: &gen.DumpRequest{Title: "Holiday", Input: gen.FileAddr{Object: "holiday.mp4"}}}
	calls := newCloudClient(t, server)
	for typed, agreed := range map[string]bool{"y\n": true, "YES\r\n": true, "yes": true, "\n": false, "n\n": false, "": false, "yea\n": false} {
		var messages strings.Builder
		d := deletion{session: &session{in: strings.NewReader(typed), err: &messages}}
		err := d.confirm(t.Context(), calls, []string{"a1"})
		if (err == nil) != agreed {
			t.Errorf("%q: %v", typed, err)
		}
		const want = "  a1  PUBLISHED  Holiday  \nvod: delete 1 asset with all files? [y/N] "
		if messages.String() != want {
			t.Errorf("%q: the question is\n%s\nwant\n%s", typed, messages.String(), want)
		}
	}
}
