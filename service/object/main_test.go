package object_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"

	"github.com/vod-reproduction/vod/service/object"
	"github.com/vod-reproduction/vod/service/object/embedded"
	"github.com/vod-reproduction/vod/service/object/objecttest"
)

const (
	accessKey = "test-access"
	secretKey = "test-secret"
)

// gateway is a real store that all tests of this package share; each takes a bucket of its own.
var (
	gateway    *embedded.Server
	gatewayDir string
)

func TestMain(m *testing.M) {
	code, err := run(m)
	if err == nil {
		err = goleak.Find(objecttest.GatewayLeaks()...)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = max(code, 1)
	}
	os.Exit(code)
}

func run(m *testing.M) (code int, err error) {
	if gatewayDir, err = os.MkdirTemp("", "object-test"); err != nil {
		return 1, err
	}
	defer os.RemoveAll(gatewayDir)
	gateway, err = embedded.Start(context.Background(),
		embedded.Config{Dir: gatewayDir, AccessKey: accessKey, SecretKey: secretKey})
	if err != nil {
		return 1, err
	}
	code = m.Run()
	return code, gateway.Close()
}

func client(t testing.TB, endpoint string, change func(*object.Config)) *object.S3 {
	t.Helper()
	c := object.Config{Endpoint: endpoint, AccessKey: accessKey, SecretKey: secretKey, Attempts: 1}
	if change != nil {
		change(&c)
	}
	s, err := object.NewS3(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.CloseIdleConnections)
	return s
}

func inParts(c *object.Config) { *c = objecttest.PartsConfig(*c) }

func unsaved(context.Context, object.Cursor) error { return nil }

// uploads are the unfinished uploads of a bucket of the gateway.
func uploads(t *testing.T, bucket string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(gatewayDir, "objects", bucket, ".sgwtmp/multipart/*/*"))
	if err != nil {
		t.Fatal(err)
	}
	return found
}
