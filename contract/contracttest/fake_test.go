package contracttest_test

import "testing"

// TestExample runs the example, which has no output of its own to be held against.
func TestExample(t *testing.T) {
	t.Parallel()
	contractOf(t)
}
