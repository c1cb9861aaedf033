//go:build unix

package pipeline

import "testing"

// A disk that is smaller than what a large one keeps free has room all the same.
func TestSpaceOf(t *testing.T) {
	t.Parallel()
	const mb, gb = 1 << 20, 1 << 30
	for _, c := range []struct {
		free, used int64
		want       Space
	}{
		{100 * gb, 400 * gb, Space{Free: 99 * gb, Total: 499 * gb, Kept: gb}},
		{gb, 499 * gb, Space{Free: 0, Total: 499 * gb, Kept: gb}},
		{60 * mb, 0, Space{Free: 54 * mb, Total: 54 * mb, Kept: 6 * mb}},
		{20 * mb, 40 * mb, Space{Free: 14 * mb, Total: 54 * mb, Kept: 6 * mb}},
		{mb, 59 * mb, Space{Free: -5 * mb, Total: 54 * mb, Kept: 6 * mb}},
	} {
		if got := spaceOf(c.free, c.used); got != c.want {
			t.Errorf("%d free, %d used: %+v, want %+v", c.free, c.used, got, c.want)
		}
	}
	if got, err := space(t.TempDir()); err != nil || got.Total <= 0 || got.Free > got.Total {
		t.Errorf("this disk: %+v %v", got, err)
	}
}
