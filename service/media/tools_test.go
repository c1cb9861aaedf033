package media

import "testing"

func TestIsOld(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]bool{
		"4.4.2-0ubuntu0.22.04.1": true, "5": true, "5.0.1": true, "n4.4": true,
		"5.1": false, "5.1.9-0+deb12u1": false, "6.0": false, "7.1.5-0+deb13u1": false, "n7.1": false, "8.0": false, "10.0": false,
		"N-118193-g5f38c82536": false, "2024-05-02-git-71669f2ad5": false, "git-2020-01-26-5e62100": false,
	} {
		if got := isOld(version); got != want {
			t.Errorf("%s is old: %v, want %v", version, got, want)
		}
	}
}
