// Package bench_test measures the kit beside the official SDK, and checks that the two understand each other.
package bench_test

import (
	"os"
	"testing"

	"github.com/vod-reproduction/vod/internal/servicetest"
)

func TestMain(m *testing.M) { os.Exit(servicetest.Main(m)) }
