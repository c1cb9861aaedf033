package contract_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/vod-reproduction/vod/contract"
	"github.com/vod-reproduction/vod/gen/companions"
)

// TestTimeExists holds the document's pattern of a time against the calendar of package time.
func TestTimeExists(t *testing.T) {
	t.Parallel()
	var all []string
	for _, year := range []int{0, 4, 100, 400, 1900, 1999, 2000, 2024, 2026, 2096, 2100, 9999} {
		for month := range 14 {
			for day := range 33 {
				all = append(all, fmt.Sprintf("%04d%02d%02d235959", year, month, day))
			}
		}
	}
	for n := range 100 {
		all = append(all, fmt.Sprintf("20260116%02d0000", n), fmt.Sprintf("2026011600%02d00", n), fmt.Sprintf("202601160000%02d", n))
	}
	all = append(all, "", "2026", "20260116 80000", "2026011608000", "202601160800000", "２０２６０１１６０８００００")
	for _, text := range all {
		_, err := time.Parse(contract.TimeLayout, text)
		accepted := contract.Check(&companions.ShowAssetMetaParams{EndTime: &text}).Err() == nil
		if accepted != (err == nil) {
			t.Errorf("%q: accepted %v, but package time says %v", text, accepted, err)
		}
	}
}
