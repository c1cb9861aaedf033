// Package e2e_test runs the real binary, as a process of its own, and treats it badly.
package e2e_test

import (
	"os"
	"testing"

	"github.com/vod-reproduction/vod/internal/servicetest"
)

func TestMain(m *testing.M) { os.Exit(servicetest.Main(m)) }
