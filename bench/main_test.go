// Package bench_test measures the kit beside the official SDK, and checks that the two understand each other.
package bench_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/vod-reproduction/vod/internal/servicetest"
)

func TestMain(m *testing.M) {
	var err error
	switch {
	case os.Getenv(clientRole) != "":
		err = dumpOnOrder()
	case os.Getenv(serverRole) != "":
		err = serve()
	default:
		os.Exit(servicetest.Main(m))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
