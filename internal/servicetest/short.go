package servicetest

import (
	"os/exec"
	"strings"
	"testing"
)

// SkipShort skips a test under -short, which "make test-short" sets and "make test" does not, for a reason.
func SkipShort(t testing.TB, why string) {
	t.Helper()
	if testing.Short() {
		t.Skip("not under -short: " + why)
	}
}

// NeedFFmpeg is called by what runs ffmpeg. Under -short it skips the test on a machine without; else such a machine
// fails it, so that no test of media is left out unseen.
func NeedFFmpeg(t testing.TB) {
	t.Helper()
	if _, err := exec.LookPath("ffmpeg"); err != nil {
		SkipShort(t, "this machine has no ffmpeg")
		t.Fatalf("this test needs the package ffmpeg: %v", err)
	}
}

// looksIntoMedia reports whether a service with these settings runs ffmpeg.
func looksIntoMedia(settings string) bool { return !strings.HasPrefix(settings, noMedia) }
