package seed_test

import (
	"testing"

	"github.com/vod-reproduction/vod/internal/seed"
)

func TestVODSeedRepeats(t *testing.T) {
	t.Setenv("VOD_SEED", "42")
	first, again, other := seed.Random(t, 1), seed.Random(t, 1), seed.Random(t, 2)
	a, b, c := first.Uint64(), again.Uint64(), other.Uint64()
	if a != b {
		t.Errorf("the same seed draws %d and %d", a, b)
	}
	if a == c {
		t.Errorf("two streams of a seed both draw %d", a)
	}
}
