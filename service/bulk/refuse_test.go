package bulk_test

import (
	"maps"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vod-reproduction/vod/service/bulk"
)

// TestRefuseWhatWasSent breaks the contract in the lines of objects that were dumped before. Each line counts once, and none
// is forgotten: the next plan with good lines sends nothing twice.
func TestRefuseWhatWasSent(t *testing.T) {
	t.Parallel()
	j := openJournal(t, filepath.Join(t.TempDir(), "run.db"))
	defer func() { _ = j.Close() }()
	good := lines(4)
	bad := ""
	for _, name := range []string{"0.mp4", "1.mp4", "2.mp4", "3.mp4"} {
		bad += `{"video_type":"XX","title":"c","input":{"bucket":"media","location":"cn-north-4","object":"` + name + `"}}` + "\n"
	}
	planText(t, j, good)
	ends := []bulk.State{bulk.Done, bulk.Failed, bulk.Accepted}
	for i, item := range items(t, j, bulk.Pending)[:3] {
		accept(t, j, item.ID)
		if ends[i] == bulk.Accepted {
			continue
		}
		if err := j.Record(item.ID, bulk.Accepted, ends[i]); err != nil {
			t.Fatal(err)
		}
	}
	before := bulk.Counts{bulk.Done: 1, bulk.Failed: 1, bulk.Accepted: 1, bulk.Pending: 1}
	for _, step := range []struct {
		name    string
		text    string
		options bulk.PlanOptions
		plan    bulk.Plan
		counts  bulk.Counts
	}{
		{"bad", bad, bulk.PlanOptions{}, bulk.Plan{Read: true, Known: 2, Changed: 2, Refused: 2},
			bulk.Counts{bulk.Done: 1, bulk.Accepted: 1, bulk.Refused: 2}},
		{"good again", good, bulk.PlanOptions{}, bulk.Plan{Read: true, Known: 3, Ready: 1, Copies: 1}, before},
		{"bad and changed", bad, bulk.PlanOptions{Changed: true}, bulk.Plan{Read: true, Refused: 4}, bulk.Counts{bulk.Refused: 4}},
		{"once more", bad, bulk.PlanOptions{Changed: true}, bulk.Plan{Read: true, Refused: 4}, bulk.Counts{bulk.Refused: 4}},
		{"good at last", good, bulk.PlanOptions{}, bulk.Plan{Read: true, Known: 3, Ready: 1, Copies: 1}, before},
	} {
		source := &bulk.Manifest{Reader: strings.NewReader(step.text)}
		plan, err := j.Plan(t.Context(), source, step.options)
		if err != nil || plan != step.plan {
			t.Errorf("%s: plan %+v, %v; want %+v", step.name, plan, err, step.plan)
		}
		counts, err := j.Counts(t.Context())
		if err != nil || !maps.Equal(counts, step.counts) {
			t.Errorf("%s: %v, %v; want %v", step.name, counts, err, step.counts)
		}
		if refused := items(t, j, bulk.Refused); len(refused) > 0 {
			if violations, err := j.Violations(t.Context(), refused[0]); err != nil || len(violations) != 1 {
				t.Errorf("%s: %v, %v", step.name, violations, err)
			}
		}
	}
}
