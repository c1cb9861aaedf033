package api

import (
	"testing"
	"time"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen/companions"
)

// An asset of the second that end_time names was created at that time.
func TestQueryBoundsTime(t *testing.T) {
	second := time.Date(2026, 1, 16, 8, 0, 0, 0, time.UTC)
	at := second.Format(contract.TimeLayout)
	for name, test := range map[string]struct {
		params   companions.ShowAssetMetaParams
		from, to time.Time
	}{
		"unbounded": {},
		"from":      {companions.ShowAssetMetaParams{StartTime: &at}, second, time.Time{}},
		"to":        {companions.ShowAssetMetaParams{EndTime: &at}, time.Time{}, second.Add(999 * time.Millisecond)},
	} {
		q, violations := queryOf("project", test.params)
		if len(violations) > 0 || !q.From.Equal(test.from) || !q.To.Equal(test.to) {
			t.Errorf("%s: %v to %v, %v", name, q.From, q.To, violations)
		}
	}
}
