// Package seed makes random tests repeatable: each writes its seed into its log and takes it back in VOD_SEED. Tests
// with pgregory.net/rapid have that in RAPID_SEED, which the Makefile sets to VOD_SEED.
package seed

import (
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"
)

// Random returns a generator seeded with VOD_SEED, or with the time when that is not set. Generators of different
// streams are independent of each other; a generator is not safe for concurrent use.
func Random(t testing.TB, stream uint64) *rand.Rand {
	t.Helper()
	seed := uint64(time.Now().UnixNano())
	if given := os.Getenv("VOD_SEED"); given != "" {
		var err error
		if seed, err = strconv.ParseUint(given, 10, 64); err != nil {
			t.Fatal("VOD_SEED:", err)
		}
	}
	t.Logf("to repeat: VOD_SEED=%d", seed)
	return rand.New(rand.NewPCG(seed, stream)) //nolint:gosec // a test's numbers have to be predictable
}
