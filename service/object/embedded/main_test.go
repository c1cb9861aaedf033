package embedded_test

import (
	"context"
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"

	"github.com/vod-reproduction/vod/service/object/embedded"
	"github.com/vod-reproduction/vod/service/object/objecttest"
)

// childDir, set in the environment, makes this binary a server over that directory until it is killed.
const childDir = "VOD_TEST_EMBEDDED_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		serve(dir)
	}
	goleak.VerifyTestMain(m, objecttest.GatewayLeaks()...)
}

func serve(dir string) {
	s, err := embedded.Start(context.Background(), embedded.Config{Dir: dir, AccessKey: accessKey, SecretKey: secretKey})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(s.Endpoint())
	select {}
}
