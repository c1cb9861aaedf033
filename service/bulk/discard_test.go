package bulk_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/vod-reproduction/vod/service/bulk"
)

// TestDiscard leaves nothing of a journal, and the next one begins anew.
func TestDiscard(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "run.db")
	for range 2 {
		j := openJournal(t, path)
		if !j.Fresh() {
			t.Error("a new journal is not fresh")
		}
		if plan := planText(t, j, lines(3)); plan.Ready != 3 {
			t.Errorf("plan %+v", plan)
		}
		if other, err := bulk.Open(t.Context(), path); !errors.Is(err, bulk.ErrInUse) {
			t.Errorf("another run: %v, %v", other, err)
		}
		if err := j.Discard(); err != nil {
			t.Error(err)
		}
		if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
			t.Errorf("%v is left, %v", left, err)
		}
		if err := j.Close(); err != nil {
			t.Errorf("closed once more: %v", err)
		}
	}
	for _, fresh := range []bool{true, false} {
		j := openJournal(t, path)
		if j.Fresh() != fresh {
			t.Errorf("fresh: %t, want %t", j.Fresh(), fresh)
		}
		if err := j.Close(); err != nil {
			t.Error(err)
		}
	}
}
