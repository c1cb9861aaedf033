package spec_test

import (
	"slices"
	"strings"
	"testing"
)

// history is what the API was like in 2021, each step as the edits that go back to it: pairs of texts.
var history = []struct {
	name  string
	edits []string
	// forth is what a client of 2021 meets today, back what one of today would have met then.
	forth, back []string
}{
	{
		"fewer formats", []string{"MKV, HLS, RMVB, WEBM, WebM,", "MKV, WebM,"},
		[]string{"compatible video_type: HLS added", "compatible video_type: RMVB added", "compatible video_type: WEBM added"},
		[]string{"breaking video_type: HLS removed", "breaking video_type: RMVB removed", "breaking video_type: WEBM removed"},
	},
	{
		"no rules for HLS",
		[]string{
			section(dumpDocument, "        - x-rule: hls-same-directory", "        - x-rule: same-region"), "",
			section(dumpDocument, "        - x-rule: hls-tenant-storage", "        - x-rule: tenant-storage-bucket"), "",
		},
		[]string{
			"breaking rule hls-same-directory: added: For HLS, output_bucket and output_path must be the bucket and directory of input.object.",
			"breaking rule hls-tenant-storage: added: An HLS dump stays in the tenant's bucket; set storage_mode to 1.",
		},
		[]string{"compatible rule hls-same-directory: removed", "compatible rule hls-tenant-storage: removed"},
	},
	{
		"no quantity",
		[]string{
			section(dumpDocument, "            quantity:\n", "            time:\n"), "",
			"enum: [time, dots, quantity]", "enum: [time, dots]",
		},
		[]string{"compatible thumbnail.quantity: added", "compatible thumbnail.quantity_time: added", "compatible thumbnail.type: quantity added"},
		[]string{"breaking thumbnail.quantity: removed", "breaking thumbnail.quantity_time: removed", "breaking thumbnail.type: quantity removed"},
	},
	{
		"no rules for quantity",
		[]string{
			section(dumpDocument, "        - x-rule: thumbnail-quantity-required", "        - x-rule: thumbnail-dots-required"), "",
			section(dumpDocument, "        - x-rule: thumbnail-quantity-only", "        - x-rule: thumbnail-time-only"), "",
			"enum: [dots, quantity]", "enum: [dots]",
			"enum: [time, quantity]", "enum: [time]",
		},
		[]string{
			"breaking rule thumbnail-quantity-only: added: quantity and quantity_time belong to type quantity; leave them out for the other types.",
			"breaking rule thumbnail-quantity-required: added: Snapshots by quantity need thumbnail.quantity.",
			`breaking rule thumbnail-time-only: refuses more requests: ["dots"] -> ["dots","quantity"]`,
			`breaking rule thumbnail-dots-only: refuses more requests: ["time"] -> ["time","quantity"]`,
		},
		[]string{
			"compatible rule thumbnail-quantity-only: removed", "compatible rule thumbnail-quantity-required: removed",
			`compatible rule thumbnail-time-only: refuses fewer requests: ["dots","quantity"] -> ["dots"]`,
			`compatible rule thumbnail-dots-only: refuses fewer requests: ["time","quantity"] -> ["time"]`,
		},
	},
	{
		"a narrower time", []string{"minimum: 0\n              maximum: 100\n              default: 12", "minimum: 1\n              maximum: 12\n              default: 12"},
		[]string{"compatible thumbnail.time: minimum 1 -> 0", "compatible thumbnail.time: maximum 12 -> 100"},
		[]string{"breaking thumbnail.time: minimum 0 -> 1", "breaking thumbnail.time: maximum 100 -> 12"},
	},
	{
		"not published by itself", []string{"enum: [0, 1]\n              default: 1", "enum: [0, 1]\n              default: 0"},
		[]string{"breaking auto_publish: default 0 -> 1"},
		[]string{"breaking auto_publish: default 1 -> 0"},
	},
	{
		"an optional input", []string{"required: [video_type, title, input]", "required: [video_type, title]"},
		[]string{"breaking input: optional -> mandatory"},
		[]string{"compatible input: mandatory -> optional"},
	},
	{
		"tags of 16", []string{"pattern: ^([^,]{1,24}(,[^,]{1,24}){0,15})?$", "pattern: ^([^,]{1,16}(,[^,]{1,16}){0,15})?$"},
		[]string{`breaking tags: pattern "^([^,]{1,16}(,[^,]{1,16}){0,15})?$" -> "^([^,]{1,24}(,[^,]{1,24}){0,15})?$"`},
		[]string{`breaking tags: pattern "^([^,]{1,24}(,[^,]{1,24}){0,15})?$" -> "^([^,]{1,16}(,[^,]{1,16}){0,15})?$"`},
	},
	{
		"a mandatory template",
		[]string{"          properties:\n            template_id:", "          required: [template_id]\n          properties:\n            template_id:"},
		[]string{"compatible review.template_id: mandatory -> optional"},
		[]string{"breaking review.template_id: optional -> mandatory"},
	},
}

// TestHistory replays what happened to the API from 2021 to 2026, step by step and at once, forth and back.
func TestHistory(t *testing.T) {
	t.Parallel()
	today := string(dumpDocument)
	then := today
	var forth, back []string
	for _, step := range history {
		before := today
		for pair := range slices.Chunk(step.edits, 2) {
			if strings.Count(before, pair[0]) != 1 {
				t.Fatalf("%s: the document has %q %d times", step.name, pair[0], strings.Count(before, pair[0]))
			}
			before = strings.Replace(before, pair[0], pair[1], 1)
			then = strings.Replace(then, pair[0], pair[1], 1)
		}
		forth, back = append(forth, step.forth...), append(back, step.back...)
		sameLines(t, step.name, described(changes(t, before, today)), step.forth)
		sameLines(t, step.name+", backwards", described(changes(t, today, before)), step.back)
	}
	sameLines(t, "2021 to 2026", described(changes(t, then, today)), forth)
	sameLines(t, "2026 to 2021", described(changes(t, today, then)), back)
}
