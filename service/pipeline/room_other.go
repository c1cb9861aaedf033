//go:build !unix

package pipeline

import "math"

// free knows nothing of the disk here: a full one shows when it is written to.
func free(string) (int64, error) { return math.MaxInt64, nil }
