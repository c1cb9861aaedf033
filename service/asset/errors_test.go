package asset

import (
	"errors"
	"testing"
)

// An error without a code or words for the owner, as of events, says what it has.
func TestErrorText(t *testing.T) {
	t.Parallel()
	cause := errors.New("cause")
	for want, err := range map[string]error{
		"VOD.10003: reason: cause": Permanent("VOD.10003", "reason", cause),
		"VOD.10003: reason":        Temporary("VOD.10003", "reason", nil),
		"reason":                   Permanent("", "reason", nil),
		"cause":                    Deferred("", "", 0, cause),
	} {
		if got := err.Error(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
