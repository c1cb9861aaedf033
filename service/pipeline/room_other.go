//go:build !unix

package pipeline

import "math"

// space knows nothing of the disk here: a full one shows when it is written to.
func space(string) (Space, error) { return Space{Free: math.MaxInt64, Total: math.MaxInt64}, nil }
